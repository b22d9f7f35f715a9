//! Which orders wait for the breaker or for the float, in the words of `waiting_for`: what the order's
//! own state cannot know.

use super::{Circuit, CircuitState, Shortage};
use crate::order::{Order, OrderState, WaitingCode, WaitingFor};

/// Whether shillings are to leave for this order, so that the breaker has a say in it.
pub fn pays_out(order: &Order) -> bool {
    let is_refunding = matches!(order.state, OrderState::Refunding { .. });
    order.state == OrderState::PayingOut || is_refunding && order.applied_payment().is_some()
}

impl Circuit {
    /// What an order waits for that is held back before the rail is asked; `None` when it is not.
    pub fn waiting_for(&self, order: &Order) -> Option<(WaitingCode, WaitingFor)> {
        let is_sent = order.evidence.payout.as_ref().is_some_and(|it| it.receipt.is_none());
        if is_sent || !pays_out(order) {
            return None;
        }
        let breaker = WaitingCode::Breaker;
        let (code, actor, what, since, then) = match self.state {
            CircuitState::Open => (
                breaker,
                "operator",
                "close the breaker of payments through M-Pesa",
                self.since,
                "nothing is sent until then, and then it goes by itself",
            ),
            CircuitState::Probing => (
                breaker,
                "kivuko",
                "try M-Pesa with one payment at a time",
                self.since,
                "it goes when its turn comes, or an operator is called",
            ),
            CircuitState::Closed => (
                WaitingCode::Float,
                "operator",
                "put shillings into the M-Pesa float",
                self.short_for(order)?.since,
                "the payout waits, and goes by itself when M-Pesa tells of enough",
            ),
        };
        Some((code, WaitingFor { actor, what, since, until: None, then }))
    }

    fn short_for(&self, order: &Order) -> Option<&Shortage> {
        let is_payout = order.state == OrderState::PayingOut;
        let due = order.payout_due();
        let lacks = self.float.told.is_some_and(|(told, _)| told < due);
        let waits = |it: &&Shortage| lacks || due >= it.asked || it.refused_at.is_some();
        self.float.shortage.as_ref().filter(|it| is_payout && waits(it))
    }
}
