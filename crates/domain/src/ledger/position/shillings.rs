//! Where an order's shillings are.

use super::super::{Account, LedgerAsset};
use super::books::Books;
use crate::ids::PartyId;
use crate::money::Fiat;
use crate::order::{Order, OrderState, Payment, Ramp, RefundOf};

/// What the order's evidence and state say about its shillings.
pub(super) fn shillings(order: &Order) -> Books {
    let mut books = Books::of(LedgerAsset::Kes);
    match order.order_type.ramp() {
        Ramp::On => on_ramp(order, &mut books),
        Ramp::Off => off_ramp(order, &mut books),
    }
    books
}

/// Every payment is here until its refund is confirmed. The one that the order lives on is the
/// customer's, and the vendor's once the coin is delivered; any other is parked.
fn on_ramp(order: &Order, books: &mut Books) {
    let applied = order.applied_payment().map(|payment| &payment.receipt);
    let owner = match order.state.behind_hold() {
        OrderState::Delivering | OrderState::DeliveryConfirming => {
            Some((Account::CustomerPayable, order.customer_id))
        }
        OrderState::Completed => Some((Account::VendorPayable, order.vendor_id)),
        OrderState::AwaitingPayment { .. }
        | OrderState::AwaitingDeposit
        | OrderState::DepositConfirming
        | OrderState::PayingOut
        | OrderState::Cancelled { .. }
        | OrderState::Refunding { .. }
        | OrderState::Refunded { .. }
        | OrderState::OnHold { .. } => None,
    };
    for payment in order.evidence.payments.iter().filter(|payment| !is_back(order, payment)) {
        books.add(Account::MpesaCollection, None, payment.amount.minor());
        match owner.filter(|_| applied == Some(&payment.receipt)) {
            Some(owner) => owe(books, owner, order.fiat, payment.amount),
            None => books.add(Account::Parked, None, negative(payment.amount)),
        }
    }
}

/// The vendor's shillings are promised to the customer while the payout is made, and have left the
/// float when it is confirmed; when that comes to pass although the order has gone another way, an
/// operator finds out whose they are.
fn off_ramp(order: &Order, books: &mut Books) {
    for payment in order.evidence.payments.iter().filter(|payment| !is_back(order, payment)) {
        books.add(Account::MpesaCollection, None, payment.amount.minor());
        books.add(Account::Parked, None, negative(payment.amount));
    }
    let vendor = Some(order.vendor_id);
    let state = order.state.behind_hold();
    if has_paid_out(order) && *state != OrderState::Completed {
        books.add(Account::MpesaUtility, None, negative(order.payout_due()));
        books.add(Account::Parked, None, order.payout_due().minor());
    }
    match state {
        OrderState::PayingOut => {
            books.add(Account::VendorPayable, vendor, order.fiat.minor());
            books.add(Account::CustomerPayable, Some(order.customer_id), negative(order.fiat));
        }
        OrderState::Completed => {
            books.add(Account::VendorPayable, vendor, order.fiat.minor());
            books.add(Account::MpesaUtility, None, negative(order.payout_due()));
            let left = order.payout_due().minor().saturating_sub(order.fiat.minor());
            books.add(Account::Residue, None, left);
        }
        OrderState::AwaitingPayment { .. }
        | OrderState::Delivering
        | OrderState::DeliveryConfirming
        | OrderState::AwaitingDeposit
        | OrderState::DepositConfirming
        | OrderState::Cancelled { .. }
        | OrderState::Refunding { .. }
        | OrderState::Refunded { .. }
        | OrderState::OnHold { .. } => {}
    }
}

fn has_paid_out(order: &Order) -> bool {
    order.evidence.payout.as_ref().is_some_and(|payout| payout.receipt.is_some())
}

fn is_back(order: &Order, payment: &Payment) -> bool {
    let done = &order.evidence.refunds_done;
    let alone = RefundOf::Extra(payment.receipt.clone());
    let is_orders = order.applied_payment().is_some_and(|p| p.receipt == payment.receipt);
    done.contains(&alone) || (is_orders && done.contains(&RefundOf::Order))
}

fn negative(amount: Fiat) -> i64 {
    amount.minor().saturating_neg()
}

/// Owes somebody what was agreed; what was collected beyond it, or is missing, is residue.
fn owe(books: &mut Books, (account, party): (Account, PartyId), agreed: Fiat, collected: Fiat) {
    books.add(account, Some(party), negative(agreed));
    books.add(Account::Residue, None, agreed.minor().saturating_sub(collected.minor()));
}
