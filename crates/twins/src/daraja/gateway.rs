//! What stands before the API's products: routing, throttles, tokens and content types. What
//! faults make of an answer is in `spoiling.rs`.

use super::call::{Call, Manner, Refusal, Reply, Wait};
use super::endpoint::Endpoint;
use super::endpoints::{Admitted, issue_token, serve};
use super::fault::{FaultKind, Subject};
use super::form::Form;
use super::journal::JournalKind;
use super::spoiling::{accepted, stopped};
use super::world::World;

/// Answers a request, and notes both.
pub(super) fn answer(world: &mut World, call: &Call) -> Reply {
    let endpoint = Endpoint::of(&call.path);
    *world.requests.entry(endpoint).or_default() += 1;
    let what = format!("{} {}", call.method, call.path);
    world.note(JournalKind::Request, &*what, None, &call.body);
    let reply = routed(world, endpoint, call);
    let told = match reply.manner {
        Manner::Drop => "[connection dropped]",
        Manner::Hang => "[no answer]",
        _ => {
            // A refused token is echoed to the caller, but not written down.
            let token = bearer(call).filter(|token| token.len() >= 8);
            let body = token.map(|token| reply.body.replace(token, "[redacted]"));
            let body = body.unwrap_or_else(|| reply.body.clone());
            world.note(JournalKind::Answer, what, Some(reply.status), &body);
            return reply;
        }
    };
    world.note(JournalKind::Answer, what, None, told);
    reply
}

fn routed(world: &mut World, endpoint: Endpoint, call: &Call) -> Reply {
    let subject = subject(world, endpoint, &call.body);
    let faults = world.strike(endpoint, &subject);
    let mut reply = match admit(world, endpoint, call, &faults) {
        Ok(reply) => accepted(reply, &faults),
        Err(Stopped::Refused(refusal)) => {
            let request_id = world.hex_groups("request");
            refusal.reply(&request_id)
        }
        Err(Stopped::With(reply)) => reply,
    };
    for fault in &faults {
        if let FaultKind::Delay(delay) = fault {
            reply.wait = Some(Wait::Until(world.now().saturating_add(*delay)));
        }
    }
    reply
}

/// Why a request got no further.
pub(super) enum Stopped {
    Refused(Refusal),
    With(Reply),
}

impl From<Refusal> for Stopped {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

fn admit(
    world: &mut World,
    endpoint: Endpoint,
    call: &Call,
    faults: &[FaultKind],
) -> Result<Reply, Stopped> {
    if endpoint == Endpoint::Unknown {
        return Err(Refusal::new(404, "404.001.01", "Resource not found").into());
    }
    let verb = if endpoint == Endpoint::OAuth { "GET" } else { "POST" };
    if call.method != verb {
        return Err(Refusal::new(405, "405.001", "Method Not Allowed").into());
    }
    if world.rules.maintenance {
        return Err(maintenance().into());
    }
    if let Some(stopped) = faults.iter().find_map(|fault| stopped(endpoint, call, fault)) {
        return Err(stopped);
    }
    if endpoint == Endpoint::OAuth {
        return Ok(issue_token(world, call, faults)?);
    }
    if !bearer(call).is_some_and(|token| world.tokens.is_valid(token, world.now())) {
        return Err(refused_token(endpoint, call).into());
    }
    let is_json = |kind: &String| kind.to_ascii_lowercase().starts_with("application/json");
    if !call.content_type.as_ref().is_some_and(is_json) {
        return Err(Refusal::invalid(endpoint.first_field()).into());
    }
    let form = Form::parse(&call.body)?;
    Ok(serve(world, &Admitted { endpoint, form: &form, body: &call.body, faults })?)
}

pub(super) fn maintenance() -> Refusal {
    Refusal::new(503, "00.002.1001", "Service is currently under maintenance")
}

fn bearer(call: &Call) -> Option<&str> {
    call.authorization.as_deref()?.strip_prefix("Bearer ").map(str::trim)
}

/// The products word a refused token differently.
pub(super) fn refused_token(endpoint: Endpoint, call: &Call) -> Refusal {
    match endpoint {
        Endpoint::B2cV1 | Endpoint::B2cV3 | Endpoint::AccountBalance => {
            let token = bearer(call).unwrap_or_default();
            let message = format!("Error Occurred - Invalid Access Token - {token}");
            Refusal::new(401, "401.002.01", message)
        }
        Endpoint::TransactionStatus => Refusal::new(400, "400.003.01", "Invalid Access Token"),
        _ => Refusal::new(404, "404.001.03", "Invalid Access Token"),
    }
}

/// Whom and how much a request is about, read before it is judged.
fn subject(world: &World, endpoint: Endpoint, body: &str) -> Subject {
    let Ok(form) = Form::parse(body) else { return Subject::default() };
    let amount = form.integer("Amount").ok();
    let of = |msisdn: &str, cents: i64| Subject {
        msisdn: Some(msisdn.to_owned()),
        amount: u64::try_from(cents / 100).ok(),
    };
    let found = match endpoint {
        Endpoint::StkPush => return Subject { msisdn: form.optional("PhoneNumber"), amount },
        Endpoint::B2cV1 | Endpoint::B2cV3 => {
            return Subject { msisdn: form.optional("PartyB"), amount };
        }
        Endpoint::StkQuery => form
            .optional("CheckoutRequestID")
            .and_then(|id| world.collection(&id))
            .map(|one| of(&one.msisdn, one.amount_cents)),
        Endpoint::TransactionStatus => {
            let ocid = form.optional("OriginalConversationID");
            let ocid = ocid.or_else(|| form.optional("OriginatorConversationID"));
            let receipt = form.optional("TransactionID");
            let by_receipt = |receipt: &String| {
                let paid = world.books.payouts.iter().find(|one| one.receipt == *receipt);
                paid.map(|one| of(&one.msisdn, one.amount_cents))
            };
            let by_ocid = ocid.and_then(|id| world.instruction_of(&id));
            let by_ocid = by_ocid.map(|one| of(&one.msisdn, one.amount_cents));
            by_ocid.or_else(|| receipt.as_ref().and_then(by_receipt))
        }
        _ => None,
    };
    found.unwrap_or(Subject { msisdn: None, amount })
}
