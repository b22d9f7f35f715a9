//! The bench's orders as the domain makes them: states, evidence and histories sealed by the same
//! code that seals the service's.

use crate::world::{
    BUYERS, Block, CALLERS, COINS, CUSTOMER_PREFIX, OFFER_PREFIX, OFFERS, RATE, VENDOR_PREFIX,
    VENDORS, WALLET, uuid,
};
use anyhow::{Context, Result};
use domain::address::{ChainAddress, Network};
use domain::ids::{OfferId, OrderId, PartyId};
use domain::money::{Crypto, Fiat};
use domain::offer::Asset;
use domain::order::{
    CancelReason, Delivery, Evidence, HistoryEntry, Order, OrderState, OrderType, Payment,
};
use domain::party::Msisdn;
use domain::rate::Rate;
use domain::testing::samples;
use time::{Duration, OffsetDateTime};

const COIN_MINOR: i64 = 100_000_000;

/// What a block of orders is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The past: mostly final orders, of all customers.
    Past,
    /// Orders that the service's callers are going to cancel.
    ForService,
    /// Orders that pgbench is going to cancel.
    ForPgbench,
}

/// An order with its whole history.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) order: Order,
    pub(crate) history: Vec<HistoryEntry>,
}

/// Which customer order `n` belongs to.
fn customer_of(n: i64, purpose: Purpose) -> i64 {
    match purpose {
        Purpose::Past => n % BUYERS,
        Purpose::ForService => n % CALLERS,
        Purpose::ForPgbench => CALLERS + n % CALLERS,
    }
}

/// Three per cent are open, all among the youngest tenth; of the others every tenth was cancelled.
fn state_of(n: i64, block: &Block, purpose: Purpose) -> OrderState {
    let is_young = n >= block.count - block.count / 10;
    match (purpose, n % 10) {
        (Purpose::ForService | Purpose::ForPgbench, _) => awaiting(),
        (Purpose::Past, 0 | 1) if is_young => awaiting(),
        (Purpose::Past, 2) if is_young => OrderState::Delivering,
        (Purpose::Past, 3) => OrderState::Cancelled { reason: CancelReason::Expired },
        (Purpose::Past, _) => OrderState::Completed,
    }
}

fn awaiting() -> OrderState {
    OrderState::AwaitingPayment { collection: None }
}

/// Order `n` of the block, open until `expires_at` if it is open.
pub(crate) fn tell(
    n: i64,
    block: &Block,
    purpose: Purpose,
    expires_at: OffsetDateTime,
) -> Result<Told> {
    let coins = match purpose {
        Purpose::Past => 1 + n % 50,
        Purpose::ForService | Purpose::ForPgbench => COINS,
    };
    let created_at = block.created_at(n);
    let order = Order {
        id: OrderId(block.order_id(n)),
        order_type: OrderType::OnRampBuy,
        customer_id: PartyId(uuid(CUSTOMER_PREFIX, customer_of(n, purpose))),
        vendor_id: PartyId(uuid(VENDOR_PREFIX, n % OFFERS % VENDORS)),
        offer_id: OfferId(uuid(OFFER_PREFIX, n % OFFERS)),
        asset: Asset::Usdt,
        crypto: Crypto::from_minor(coins * COIN_MINOR).context("an amount of coin")?,
        fiat: Fiat::from_minor(coins * RATE * 100).context("an amount of shillings")?,
        rate: Rate::from_cents(RATE * 100).context("a rate")?,
        wallet: ChainAddress::trusted(Network::Tron, WALLET.to_owned()),
        payout_phone: None,
        escrow: None,
        state: awaiting(),
        state_since: created_at,
        evidence: Evidence::default(),
        expires_at,
        created_at,
        updated_at: created_at,
        completed_at: None,
        version: 1,
        head: [0; 32],
    };
    let placement = samples::placement_of(order);
    let (mut order, mut history) = (placement.order, vec![placement.entry]);
    let state = state_of(n, block, purpose);
    if state != order.state {
        let (moved, entry) = samples::moved(&order, state);
        order = moved;
        history.push(entry);
    }
    if order.state.is_final() {
        order.expires_at = created_at + Duration::minutes(30);
    }
    if matches!(order.state, OrderState::Completed | OrderState::Delivering) {
        order.evidence = evidence(n, &order)?;
    }
    Ok(Told { order, history })
}

fn evidence(n: i64, order: &Order) -> Result<Evidence> {
    let phone = Msisdn::parse(&format!("2547{n:08}"))?;
    let delivered = order.state == OrderState::Completed;
    Ok(Evidence {
        payments: vec![Payment {
            receipt: format!("SK{n:08X}"),
            amount: order.collection_due(),
            phone: phone.clone(),
        }],
        payer_phone: Some(phone),
        delivery: delivered.then(|| Delivery { tx_hash: format!("{n:064x}"), is_final: true }),
        ..Evidence::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histories_are_whole_and_sealed() {
        let block = Block { start_ms: 1_790_000_000_000, step_ms: 10, count: 1_000 };
        let expires_at = block.created_at(2_000);
        let mut open = 0;
        for n in 0..block.count {
            let Told { order, history } =
                tell(n, &block, Purpose::Past, expires_at).expect("an order");
            assert_eq!(usize::try_from(order.version), Ok(history.len()));
            assert_eq!(history.last().map(|entry| entry.hash), Some(order.head));
            assert!(history.iter().all(HistoryEntry::is_intact));
            open += i32::from(!order.state.is_final());
        }
        assert_eq!(open, 30);
    }
}
