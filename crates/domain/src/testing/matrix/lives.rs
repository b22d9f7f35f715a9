//! Whole lives of orders: everything that can be told, told to an order in any sequence, and what came
//! of it. For tests that ask what holds whatever happens.

use std::collections::BTreeMap;

use super::facts::{
    ATTEMPT, OTHER_ATTEMPT, arrived, broadcast, cancel, collection_accepted, collection_failed,
    deadline, delivered, delivery_failed, delivery_stopped, deposit, deposit_id, due, extra, late,
    orphaned, paid, paid_out, payout_accepted, payout_failed, refund_failed, refund_started,
    refunded, seen, start_payment,
};
use crate::address::{ChainAddress, Network};
use crate::offer::Asset;
use crate::order::{
    CancelledBy, Effect, Order, OrderEvent, OrderStatus, PayoutFailure, Ramp, RefundOf, Transition,
    transition,
};
use crate::testing::samples::{NOW, crypto, fiat, order, place_buy, place_sell};

/// What an order trades, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trade {
    pub ramp: Ramp,
    pub asset: Asset,
    pub network: Network,
}

impl Trade {
    pub const ALL: [Self; 8] = [
        Self::new(Ramp::On, Asset::Usdt, Network::Tron),
        Self::new(Ramp::On, Asset::Usdt, Network::Ethereum),
        Self::new(Ramp::On, Asset::Usdc, Network::Tron),
        Self::new(Ramp::On, Asset::Usdc, Network::Ethereum),
        Self::new(Ramp::Off, Asset::Usdt, Network::Tron),
        Self::new(Ramp::Off, Asset::Usdt, Network::Ethereum),
        Self::new(Ramp::Off, Asset::Usdc, Network::Tron),
        Self::new(Ramp::Off, Asset::Usdc, Network::Ethereum),
    ];

    const fn new(ramp: Ramp, asset: Asset, network: Network) -> Self {
        Self { ramp, asset, network }
    }

    /// The sample order of this trade, to which nothing has happened. Its amount of coin has more
    /// places than a chain.
    pub fn order(self) -> Order {
        let command = if self.ramp == Ramp::On { place_buy() } else { place_sell() };
        let order = order(&command, 1);
        let wallet = ChainAddress::trusted(self.network, order.wallet.as_str().to_owned());
        let amount = if self.ramp == Ramp::On { "1200.00000099" } else { "799.98999901" };
        Order { asset: self.asset, wallet, crypto: crypto(amount), ..order }
    }

    /// The event where it is about this trade's network.
    fn here(self, mut event: OrderEvent) -> OrderEvent {
        if let OrderEvent::DepositSeen { deposit } | OrderEvent::DepositFinal { deposit } =
            &mut event
        {
            deposit.id.network = self.network;
        }
        if let OrderEvent::DepositOrphaned { id } = &mut event {
            id.network = self.network;
        }
        event
    }
}

/// Few enough things that every sequence tells some of them twice. A deposit's hash says its amount.
pub fn told_to_any(trade: Trade) -> Vec<OrderEvent> {
    let mut events = deposit_facts();
    events.extend(requests());
    events.extend(payment_facts());
    events.extend(delivery_facts());
    events.extend(payout_facts());
    events.extend(refund_facts());
    events.into_iter().map(|event| trade.here(event)).collect()
}

fn deposit_facts() -> Vec<OrderEvent> {
    let deposits = ["799.99", "300", "499.99", "850"];
    let deposit = |amount: &'static str| deposit(amount, crypto(amount));
    let mut events: Vec<_> = deposits.into_iter().map(|amount| seen(deposit(amount))).collect();
    events.extend(deposits.map(|amount| arrived(deposit(amount))));
    events.extend(deposits.map(|amount| orphaned(deposit_id(amount))));
    events.extend([
        seen(late(deposit("300"))),
        arrived(late(deposit("300"))),
        arrived(late(deposit("799.99"))),
    ]);
    events
}

fn requests() -> Vec<OrderEvent> {
    let mut events = vec![cancel(CancelledBy::Customer), deadline(NOW), deadline(due())];
    events.extend([OrderEvent::Hold, OrderEvent::Resume, OrderEvent::Resume, OrderEvent::Refund]);
    events.extend([ATTEMPT, OTHER_ATTEMPT].map(|id| start_payment(id, NOW)));
    events.extend([OrderEvent::DeliveryStarted, OrderEvent::PayoutStarted]);
    events.extend([RefundOf::Order, extra("excess"), extra("A"), extra("B")].map(refund_started));
    events
}

fn payment_facts() -> Vec<OrderEvent> {
    let mut events = vec![paid("C", fiat("175000")), paid("D", fiat("1"))];
    events.extend(["A", "B"].map(|receipt| paid(receipt, fiat("175200"))));
    events.extend([ATTEMPT, OTHER_ATTEMPT].map(collection_accepted));
    events.extend([ATTEMPT, OTHER_ATTEMPT].map(collection_failed));
    events
}

