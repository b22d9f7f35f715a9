//! The question what became of a prompt. It knows no receipt, no amount and no phone.

use time::Duration;

use super::Admitted;
use super::stk_push::{check_password, check_short_code};
use crate::daraja::call::{Refusal, Reply};
use crate::daraja::codes::queried;
use crate::daraja::collection::Collection;
use crate::daraja::fault::FaultKind;
use crate::daraja::wire::{object, text};
use crate::daraja::world::World;

const PENDING: &str = "4999";
const PROCESSED: &str = "The transaction is being processed";

pub(super) fn query(world: &mut World, request: &Admitted<'_>) -> Result<Reply, Refusal> {
    check_short_code(world, request.form)?;
    check_password(world, request.form)?;
    let id = request.form.text("CheckoutRequestID")?;
    let Some(collection) = world.collection_mut(&id) else {
        return Err(Refusal::overloaded("The transaction does not Exist"));
    };
    collection.queries = collection.queries.saturating_add(1);
    let collection = collection.clone();
    let is_kept_pending = is_kept_pending(world, &collection, request.faults);
    match collection.outcome.as_deref() {
        Some(_) if is_kept_pending => Ok(answered(&collection, PENDING)),
        None if is_kept_pending => Ok(answered(&collection, PENDING)),
        None => in_flight(&collection),
        Some(code) => finished(world, &collection, code, request.faults),
    }
}

/// The same state is worded in three ways, in turn.
fn in_flight(collection: &Collection) -> Result<Reply, Refusal> {
    match collection.queries % 3 {
        1 => Ok(answered(collection, PENDING)),
        2 => Err(Refusal { status: 200, ..Refusal::overloaded("") }),
        _ => Err(Refusal::overloaded(PROCESSED)),
    }
}

fn finished(
    world: &mut World,
    collection: &Collection,
    code: &str,
    faults: &[FaultKind],
) -> Result<Reply, Refusal> {
    let noise = world.rules.query_noise_percent;
    if world.dice(&format!("noise {}", collection.msisdn)).percent(noise) {
        return Err(Refusal::overloaded(PROCESSED));
    }
    let contradicts = faults.contains(&FaultKind::QueryContradict)
        || (faults.contains(&FaultKind::QueryFlap) && collection.queries % 2 == 1);
    let contrary = if code == "0" { "1037" } else { "0" };
    Ok(answered(collection, if contradicts { contrary } else { code }))
}

fn is_kept_pending(world: &World, collection: &Collection, faults: &[FaultKind]) -> bool {
    let age = world.now() - collection.submitted_at;
    let kept = |fault: &FaultKind| match fault {
        FaultKind::QueryPendingFor(limit) => age < *limit,
        _ => false,
    };
    age >= Duration::ZERO && faults.iter().any(kept)
}

fn answered(collection: &Collection, code: &str) -> Reply {
    let body = object([
        ("ResponseCode", text("0")),
        // Misspelt by Daraja.
        ("ResponseDescription", text("The service request has been accepted successsfully")),
        ("MerchantRequestID", text(collection.merchant_request_id.as_str())),
        ("CheckoutRequestID", text(collection.checkout_request_id.as_str())),
        ("ResultCode", text(code)),
        ("ResultDesc", text(queried(code))),
    ]);
    Reply::json(200, &body)
}
