//! Who must do what by when, and what happens otherwise: the wire's `waiting_for`.

use time::OffsetDateTime;

use super::Order;
use super::state::OrderState;

/// Everybody who can be waited for.
pub const WAITING_ACTORS: [&str; 5] = ["customer", "mpesa", "chain", "kivuko", "operator"];

/// What is waited for, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitingCode {
    Payment,
    PromptAnswer,
    Deposit,
    DepositFinality,
    Delivery,
    DeliveryFinality,
    Payout,
    Refund,
    Review,
}

impl WaitingCode {
    pub const ALL: [Self; 9] = [
        Self::Payment,
        Self::PromptAnswer,
        Self::Deposit,
        Self::DepositFinality,
        Self::Delivery,
        Self::DeliveryFinality,
        Self::Payout,
        Self::Refund,
        Self::Review,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::PromptAnswer => "prompt_answer",
            Self::Deposit => "deposit",
            Self::DepositFinality => "deposit_finality",
            Self::Delivery => "delivery",
            Self::DeliveryFinality => "delivery_finality",
            Self::Payout => "payout",
            Self::Refund => "refund",
            Self::Review => "review",
        }
    }

    /// What an order in this state waits for; `None` when it is final.
    pub fn of(state: &OrderState) -> Option<Self> {
        Some(match state {
            OrderState::AwaitingPayment { collection: None } => Self::Payment,
            OrderState::AwaitingPayment { collection: Some(_) } => Self::PromptAnswer,
            OrderState::AwaitingDeposit => Self::Deposit,
            OrderState::DepositConfirming => Self::DepositFinality,
            OrderState::Delivering => Self::Delivery,
            OrderState::DeliveryConfirming => Self::DeliveryFinality,
            OrderState::PayingOut => Self::Payout,
            OrderState::Refunding { .. } => Self::Refund,
            OrderState::OnHold { .. } => Self::Review,
            OrderState::Completed | OrderState::Cancelled { .. } | OrderState::Refunded { .. } => {
                return None;
            }
        })
    }
}

/// The next step of an order that is not final.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingFor {
    /// One of [`WAITING_ACTORS`].
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
