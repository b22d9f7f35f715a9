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
    /// The breaker of payments through M-Pesa, which the order's own state does not know of.
    Breaker,
    /// Shillings to pay out from, likewise.
    Float,
}

impl WaitingCode {
    pub const ALL: [Self; 11] = [
        Self::Payment,
        Self::PromptAnswer,
        Self::Deposit,
        Self::DepositFinality,
        Self::Delivery,
        Self::DeliveryFinality,
        Self::Payout,
        Self::Refund,
        Self::Review,
        Self::Breaker,
        Self::Float,
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
            Self::Breaker => "breaker",
            Self::Float => "float",
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

const UNTIL_KNOWN: &str = "nothing moves until it is known";
const ASKED_OF_MPESA: &str =
    "M-Pesa is asked whether it was paid; until that is known nobody is asked to pay again";
const ASKED_OF_CHAIN: &str = "the chain is asked; the payment is refunded only when the coin certainly was not and will not be sent";
const ASKED_OF_PAYOUT: &str =
    "M-Pesa is asked; the deposit is refunded only when the shillings certainly were not paid";

/// What `order` waits for; `None` when it is final.
pub fn waiting_for(order: &Order) -> Option<WaitingFor> {
    let due = Some(order.expires_at);
    let evidence = &order.evidence;
    let is_unknown = evidence.is_outcome_unknown() && !order.state.is_final();
    let (actor, what, until, then) = match &order.state {
        _ if is_unknown => ("operator", "find out what became of the money", None, UNTIL_KNOWN),
        OrderState::AwaitingPayment { collection: None } => {
            ("customer", "pay by M-Pesa", due, "the order is cancelled")
        }
        OrderState::AwaitingPayment { collection: Some(_) } => {
            ("customer", "answer the M-Pesa prompt", None, ASKED_OF_MPESA)
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
        OrderState::Delivering if evidence.is_delivery_signed() => {
            ("chain", "take the transfer in", None, ASKED_OF_CHAIN)
        }
        OrderState::Delivering => ("kivuko", "send the coin", None, "it is tried again"),
        OrderState::DeliveryConfirming => {
            ("chain", "make the delivery final", None, "the same transfer is sent again")
        }
        OrderState::PayingOut if evidence.payout.is_some() => {
            ("mpesa", "pay the shillings out", None, ASKED_OF_PAYOUT)
        }
        OrderState::PayingOut => {
            ("kivuko", "ask M-Pesa to pay the shillings out", None, "it is tried again")
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
