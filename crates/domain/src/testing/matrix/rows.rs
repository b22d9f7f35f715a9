//! The sample orders: every state, in the variants in which it answers differently. Each has lived
//! through the events that lead there, so that its evidence is what it would be.

use super::facts::{
    ATTEMPT, arrived, broadcast, cancel, deadline, delivered, delivery_failed, delivery_stopped,
    deposit, due, paid, paid_out, payout_accepted, payout_failed, refunded, seen, start_payment,
};
use crate::order::{
    CancelledBy, Order, OrderEvent, PayoutFailure, Ramp, RefundOf, Transition, transition,
};
use crate::placement::PlaceOrder;
use crate::testing::samples::{NOW, crypto, fiat, order, place_buy, place_sell};

/// One sample order.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) order: Order,
}

impl Row {
    pub(super) fn flow(&self) -> &'static str {
        match self.order.order_type.ramp() {
            Ramp::On => "on",
            Ramp::Off => "off",
        }
    }
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = on_ramp();
    rows.extend(off_ramp());
    rows
}

fn on_ramp() -> Vec<Row> {
    let asked = || start_payment(ATTEMPT, NOW);
    let exact = || paid("RIGHT", fiat("175200"));
    let wrong = || paid("WRONG", fiat("175000"));
    let sent = || broadcast("0xsent");
    let done = || delivered("0xsent");
    let failed = || delivery_failed("0xsent");
    let raised = || broadcast("0xbump");
    let stopped = || delivery_stopped("0xsent");
    let signed = || OrderEvent::DeliveryStarted;
    let (hold, resume) = (|| OrderEvent::Hold, || OrderEvent::Resume);
    let cancelled = || cancel(CancelledBy::Customer);
    let row = |name, events: Vec<OrderEvent>| row(name, &place_buy(), &events);
    vec![
        row("awaiting_payment, no attempt open", vec![]),
        row("awaiting_payment, attempt open", vec![asked()]),
        row("awaiting_payment, wrongly paid and resumed", vec![asked(), wrong(), resume()]),
        row("delivering", vec![asked(), exact()]),
        row("delivering, signed", vec![asked(), exact(), signed()]),
        row(
            "delivering, what was signed is dead",
            vec![asked(), exact(), signed(), sent(), stopped()],
        ),
        row("delivery_confirming", vec![asked(), exact(), signed(), sent()]),
        row("delivery_confirming, fee raised", vec![asked(), exact(), signed(), sent(), raised()]),
        row("completed", vec![asked(), exact(), sent(), done()]),
        row("cancelled", vec![cancelled()]),
        row("refunding", vec![asked(), exact(), sent(), failed()]),
        row("refunded", vec![asked(), exact(), sent(), failed(), is_back()]),
        row("on_hold, was awaiting_payment, attempt open", vec![asked(), hold()]),
        row("on_hold, was awaiting_payment, wrongly paid", vec![asked(), wrong()]),
        row("on_hold, was delivering", vec![asked(), exact(), hold()]),
        row("on_hold, was delivering, signed", vec![asked(), exact(), signed(), hold()]),
        row("on_hold, was delivery_confirming", vec![asked(), exact(), sent(), hold()]),
        row("on_hold, was completed", vec![asked(), exact(), hold(), done()]),
        row("on_hold, was refunding", vec![asked(), exact(), failed(), hold()]),
        row("on_hold, was refunded", vec![asked(), exact(), failed(), hold(), is_back()]),
    ]
}

fn off_ramp() -> Vec<Row> {
    let whole = || deposit("whole", crypto("799.99"));
    let part = || deposit("part", crypto("300"));
    let taken = || payout_accepted("AG_1");
    let done = || paid_out("PAYOUT");
    let unpayable = || payout_failed(PayoutFailure::Receiver);
    let blocked = || payout_failed(PayoutFailure::Sender);
    let hold = || OrderEvent::Hold;
    let overdue = || deadline(due());
    let row = |name, events: Vec<OrderEvent>| row(name, &place_sell(), &events);
    vec![
        row("awaiting_deposit, nothing seen", vec![]),
        row("awaiting_deposit, part seen", vec![seen(part())]),
        row("awaiting_deposit, part final", vec![arrived(part())]),
        row("deposit_confirming", vec![seen(whole())]),
        row("paying_out", vec![arrived(whole()), taken()]),
        row("completed", vec![arrived(whole()), taken(), done()]),
        row("cancelled", vec![overdue()]),
        row("refunding, payout failed", vec![arrived(whole()), taken(), unpayable()]),
        row("refunding, underpaid", vec![arrived(part()), overdue()]),
        row("refunded, payout failed", vec![arrived(whole()), unpayable(), is_back()]),
        row("refunded, underpaid", vec![arrived(part()), overdue(), is_back()]),
        row("on_hold, was awaiting_deposit, nothing seen", vec![hold()]),
        row("on_hold, was awaiting_deposit, part final", vec![arrived(part()), hold()]),
        row("on_hold, was deposit_confirming", vec![seen(whole()), hold()]),
        row("on_hold, was paying_out, not accepted yet", vec![arrived(whole()), hold()]),
        row("on_hold, was paying_out, payout accepted", vec![arrived(whole()), taken(), hold()]),
        row("on_hold, was paying_out, payout blocked", vec![arrived(whole()), taken(), blocked()]),
        row("on_hold, was completed", vec![arrived(whole()), hold(), done()]),
        row("on_hold, was refunding", vec![arrived(whole()), unpayable(), hold()]),
        row("on_hold, was refunded", vec![arrived(whole()), unpayable(), hold(), is_back()]),
    ]
}

fn is_back() -> OrderEvent {
    refunded(RefundOf::Order, "REFUND")
}

fn row(name: &'static str, command: &PlaceOrder, events: &[OrderEvent]) -> Row {
    Row { name, order: events.iter().fold(order(command, 1), told) }
}

fn told(order: Order, event: &OrderEvent) -> Order {
    match transition(order.clone(), event) {
        Ok(Transition::Applied { order, .. } | Transition::AlreadyApplied(order)) => *order,
        Err(_) => order,
    }
}
