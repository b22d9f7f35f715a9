//! Where an order's coin is.
//!
//! What arrived stays at the escrow address until a sweep, which is no order's; what leaves, leaves the
//! hot wallet. Whoever it belongs to meanwhile is a matter of the order's state, and a refund that is
//! confirmed closes what was parked for it.

use super::super::{Account, LedgerAsset};
use super::books::Books;
use crate::money::Crypto;
use crate::order::{Deposit, DepositStage, EXCESS, Order, OrderState, Ramp, RefundOf};

/// What the order's evidence and state say about its coin.
pub(super) fn coin(order: &Order) -> Books {
    let mut books = Books::of(LedgerAsset::from(order.asset));
    deliveries(order, &mut books);
    deposits(order, &mut books);
    refunds(order, &mut books);
    books
}

/// A delivery counts once it is final: the vendor has sold what was agreed, and what the chain could not
/// move of it is left. One that comes to pass although the order went another way, or beside another,
/// is an operator's to explain.
fn deliveries(order: &Order, books: &mut Books) {
    let evidence = &order.evidence;
    let hot = Account::hot(order.wallet.network());
    let due = order.delivery_due().minor();
    let is_final = evidence.delivery.as_ref().is_some_and(|delivery| delivery.is_final);
    let is_sold =
        order.order_type.ramp() == Ramp::On && *order.state.behind_hold() == OrderState::Completed;
    if is_final {
        books.add(hot, None, due.saturating_neg());
    }
    match (is_final, is_sold) {
        (true, true) => {
            let agreed = order.crypto.minor();
            books.add(Account::VendorPayable, Some(order.vendor_id), agreed);
            books.add(Account::Residue, None, due.saturating_sub(agreed));
        }
        (true, false) => books.add(Account::Parked, None, due),
        (false, _) => {}
    }
    for _ in &evidence.delivered_beside {
        books.add(hot, None, due.saturating_neg());
        books.add(Account::Parked, None, due);
    }
}

/// Final deposits are here. What goes back by itself is parked, the rest is as the state says.
fn deposits(order: &Order, books: &mut Books) {
    let mut arrived = 0_i64;
    for deposit in order.evidence.deposits.iter().filter(|d| d.stage == DepositStage::Final) {
        let amount = deposit.amount.minor();
        books.add(Account::escrow(deposit.id.network), None, amount);
        arrived = arrived.saturating_add(amount);
    }
    let kept = match order.order_type.ramp() {
        Ramp::On => 0,
        Ramp::Off => order.kept_deposits().minor(),
    };
    own(order, kept, books);
    books.add(Account::Parked, None, kept.saturating_sub(arrived));
}

/// Whose the kept deposits are. From the payout on the vendor has bought what was agreed, and what came
/// short of it or over it, within the tolerance, is residue; so is all of it when the chain has taken it
/// back since.
fn own(order: &Order, kept: i64, books: &mut Books) {
    match order.state.behind_hold() {
        OrderState::AwaitingDeposit
        | OrderState::DepositConfirming
        | OrderState::Refunding { .. } => {
            let customer = Some(order.customer_id);
            books.add(Account::CustomerPayable, customer, kept.saturating_neg());
        }
        OrderState::PayingOut | OrderState::Completed if order.order_type.ramp() == Ramp::Off => {
            let bought = order.crypto.minor();
            let vendor = Some(order.vendor_id);
            books.add(Account::VendorPayable, vendor, bought.saturating_neg());
            books.add(Account::Residue, None, bought.saturating_sub(kept));
        }
        OrderState::AwaitingPayment { .. }
        | OrderState::Delivering
        | OrderState::DeliveryConfirming
        | OrderState::PayingOut
        | OrderState::Completed
        | OrderState::Cancelled { .. }
        | OrderState::Refunded { .. }
        | OrderState::OnHold { .. } => {
            books.add(Account::Parked, None, kept.saturating_neg());
        }
    }
}

/// Each confirmed refund has left the hot wallet, and what was parked for it is gone. A deposit that the
/// chain takes back afterwards leaves the loss parked.
fn refunds(order: &Order, books: &mut Books) {
    let hot = Account::hot(order.wallet.network());
    for amount in order.evidence.refunds_done.iter().filter_map(|done| given_back(order, done)) {
        books.add(hot, None, amount.minor().saturating_neg());
        books.add(Account::Parked, None, amount.minor());
    }
}

/// How much coin a confirmed refund was; `None` when it was shillings.
fn given_back(order: &Order, done: &RefundOf) -> Option<Crypto> {
    let evidence = &order.evidence;
    match done {
        RefundOf::Order if order.order_type.ramp() == Ramp::On => evidence.refunding_coin,
        RefundOf::Order => evidence.refunding_coin.or_else(|| Some(order.kept_deposits())),
        RefundOf::Extra(cause) if cause == EXCESS => evidence.excess,
        RefundOf::Extra(cause) => {
            let is_it = |deposit: &&Deposit| deposit.id.cause() == *cause;
            evidence.deposits.iter().find(is_it).map(|deposit| deposit.amount)
        }
    }
}
