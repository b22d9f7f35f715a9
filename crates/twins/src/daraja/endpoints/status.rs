//! The question what became of a payout or payment, by id or receipt; the answer is a result.

use time::{Duration, OffsetDateTime};

use super::{Admitted, acknowledged, initiator};
use crate::daraja::call::{Refusal, Reply};
use crate::daraja::facts::Target;
use crate::daraja::fault::FaultKind;
use crate::daraja::form::Form;
use crate::daraja::instruction::{Fate, Instruction, public_name, timeout_result};
use crate::daraja::options::{StatusField, UnknownOcid};
use crate::daraja::oracle::Payment;
use crate::daraja::result::ResultFacts;
use crate::daraja::stamp;
use crate::daraja::wire::{Wire, number, object, shillings, text};
use crate::daraja::world::World;

/// An answer takes so long.
const WAIT: Duration = Duration::seconds(3);

type Parameters = Vec<(&'static str, Option<Wire>)>;

pub(super) fn ask(world: &mut World, request: &Admitted<'_>) -> Result<Reply, Refusal> {
    let form = request.form;
    let (result_url, timeout_url) = read(world, form)?;
    let verdict = initiator::check(world, form, "Initiator")?;
    let conversation_id = world.conversation_id();
    let asked = asked_ocid(world, form);
    let own = world.minted_ocid();
    let ocid = asked.clone().filter(|_| world.rules.echo_queried_ocid).unwrap_or(own);
    let reply = acknowledged(&ocid, &conversation_id);
    if request.faults.contains(&FaultKind::StatusNoResult) {
        return Ok(reply);
    }
    let target = Target {
        key: conversation_id.clone(),
        label: "status result",
        url: result_url,
        short_code: world.credentials.b2c_short_code,
    };
    let found = found(world, form.optional("TransactionID"), asked);
    let mut facts = ResultFacts::new("0", &ocid, &conversation_id);
    facts.reference = object([("Key", text("Occasion"))]);
    match (verdict, found) {
        (Some(code), _) => facts.code = code,
        (None, Found::Parameters(parameters)) => {
            facts.receipt = Some(world.receipt("status"));
            facts.parameters = parameters;
        }
        (None, Found::Nothing(UnknownOcid::Code25)) => "25".clone_into(&mut facts.code),
        (None, Found::Nothing(UnknownOcid::NoResult)) => return Ok(reply),
        (None, Found::Nothing(UnknownOcid::QueueTimeout)) => {
            let target = Target { label: "queue timeout", url: timeout_url, ..target };
            world.send(&target, timeout_result(&ocid, &conversation_id), WAIT);
            return Ok(reply);
        }
    }
    world.tell(&facts, &target, request.faults, WAIT);
    Ok(reply)
}

fn read(world: &World, form: &Form) -> Result<(String, String), Refusal> {
    form.text("Initiator")?;
    form.text("SecurityCredential")?;
    form.word("CommandID", &["TransactionStatusQuery"])?;
    form.integer("PartyA")?;
    form.word("IdentifierType", &["1", "2", "4"])?;
    let result_url = form.url("ResultURL", &world.rules)?;
    let timeout_url = form.url("QueueTimeOutURL", &world.rules)?;
    form.remarks()?;
    form.optional_up_to("Occasion", 100)?;
    Ok((result_url, timeout_url))
}

/// The id asked about, in whichever of the two disputed fields counts.
fn asked_ocid(world: &World, form: &Form) -> Option<String> {
    let original = || form.optional("OriginalConversationID");
    let originator = || form.optional("OriginatorConversationID");
    match world.rules.status_field {
        StatusField::Either => original().or_else(originator),
        StatusField::OriginalConversationId => original(),
        StatusField::OriginatorConversationId => originator(),
    }
}

enum Found {
    Parameters(Parameters),
    Nothing(UnknownOcid),
}

fn found(world: &World, receipt: Option<String>, ocid: Option<String>) -> Found {
    // A request that names nothing is malformed, not a question about something unknown.
    if receipt.is_none() && ocid.is_none() {
        return Found::Nothing(UnknownOcid::Code25);
    }
    let by_receipt = receipt.and_then(|receipt| {
        let payment = world.books.payments.iter().find(|one| one.receipt == receipt);
        let payout = world
            .instructions
            .iter()
            .find(|one| matches!(&one.fate, Fate::Paid { receipt: paid, .. } if *paid == receipt));
        let of_payment = payment.map(|one| of_payment(world, one));
        of_payment.or_else(|| payout.map(|one| of_instruction(world, one)))
    });
    let by_ocid =
        || ocid.and_then(|id| world.instruction_of(&id)).map(|one| of_instruction(world, one));
    let found = by_receipt.or_else(by_ocid);
    found.map_or(Found::Nothing(world.rules.unknown_ocid), Found::Parameters)
}

fn of_instruction(world: &World, one: &Instruction) -> Parameters {
    let (status, at, receipt) = match &one.fate {
        Fate::Pending => ("Initiated", one.submitted_at, None),
        Fate::Paid { receipt, at } => ("Completed", *at, Some(receipt.as_str())),
        Fate::Failed { at } => ("Declined", *at, None),
    };
    let short_code = world.credentials.b2c_short_code;
    let fee = format!("Fee For B2C Payment|KES|{}", shillings(world.rules.b2c_fee_cents));
    let fee = receipt.map(|_| text(fee));
    let moment = |at: OffsetDateTime| Some(text(stamp::compact(world.written(at))));
    let finalised = if status == "Initiated" { None } else { moment(at) };
    vec![
        ("DebitPartyName", Some(text(format!("{short_code} - Kivuko Twin")))),
        ("CreditPartyName", Some(text(public_name(world, &one.msisdn)))),
        ("OriginatorConversationID", Some(text(one.ocid.as_str()))),
        ("InitiatedTime", moment(one.submitted_at)),
        ("DebitAccountType", Some(text("Utility Account"))),
        ("DebitPartyCharges", fee),
        ("TransactionReason", None),
        ("ReasonType", Some(text("Business Payment to Customer via API"))),
        ("TransactionStatus", Some(text(status))),
        ("FinalisedTime", finalised),
        ("Amount", Some(text((one.amount_cents / 100).to_string()))),
        ("ConversationID", Some(text(one.conversation_id.as_str()))),
        ("ReceiptNo", receipt.map(text)),
    ]
}

fn of_payment(world: &World, one: &Payment) -> Parameters {
    let at = stamp::compact(world.written(one.at));
    let short_code = world.credentials.stk_short_code;
    vec![
        ("DebitPartyName", Some(text(public_name(world, &one.msisdn)))),
        ("CreditPartyName", Some(text(format!("{short_code} - Kivuko Twin")))),
        ("InitiatedTime", Some(number(&at))),
        ("DebitAccountType", Some(text("MMF Account For Customer"))),
        ("DebitPartyCharges", None),
        ("TransactionReason", None),
        ("ReasonType", Some(text("Pay Bill Online"))),
        ("TransactionStatus", Some(text("Completed"))),
        ("FinalisedTime", Some(number(&at))),
        ("Amount", Some(number(shillings(one.amount_cents)))),
        ("ReceiptNo", Some(text(one.receipt.as_str()))),
    ]
}
