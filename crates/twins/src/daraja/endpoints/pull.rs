//! The list of the last two days' payments, a hundred at a time.

use time::{Duration, OffsetDateTime, PrimitiveDateTime, UtcOffset};

use super::Admitted;
use crate::daraja::call::{Refusal, Reply};
use crate::daraja::fault::FaultKind;
use crate::daraja::form::Form;
use crate::daraja::oracle::Payment;
use crate::daraja::stamp;
use crate::daraja::wire::{Wire, number, object, shillings, text};
use crate::daraja::world::World;

const KEPT: Duration = Duration::hours(48);
const PAGE: usize = 100;
/// Daraja says the same of an empty list and of an organization that it does not know.
const NOTHING: (&str, &str) = ("1001", "No records found or Organization Name not available");

pub(super) fn register(world: &mut World, request: &Admitted<'_>) -> Result<Reply, Refusal> {
    let form = request.form;
    check_short_code(world, form)?;
    form.word("RequestType", &["Pull"])?;
    form.msisdn("NominatedNumber")?;
    form.url("CallBackURL", &world.rules)?;
    let (status, words) = if world.is_pull_registered {
        ("1001", "already Registered")
    } else {
        ("1000", "Registered Successfully")
    };
    world.is_pull_registered = true;
    let short_code = world.credentials.stk_short_code;
    let body = object([
        ("ResponseRefID", text(world.minted_ocid())),
        ("ResponseStatus", text(status)),
        ("ShortCode", text(short_code.to_string())),
        ("ResponseDescription", text(format!("ShortCode {short_code} {words}"))),
    ]);
    Ok(Reply::json(200, &body))
}

pub(super) fn query(world: &mut World, request: &Admitted<'_>) -> Result<Reply, Refusal> {
    let form = request.form;
    check_short_code(world, form)?;
    let (from, to) = (moment(form, "StartDate")?, moment(form, "EndDate")?);
    let offset = usize::try_from(form.integer("OffSetValue")?).unwrap_or(usize::MAX);
    if !world.is_pull_registered {
        return Err(Refusal::new(500, "500.003.1001", "ShortCode is not registered."));
    }
    if request.faults.contains(&FaultKind::NothingFound) {
        return Ok(listed(world, NOTHING, vec![]));
    }
    let kept = world.books.payments_since(world.now().saturating_sub(KEPT));
    let asked = kept.into_iter().filter(|one| (from..=to).contains(&world.clock.calendar(one.at)));
    let rows: Vec<Wire> = asked.skip(offset).take(PAGE).map(|one| row(world, one)).collect();
    let is_found = !rows.is_empty() || !world.rules.pull_empty_is_not_found;
    Ok(listed(world, if is_found { ("1000", "Success") } else { NOTHING }, rows))
}

fn listed(world: &mut World, (code, message): (&str, &str), rows: Vec<Wire>) -> Reply {
    let rows = Wire::List(rows);
    let rows = if world.rules.pull_rows_nested { Wire::List(vec![rows]) } else { rows };
    let body = object([
        ("ResponseRefID", text(world.minted_ocid())),
        ("ResponseCode", text(code)),
        ("ResponseMessage", text(message)),
        ("Response", rows),
    ]);
    Reply::json(200, &body)
}

fn check_short_code(world: &World, form: &Form) -> Result<(), Refusal> {
    let is_ours = form.integer("ShortCode")? == world.credentials.stk_short_code;
    if is_ours { Ok(()) } else { Err(Refusal::invalid("ShortCode")) }
}

/// `2020-08-04 8:36:00` in East Africa Time, with or without leading zeros.
fn moment(form: &Form, name: &str) -> Result<OffsetDateTime, Refusal> {
    let written = form.text(name)?;
    let format = time::macros::format_description!(
        "[year]-[month padding:none]-[day padding:none] [hour padding:none]:[minute]:[second]"
    );
    let parsed = PrimitiveDateTime::parse(&written, format).ok();
    let zone = UtcOffset::from_hms(3, 0, 0).ok();
    parsed.zip(zone).map(|(at, zone)| at.assume_offset(zone)).ok_or_else(|| Refusal::invalid(name))
}

fn row(world: &World, one: &Payment) -> Wire {
    object([
        ("transactionId", text(one.receipt.as_str())),
        ("trxDate", text(stamp::dashed(world.written(one.at)))),
        ("msisdn", number(&one.msisdn)),
        ("sender", text("MPESA")),
        ("transactiontype", text("c2b-pay-bill-debit")),
        ("billreference", text(one.account_reference.as_str())),
        ("amount", text(shillings(one.amount_cents))),
        ("organizationname", text("Kivuko Twin")),
    ])
}
