//! What stands where a state and an event meet.

use super::columns::Column;
use super::rows::Row;
use crate::order::{Effect, OrderState, RefundOf, Transition, transition};

/// The answer of the table, written for a reader.
pub(super) fn cell(row: &Row, column: &Column) -> String {
    let mut before = row.order.clone();
    let event = (column.event)(&mut before);
    match transition(before.clone(), &event) {
        Ok(Transition::AlreadyApplied(_)) => "=".to_owned(),
        Ok(Transition::Applied { order, effects }) => {
            let stays = order.state == before.state;
            let state = if stays { "·".to_owned() } else { format!("`{}`", name(&order.state)) };
            effects.iter().fold(state, |text, effect| format!("{text} **+{}**", ask(effect)))
        }
        Err(refused) => format!("*refused:* `{}`", refused.refusal.code()),
    }
}

/// A state with what tells it from others of its label.
pub(super) fn name(state: &OrderState) -> String {
    let label = state.label();
    match state {
        OrderState::AwaitingPayment { collection: Some(_) } => format!("{label} (attempt open)"),
        OrderState::OnHold { was, .. } => format!("{label} ({})", name(was)),
        OrderState::AwaitingPayment { collection: None }
        | OrderState::Delivering
        | OrderState::DeliveryConfirming
        | OrderState::AwaitingDeposit
        | OrderState::DepositConfirming
        | OrderState::PayingOut
        | OrderState::Completed
        | OrderState::Cancelled { .. }
        | OrderState::Refunding { .. }
        | OrderState::Refunded { .. } => {
            state.reason().map_or_else(|| label.to_owned(), |reason| format!("{label} ({reason})"))
        }
    }
}

fn ask(effect: &Effect) -> String {
    match effect {
        Effect::OpenReview { .. } => "review".to_owned(),
        Effect::RefundFiat { refund: RefundOf::Extra(_), .. }
        | Effect::RefundCrypto { refund: RefundOf::Extra(_), .. } => {
            format!("{} extra", effect.kind())
        }
        Effect::RequestCollection { .. }
        | Effect::Deliver { .. }
        | Effect::PayOut { .. }
        | Effect::RefundFiat { .. }
        | Effect::RefundCrypto { .. }
        | Effect::Sweep { .. }
        | Effect::FundGas { .. }
        | Effect::ReturnNative { .. } => effect.kind().to_owned(),
    }
}
