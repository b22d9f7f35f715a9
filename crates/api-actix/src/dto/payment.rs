//! The answer to a request to pay.

use domain::rail::collection::{CollectionState, PushRefs};
use domain::service::PaymentStarted;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::words;

/// A collection attempt, as M-Pesa answered it. The five fields of M-Pesa are null while its answer is
/// not known.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentBody {
    /// Whether the phone is being asked.
    success: bool,
    message: &'static str,
    order_id: Uuid,
    #[schema(value_type = words::PaymentMethodWord)]
    payment_method: &'static str,
    /// Whole shillings.
    #[schema(example = "175200")]
    amount: String,
    /// What stands on the customer's M-Pesa message.
    #[schema(example = "K7Q2M9X4A1B3")]
    account_reference: String,
    merchant_request_id: Option<String>,
    checkout_request_id: Option<String>,
    #[schema(example = "0")]
    response_code: Option<String>,
    response_description: Option<String>,
    customer_message: Option<String>,
    /// `awaiting`: the phone is asked. `submit_unknown`: M-Pesa's answer was lost.
    #[schema(value_type = words::CollectionStateWord)]
    state: &'static str,
}

impl From<&PaymentStarted> for PaymentBody {
    fn from(started: &PaymentStarted) -> Self {
        let collection = &started.collection;
        let refs = collection.refs.as_ref();
        let text = |of: fn(&PushRefs) -> &String| refs.map(of).filter(|t| !t.is_empty()).cloned();
        let is_known = refs.is_some();
        Self {
            success: is_known,
            message: if is_known { "Payment request sent to the phone" } else { UNKNOWN },
            order_id: started.order.id.0,
            payment_method: "mpesa",
            amount: (collection.amount.minor() / 100).to_string(),
            account_reference: collection.account_reference.clone(),
            merchant_request_id: text(|refs| &refs.merchant_request_id),
            checkout_request_id: text(|refs| &refs.checkout_request_id),
            response_code: text(|refs| &refs.response_code),
            response_description: text(|refs| &refs.response_description),
            customer_message: text(|refs| &refs.customer_message),
            state: shown(collection.state),
        }
    }
}

const UNKNOWN: &str = "M-Pesa did not answer: if the phone asks for the PIN, the payment counts; the order shows what became of it";

fn shown(state: CollectionState) -> &'static str {
    match state {
        CollectionState::Sending => CollectionState::SubmitUnknown.as_str(),
        other => other.as_str(),
    }
}
