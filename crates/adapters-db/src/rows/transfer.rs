//! Rows of `chain_transfers`.

use bigdecimal::BigDecimal;
use diesel::prelude::*;
use domain::address::Network;
use domain::chain::transfer::{Plan, TransferState, Wallet};
use domain::chain::{Attempt, Transfer, Value, from_chain_units};
use domain::ids::OrderId;
use domain::offer::Asset;
use domain::ports::StoreError;
use serde_json::Value as Json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::chain::uint64_from;
use crate::error::corrupt;
use crate::schema::chain_transfers;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = chain_transfers, check_for_backend(diesel::pg::Pg))]
pub(crate) struct TransferRow {
    key: String,
    order_id: Uuid,
    kind: String,
    purpose: Json,
    network: String,
    escrow_index: Option<i32>,
    from_address: String,
    to_address: String,
    asset: Option<String>,
    units: BigDecimal,
    state: String,
    reviewed: bool,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

impl TryFrom<&Transfer> for TransferRow {
    type Error = StoreError;

    fn try_from(transfer: &Transfer) -> Result<Self, StoreError> {
        let plan = &transfer.plan;
        let wrong = |what: &str| StoreError::Rejected(format!("{what} of {}", plan.key).into());
        let units = plan.value.units().ok_or_else(|| wrong("amount"))?;
        let escrow_index = match plan.wallet {
            Wallet::Hot => None,
            Wallet::Escrow(index) => Some(i32::try_from(index).map_err(|_| wrong("index"))?),
        };
        Ok(Self {
            key: plan.key.clone(),
            order_id: plan.order_id.0,
            kind: plan.purpose.as_str().to_owned(),
            purpose: serde_json::to_value(&plan.purpose).map_err(|_| wrong("purpose"))?,
            network: plan.network.as_str().to_owned(),
            escrow_index,
            from_address: plan.from.clone(),
            to_address: plan.to.clone(),
            asset: plan.value.asset().map(|asset| asset.as_str().to_owned()),
            units: BigDecimal::from(units),
            state: transfer.state.as_str().to_owned(),
            reviewed: transfer.reviewed,
            created_at: transfer.created_at,
            updated_at: transfer.updated_at,
        })
    }
}

impl TransferRow {
    fn wrong(&self, what: &str) -> StoreError {
        corrupt(what, format!("transfer {}", self.key))
    }

    fn value(&self) -> Result<Value, StoreError> {
        let units = uint64_from(&self.units).ok_or_else(|| self.wrong("units"))?;
        let Some(asset) = self.asset.as_deref() else { return Ok(Value::Native { units }) };
        let asset = Asset::parse(asset).ok_or_else(|| self.wrong("asset"))?;
        let amount = from_chain_units(units).ok_or_else(|| self.wrong("amount"))?;
        Ok(Value::Coin { asset, amount })
    }

    fn wallet(&self) -> Result<Wallet, StoreError> {
        let Some(index) = self.escrow_index else { return Ok(Wallet::Hot) };
        u32::try_from(index).map(Wallet::Escrow).map_err(|_| self.wrong("index"))
    }

    fn plan(&self) -> Result<Plan, StoreError> {
        let purpose = serde_json::from_value(self.purpose.clone());
        Ok(Plan {
            key: self.key.clone(),
            order_id: OrderId(self.order_id),
            purpose: purpose.map_err(|_| self.wrong("purpose"))?,
            network: Network::parse(&self.network).ok_or_else(|| self.wrong("network"))?,
            wallet: self.wallet()?,
            from: self.from_address.clone(),
            to: self.to_address.clone(),
            value: self.value()?,
        })
    }
}

/// The transfer of a row and of the rows of what was signed for it.
pub(crate) fn transfer_from(
    row: &TransferRow,
    attempts: Vec<Attempt>,
) -> Result<Transfer, StoreError> {
    Ok(Transfer {
        plan: row.plan()?,
        state: TransferState::parse(&row.state).ok_or_else(|| row.wrong("state"))?,
        attempts,
        reviewed: row.reviewed,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
