//! Rows of `orders`: the nullable columns of all states meet the state enum here, and only here.

use bigdecimal::BigDecimal;
use diesel::prelude::*;
use domain::address::{ChainAddress, Network};
use domain::ids::{CollectionId, OfferId, OrderId, PartyId};
use domain::money::{Crypto, Fiat};
use domain::offer::Asset;
use domain::order::{
    CancelReason, Escrow, Evidence, HoldReason, Order, OrderState, OrderType, RefundReason,
};
use domain::party::Msisdn;
use domain::ports::StoreError;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::rate_from;
use crate::error::corrupt;
use crate::schema::orders;

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = orders, check_for_backend(diesel::pg::Pg))]
pub(crate) struct OrderRow {
    id: Uuid,
    order_type: String,
    customer_id: Uuid,
    vendor_id: Uuid,
    offer_id: Uuid,
    asset: String,
    crypto_amount: i64,
    fiat_amount: i64,
    rate: BigDecimal,
    network: String,
    wallet_address: String,
    payout_phone: Option<String>,
    escrow_address: Option<String>,
    escrow_index: Option<i32>,
    escrow_reference: Option<Uuid>,
    state: String,
    state_reason: Option<String>,
    collection_id: Option<Uuid>,
    held_state: Option<Value>,
    state_since: OffsetDateTime,
    evidence: Option<Value>,
    expires_at: OffsetDateTime,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
    completed_at: Option<OffsetDateTime>,
    version: i32,
    head: Vec<u8>,
}

/// What of an order changes after it was placed.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = orders, treat_none_as_null = true)]
pub(crate) struct OrderProgress {
    pub(crate) state: &'static str,
    pub(crate) status: &'static str,
    pub(crate) state_reason: Option<String>,
    pub(crate) collection_id: Option<Uuid>,
    held_state: Option<Value>,
    state_since: OffsetDateTime,
    evidence: Option<Value>,
    updated_at: OffsetDateTime,
    completed_at: Option<OffsetDateTime>,
    version: i32,
    head: Vec<u8>,
}

impl TryFrom<&Order> for OrderProgress {
    type Error = StoreError;

    fn try_from(order: &Order) -> Result<Self, StoreError> {
        let (state_reason, collection_id, was) = match &order.state {
            OrderState::AwaitingPayment { collection } => (None, collection.map(|id| id.0), None),
            OrderState::Cancelled { reason } => (Some(reason.as_str().to_owned()), None, None),
            OrderState::Refunding { reason } | OrderState::Refunded { reason } => {
                (Some(reason.as_str().to_owned()), None, None)
            }
            OrderState::OnHold { was, reason } => {
                (Some(reason.as_str().to_owned()), None, Some(was))
            }
            OrderState::Delivering
            | OrderState::DeliveryConfirming
            | OrderState::AwaitingDeposit
            | OrderState::DepositConfirming
            | OrderState::PayingOut
            | OrderState::Completed => (None, None, None),
        };
        let json = |value: serde_json::Result<Value>| value.map_err(|_| corrupt("json", order.id));
        let evidence = (order.evidence != Evidence::default()).then_some(&order.evidence);
        Ok(Self {
            state: order.state.label(),
            status: order.status().as_str(),
            state_reason,
            collection_id,
            held_state: was.map(|was| json(serde_json::to_value(was))).transpose()?,
            state_since: order.state_since,
            evidence: evidence.map(|e| json(serde_json::to_value(e))).transpose()?,
            updated_at: order.updated_at,
            completed_at: order.completed_at,
            version: order.version,
            head: order.head.to_vec(),
        })
    }
}

impl OrderRow {
    fn wrong(&self, what: &str) -> StoreError {
        corrupt(what, self.id)
    }

    fn order_state(&self) -> Result<OrderState, StoreError> {
        let reason = self.state_reason.as_deref();
        let state = state_from(&self.state, reason, self.collection_id, self.held_state.as_ref());
        state.ok_or_else(|| self.wrong("state"))
    }

    fn escrow(&self, network: Network) -> Result<Option<Escrow>, StoreError> {
        let parts = (self.escrow_address.clone(), self.escrow_index, self.escrow_reference);
        let (Some(address), Some(index), Some(reference)) = parts else {
            return Ok(None);
        };
        let index = u32::try_from(index).map_err(|_| self.wrong("escrow_index"))?;
        Ok(Some(Escrow { address: ChainAddress::trusted(network, address), index, reference }))
    }
}

impl TryFrom<OrderRow> for Order {
    type Error = StoreError;

    fn try_from(row: OrderRow) -> Result<Self, StoreError> {
        let network = Network::parse(&row.network).ok_or_else(|| row.wrong("network"))?;
        let state = row.order_state()?;
        let escrow = row.escrow(network)?;
        let evidence = row.evidence.clone().map(serde_json::from_value);
        let phone = row.payout_phone.as_deref().map(Msisdn::parse).transpose();
        Ok(Self {
            id: OrderId(row.id),
            order_type: OrderType::parse(&row.order_type).ok_or_else(|| row.wrong("order_type"))?,
            customer_id: PartyId(row.customer_id),
            vendor_id: PartyId(row.vendor_id),
            offer_id: OfferId(row.offer_id),
            asset: Asset::parse(&row.asset).ok_or_else(|| row.wrong("asset"))?,
            crypto: Crypto::from_minor(row.crypto_amount)
                .ok_or_else(|| row.wrong("crypto_amount"))?,
            fiat: Fiat::from_minor(row.fiat_amount).ok_or_else(|| row.wrong("fiat_amount"))?,
            rate: rate_from(&row.rate).ok_or_else(|| row.wrong("rate"))?,
            payout_phone: phone.map_err(|_| row.wrong("payout_phone"))?,
            evidence: evidence.transpose().map_err(|_| row.wrong("evidence"))?.unwrap_or_default(),
            head: row.head.as_slice().try_into().map_err(|_| row.wrong("head"))?,
            wallet: ChainAddress::trusted(network, row.wallet_address),
            escrow,
            state,
            state_since: row.state_since,
            expires_at: row.expires_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
            completed_at: row.completed_at,
            version: row.version,
        })
    }
}

/// A state from its columns; `None` when they do not go together.
pub(crate) fn state_from(
    label: &str,
    reason: Option<&str>,
    collection: Option<Uuid>,
    held: Option<&Value>,
) -> Option<OrderState> {
    let refund = || RefundReason::parse(reason?);
    Some(match label {
        "awaiting_payment" => {
            OrderState::AwaitingPayment { collection: collection.map(CollectionId) }
        }
        "delivering" => OrderState::Delivering,
        "delivery_confirming" => OrderState::DeliveryConfirming,
        "awaiting_deposit" => OrderState::AwaitingDeposit,
        "deposit_confirming" => OrderState::DepositConfirming,
        "paying_out" => OrderState::PayingOut,
        "completed" => OrderState::Completed,
        "cancelled" => OrderState::Cancelled { reason: CancelReason::parse(reason?)? },
        "refunding" => OrderState::Refunding { reason: refund()? },
        "refunded" => OrderState::Refunded { reason: refund()? },
        "on_hold" => OrderState::OnHold {
            was: Box::new(serde_json::from_value(held?.clone()).ok()?),
            reason: HoldReason::parse(reason?)?,
        },
        _ => return None,
    })
}
