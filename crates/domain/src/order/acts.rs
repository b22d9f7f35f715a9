//! What the table asks of the world: the second leg, the order's own refund, and what goes back by
//! itself.

use super::Order;
use super::effect::Effect;
use super::event::RefundOf;
use super::evidence::{Deposit, DepositStage, EXCESS, Payment};
use super::state::OrderState;
use crate::money::Crypto;

/// The acts that being in a state stands for. Asking for them again after a hold is harmless: the
/// outbox keeps their keys unique.
pub(super) fn entering(order: &Order, state: &OrderState) -> Vec<Effect> {
    match state {
        OrderState::Delivering => vec![Effect::Deliver {
            network: order.wallet.network(),
            asset: order.asset,
            to: order.wallet.as_str().to_owned(),
            amount: order.delivery_due(),
        }],
        OrderState::PayingOut => {
            let phone = order.payout_phone.clone();
            phone
                .map(|phone| Effect::PayOut { phone, amount: order.payout_due() })
                .into_iter()
                .collect()
        }
        OrderState::Refunding { .. } => vec![return_all(order)],
        OrderState::AwaitingPayment { .. }
        | OrderState::DeliveryConfirming
        | OrderState::AwaitingDeposit
        | OrderState::DepositConfirming
        | OrderState::Completed
        | OrderState::Cancelled { .. }
        | OrderState::Refunded { .. }
        | OrderState::OnHold { .. } => vec![],
    }
}

/// Automation goes on in `state`: with what that is about, and with what was put off meanwhile.
pub(super) fn going_on(order: &Order, state: &OrderState) -> Vec<Effect> {
    let mut effects = entering(order, state);
    effects.extend(returning(order));
    effects
}

/// Returns the first leg: the payment to the phone that paid, or the in-time deposits to the wallet.
fn return_all(order: &Order) -> Effect {
    if let Some(payment) = order.applied_payment() {
        return Effect::RefundFiat {
            refund: RefundOf::Order,
            phone: payment.phone.clone(),
            amount: payment.amount,
            receipt: payment.receipt.clone(),
        };
    }
    let asked = order.evidence.refunding_coin;
    Effect::return_coin(order, RefundOf::Order, asked.unwrap_or_else(|| order.kept_deposits()))
}

pub(super) fn return_payment(payment: &Payment) -> Effect {
    Effect::RefundFiat {
        refund: RefundOf::Extra(payment.receipt.clone()),
        phone: payment.phone.clone(),
        amount: payment.amount,
        receipt: payment.receipt.clone(),
    }
}

pub(super) fn return_deposit(order: &Order, deposit: &Deposit) -> Effect {
    Effect::return_coin(order, RefundOf::Extra(deposit.id.cause()), deposit.amount)
}

pub(super) fn return_excess(order: &Order, excess: Crypto) -> Effect {
    Effect::return_coin(order, RefundOf::Extra(EXCESS.to_owned()), excess)
}

/// All that goes back by itself, is here and not back yet.
fn returning(order: &Order) -> Vec<Effect> {
    let evidence = &order.evidence;
    let is_due = |cause: &str| evidence.is_returned(cause) && !evidence.is_back(cause);
    let payments = evidence.payments.iter().filter(|payment| is_due(&payment.receipt));
    let deposits = evidence.deposits.iter().filter(|d| d.stage == DepositStage::Final);
    let deposits = deposits.filter(|deposit| is_due(&deposit.id.cause()));
    let excess = excess_due(order).map(|excess| return_excess(order, excess));
    let deposits = deposits.map(|deposit| return_deposit(order, deposit));
    payments.map(return_payment).chain(deposits).chain(excess).collect()
}

/// The excess that was noted, unless what it was part of is gone.
fn excess_due(order: &Order) -> Option<Crypto> {
    let excess = order.evidence.excess.filter(|_| !order.evidence.is_back(EXCESS))?;
    let beyond = order.in_time(DepositStage::Final).checked_sub(order.deposit_due())?;
    (beyond >= excess).then_some(excess)
}
