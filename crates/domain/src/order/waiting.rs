//! Who must do what by when, and what happens otherwise: the wire's `waiting_for`.

use time::OffsetDateTime;

use super::Order;
use super::state::OrderState;

/// The next step of an order that is not final.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingFor {
    /// `customer`, `mpesa`, `chain`, `kivuko` or `operator`.
    pub actor: &'static str,
    pub what: &'static str,
    pub since: OffsetDateTime,
    pub until: Option<OffsetDateTime>,
    /// What happens when it does not come about.
    pub then: &'static str,
}

/// What `order` waits for; `None` when it is final.
pub fn waiting_for(order: &Order) -> Option<WaitingFor> {
    let due = Some(order.expires_at);
    let (actor, what, until, then) = match &order.state {
        OrderState::AwaitingPayment { collection: None } => {
            ("customer", "pay by M-Pesa", due, "the order is cancelled")
        }
        OrderState::AwaitingPayment { collection: Some(_) } => {
            ("customer", "answer the M-Pesa prompt", None, "the outcome is asked of M-Pesa")
        }
        OrderState::AwaitingDeposit => (
            "customer",
            "send the coin to the escrow address",
            due,
            "what has arrived is refunded and the order ends",
        ),
        OrderState::DepositConfirming => {
            ("chain", "make the deposit final", None, "the deposit is awaited again")
        }
        OrderState::Delivering => ("kivuko", "send the coin", None, "the payment is refunded"),
        OrderState::DeliveryConfirming => {
            ("chain", "make the delivery final", None, "the same transfer is sent again")
        }
        OrderState::PayingOut => {
            ("mpesa", "pay the shillings out", None, "the deposit is refunded")
        }
        OrderState::Refunding { .. } => {
            ("kivuko", "return the money", None, "an operator is called")
        }
        OrderState::OnHold { .. } => ("operator", "review the order", None, "nothing moves"),
        OrderState::Completed | OrderState::Cancelled { .. } | OrderState::Refunded { .. } => {
            return None;
        }
    };
    Some(WaitingFor { actor, what, since: order.state_since, until, then })
}