fn delivery_facts() -> Vec<OrderEvent> {
    let hashes = ["0xsent", "0xbump"];
    let kinds = [broadcast, delivered, delivery_stopped, delivery_failed];
    kinds.into_iter().flat_map(|kind| hashes.map(kind)).collect()
}

fn payout_facts() -> Vec<OrderEvent> {
    let mut events: Vec<_> = ["AG_1", "AG_2"].map(payout_accepted).into();
    events.extend(["PAYOUT", "SECOND"].map(paid_out));
    events.extend(
        [PayoutFailure::Receiver, PayoutFailure::Sender, PayoutFailure::Float].map(payout_failed),
    );
    events
}

fn refund_facts() -> Vec<OrderEvent> {
    let mut events = vec![refunded(RefundOf::Order, "REFUND"), refunded(RefundOf::Order, "TWICE")];
    events.extend([RefundOf::Order, extra("excess")].map(refund_failed));
    let extras = ["A", "B", "C", "D", "excess", "300:0", "850:0", "799.99:0"];
    events.extend(extras.map(|cause| refunded(extra(cause), cause)));
    events
}

/// The straight way of each flow; a sequence begins with some of it, to get anywhere.
pub fn straight_way(trade: Trade) -> Vec<OrderEvent> {
    let events = match trade.ramp {
        Ramp::On => vec![
            start_payment(ATTEMPT, NOW),
            paid("A", fiat("175200")),
            OrderEvent::DeliveryStarted,
            broadcast("0xsent"),
            delivered("0xsent"),
        ],
        Ramp::Off => vec![
            seen(deposit("799.99", crypto("799.99"))),
            arrived(deposit("799.99", crypto("799.99"))),
            payout_accepted("AG_1"),
            paid_out("PAYOUT"),
        ],
    };
    events.into_iter().map(|event| trade.here(event)).collect()
}

/// One telling and what came of it.
#[derive(Debug, Clone)]
pub struct Step {
    pub before: Order,
    pub event: OrderEvent,
    /// `None` when the request was refused.
    pub after: Option<Order>,
    pub effects: Vec<Effect>,
}

pub fn tell(before: &Order, event: &OrderEvent) -> Step {
    let (after, effects) = match transition(before.clone(), event) {
        Ok(Transition::Applied { order, effects }) => (Some(*order), effects),
        Ok(Transition::AlreadyApplied(order)) => (Some(*order), vec![]),
        Err(_) => (None, vec![]),
    };
    Step { before: before.clone(), event: event.clone(), after, effects }
}

/// A whole sequence: its steps, and what the outbox would hold, which keeps the first of each key.
#[derive(Debug, Clone)]
pub struct Life {
    pub steps: Vec<Step>,
    pub end: Order,
    pub asked: BTreeMap<String, Effect>,
}

pub fn live(trade: Trade, events: &[OrderEvent]) -> Life {
    let mut life = Life { steps: vec![], end: trade.order(), asked: BTreeMap::new() };
    for event in events {
        let step = tell(&life.end, event);
        for effect in &step.effects {
            let key = effect.idempotency_key(life.end.id);
            life.asked.entry(key).or_insert_with(|| effect.clone());
        }
        life.end = step.after.clone().unwrap_or(life.end);
        life.steps.push(step);
    }
    life
}

impl Life {
    pub fn is_asked(&self, key: &str) -> bool {
        self.asked.contains_key(&format!("{}:{key}", self.end.id))
    }

    /// An operator was called for this event.
    pub fn is_reviewed(&self, event: &OrderEvent) -> bool {
        let start = format!("{}:open_review:{}@", self.end.id, event.identity());
        self.asked.keys().any(|key| key.starts_with(&start))
    }

    /// The second leg is asked for or made, and the first does not go back.
    pub fn is_settled(&self) -> bool {
        let is_made = self.end.status() == OrderStatus::Completed;
        (is_made || self.asked.values().any(is_leg)) && !self.is_asked("refund")
    }

    /// How much coin is asked to go back.
    pub fn coin_back(&self) -> i64 {
        let back = |effect: &Effect| {
            if let Effect::RefundCrypto { amount, .. } = effect { amount.minor() } else { 0 }
        };
        self.asked.values().map(back).sum()
    }

    pub fn shillings_back(&self) -> i64 {
        let back = |effect: &Effect| {
            if let Effect::RefundFiat { amount, .. } = effect { amount.minor() } else { 0 }
        };
        self.asked.values().map(back).sum()
    }
}

pub fn is_leg(effect: &Effect) -> bool {
    matches!(effect, Effect::Deliver { .. } | Effect::PayOut { .. })
}
