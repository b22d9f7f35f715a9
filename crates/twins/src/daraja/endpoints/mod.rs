//! The calls of the API. One file per product; each turns a request into an acceptance or a
//! refusal, and puts what follows from it on the schedule.

mod b2c;
mod balance;
mod c2b;
mod initiator;
mod oauth;
mod pull;
mod reversal;
mod status;
mod stk_push;
mod stk_query;

use super::call::{Refusal, Reply};
use super::endpoint::Endpoint;
use super::fault::FaultKind;
use super::form::Form;
use super::wire::{Wire, object, text};
use super::world::World;

pub(super) use oauth::issue_token;

/// A request that has passed the gateway: authorized, JSON, and with its faults drawn.
#[derive(Debug)]
pub(super) struct Admitted<'a> {
    pub(super) endpoint: Endpoint,
    pub(super) form: &'a Form,
    pub(super) body: &'a str,
    pub(super) faults: &'a [FaultKind],
}

pub(super) fn serve(world: &mut World, request: &Admitted<'_>) -> Result<Reply, Refusal> {
    match request.endpoint {
        Endpoint::StkPush => stk_push::push(world, request),
        Endpoint::StkQuery => stk_query::query(world, request),
        Endpoint::B2cV1 | Endpoint::B2cV3 => b2c::pay(world, request),
        Endpoint::TransactionStatus => status::ask(world, request),
        Endpoint::AccountBalance => balance::ask(world, request),
        Endpoint::Reversal => reversal::reverse(world, request),
        Endpoint::C2bRegister => c2b::register(world, request),
        Endpoint::PullRegister => pull::register(world, request),
        Endpoint::PullQuery => pull::query(world, request),
        Endpoint::OAuth | Endpoint::Unknown => {
            Err(Refusal::new(404, "404.001.01", "Resource not found"))
        }
    }
}

/// The acceptance that payouts, status requests, balances and reversals share.
fn acknowledged(ocid: &str, conversation_id: &str) -> Reply {
    let body: Wire = object([
        ("ConversationID", text(conversation_id)),
        ("OriginatorConversationID", text(ocid)),
        ("ResponseCode", text("0")),
        ("ResponseDescription", text("Accept the service request successfully.")),
    ]);
    Reply::json(200, &body)
}
