//! The prompt on a customer's phone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::Duration;

use super::Admitted;
use crate::daraja::call::{Refusal, Reply, Wait};
use crate::daraja::collection::Collection;
use crate::daraja::fault::FaultKind;
use crate::daraja::form::Form;
use crate::daraja::payer::Behaviour;
use crate::daraja::schedule::Event;
use crate::daraja::stamp;
use crate::daraja::wire::{object, text};
use crate::daraja::world::World;

const MAX_CENTS: i64 = 25_000_000;
const BUSY: &str =
    "Unable to lock subscriber, a transaction is already in process for the current subscriber";

pub(super) fn push(world: &mut World, request: &Admitted<'_>) -> Result<Reply, Refusal> {
    let form = request.form;
    check_short_code(world, form)?;
    let mut collection = read(world, form)?;
    check_password(world, form)?;
    let is_busy = request.faults.contains(&FaultKind::LockedSubscriber)
        || world.payer(&collection.msisdn).behaviour == Behaviour::Busy
        || world.collections.iter().any(|one| one.is_open() && one.msisdn == collection.msisdn);
    if is_busy {
        return Err(Refusal::overloaded(BUSY));
    }
    collection.faults = request.faults.to_vec();
    collection.forced = forced_end(world, &collection);
    Ok(accept(world, collection))
}

/// The short code that may collect.
pub(super) fn check_short_code(world: &World, form: &Form) -> Result<(), Refusal> {
    if form.integer("BusinessShortCode")? == world.credentials.stk_short_code {
        Ok(())
    } else {
        Err(Refusal::overloaded("Merchant does not exist"))
    }
}

/// The password is the base64 of short code, passkey and the very timestamp that is sent along.
pub(super) fn check_password(world: &World, form: &Form) -> Result<(), Refusal> {
    let timestamp = form.text("Timestamp")?;
    if timestamp.len() != 14 || !timestamp.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(Refusal::invalid("Timestamp"));
    }
    let known = &world.credentials;
    let wanted = format!("{}{}{timestamp}", known.stk_short_code, known.passkey);
    if STANDARD.decode(form.text("Password")?).ok().as_deref() == Some(wanted.as_bytes()) {
        Ok(())
    } else {
        Err(Refusal::overloaded("[MerchantValidate] - Wrong credentials"))
    }
}

fn read(world: &mut World, form: &Form) -> Result<Collection, Refusal> {
    form.text("Password")?;
    form.text("Timestamp")?;
    form.word("TransactionType", &["CustomerPayBillOnline", "CustomerBuyGoodsOnline"])?;
    let amount_cents = form.amount_cents()?;
    if !(100..=MAX_CENTS).contains(&amount_cents) {
        return Err(Refusal::invalid("Amount"));
    }
    form.msisdn("PartyA")?;
    form.integer("PartyB")?;
    let msisdn = form.msisdn("PhoneNumber")?;
    let callback_url = form.url("CallBackURL", &world.rules)?;
    let account_reference = form.text("AccountReference")?;
    form.text("TransactionDesc").map_err(|_| Refusal::invalid("Remarks"))?;
    if world.rules.strict_lengths {
        form.optional_up_to("AccountReference", 12)?;
        form.optional_up_to("TransactionDesc", 13)?;
    }
    let at = world.written(world.now());
    Ok(Collection {
        checkout_request_id: checkout_request_id(world, &stamp::day_first(at), &msisdn),
        merchant_request_id: world.hex_groups(&format!("merchant {msisdn}")),
        msisdn,
        amount_cents,
        account_reference,
        callback_url,
        submitted_at: world.now(),
        faults: Vec::new(),
        forced: None,
        outcome: None,
        queries: 0,
    })
}

/// `ws_CO_`, the moment, and the end of the phone's number. Where two prompts to one phone fall on
/// the same millisecond, a digit more keeps them apart.
fn checkout_request_id(world: &World, moment: &str, msisdn: &str) -> String {
    let mut id = format!("ws_CO_{moment}{}", &msisdn[msisdn.len() - 9..]);
    while world.collection(&id).is_some() {
        id.push('1');
    }
    id
}

/// An end that is settled before the payer is asked.
fn forced_end(world: &World, collection: &Collection) -> Option<String> {
    let since = collection.submitted_at.saturating_sub(world.rules.same_amount_window);
    let is_repeated = |one: &Collection| {
        one.msisdn == collection.msisdn
            && one.amount_cents == collection.amount_cents
            && one.submitted_at > since
    };
    let by_fault = collection.faults.iter().find_map(|fault| match fault {
        FaultKind::Outcome(code) => Some(code.clone()),
        _ => None,
    });
    by_fault.or_else(|| world.collections.iter().any(is_repeated).then(|| "17".to_owned()))
}

fn accept(world: &mut World, collection: Collection) -> Reply {
    let mut reply = accepted(&collection);
    let checkout_request_id = collection.checkout_request_id.clone();
    let payer = world.payer(&collection.msisdn);
    let mut dice = world.dice(&format!("payer {}", collection.msisdn));
    let mut wait =
        if collection.forced.is_some() { Duration::seconds(3) } else { payer.takes(&mut dice) };
    if collection.faults.contains(&FaultKind::CallbackBeforeAnswer) {
        wait = Duration::ZERO;
        reply.wait = Some(Wait::Delivered(checkout_request_id.clone()));
    }
    world.collections.push(collection);
    let answer = payer.answer();
    world.after(wait, Event::Decide { checkout_request_id, answer });
    reply
}

fn accepted(collection: &Collection) -> Reply {
    let success = "Success. Request accepted for processing";
    let body = object([
        ("MerchantRequestID", text(collection.merchant_request_id.as_str())),
        ("CheckoutRequestID", text(collection.checkout_request_id.as_str())),
        ("ResponseCode", text("0")),
        ("ResponseDescription", text(success)),
        ("CustomerMessage", text(success)),
    ]);
    Reply::json(200, &body)
}
