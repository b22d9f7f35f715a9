//! Rows of `chain_deposits`.

use bigdecimal::BigDecimal;
use diesel::prelude::*;
use domain::address::Network;
use domain::chain::arrival::Return;
use domain::chain::{Arrival, BlockRef, Sighting};
use domain::ids::OrderId;
use domain::money::Crypto;
use domain::offer::Asset;
use domain::order::DepositId;
use domain::ports::StoreError;
use time::OffsetDateTime;
use uuid::Uuid;

use super::chain::{height_from, stage_from};
use crate::error::corrupt;
use crate::schema::chain_deposits;

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = chain_deposits, check_for_backend(diesel::pg::Pg))]
pub(crate) struct ArrivalRow {
    network: String,
    tx_hash: String,
    ordinal: i32,
    token: String,
    asset: Option<String>,
    from_address: String,
    to_address: String,
    units: BigDecimal,
    amount: Option<i64>,
    block_height: i64,
    block_hash: String,
    block_time: OffsetDateTime,
    order_id: Uuid,
    stage: String,
    told: Option<String>,
    troubles: i32,
    detected_at: OffsetDateTime,
    returned: Option<String>,
}

impl ArrivalRow {
    fn wrong(&self, what: &str) -> StoreError {
        corrupt(what, format!("arrival {}:{}", self.tx_hash, self.ordinal))
    }

    fn id(&self) -> Result<DepositId, StoreError> {
        Ok(DepositId {
            network: Network::parse(&self.network).ok_or_else(|| self.wrong("network"))?,
            tx_hash: self.tx_hash.clone(),
            ordinal: u32::try_from(self.ordinal).map_err(|_| self.wrong("ordinal"))?,
        })
    }

    fn sighting(&self) -> Result<Sighting, StoreError> {
        let asset = self.asset.as_deref();
        let asset = asset.map(|asset| Asset::parse(asset).ok_or_else(|| self.wrong("asset")));
        let amount = self.amount;
        let amount =
            amount.map(|minor| Crypto::from_minor(minor).ok_or_else(|| self.wrong("amount")));
        let height = height_from(self.block_height).ok_or_else(|| self.wrong("height"))?;
        Ok(Sighting {
            id: self.id()?,
            token: self.token.clone(),
            asset: asset.transpose()?,
            from: self.from_address.clone(),
            to: self.to_address.clone(),
            units: self.units.to_plain_string(),
            amount: amount.transpose()?,
            block: BlockRef { height, hash: self.block_hash.clone() },
            block_time: self.block_time,
        })
    }
}

impl TryFrom<ArrivalRow> for Arrival {
    type Error = StoreError;

    fn try_from(row: ArrivalRow) -> Result<Self, StoreError> {
        let returned = row.returned.as_deref();
        let returned = returned.map(|it| Return::parse(it).ok_or_else(|| row.wrong("returned")));
        let told = row.told.as_deref();
        let told = told.map(|told| stage_from(told).ok_or_else(|| row.wrong("told")));
        Ok(Self {
            sighting: row.sighting()?,
            order_id: OrderId(row.order_id),
            stage: stage_from(&row.stage).ok_or_else(|| row.wrong("stage"))?,
            told: told.transpose()?,
            detected_at: row.detected_at,
            troubles: row.troubles,
            returned: returned.transpose()?,
        })
    }
}
