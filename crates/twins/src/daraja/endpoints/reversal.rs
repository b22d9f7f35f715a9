//! A payment goes back to its payer; the answer is a result. Payouts cannot be reversed.
//!
//! The twin reverses whole payments only: another amount ends in R000002.

use time::Duration;

use super::{Admitted, acknowledged, initiator};
use crate::daraja::call::{Refusal, Reply};
use crate::daraja::facts::Target;
use crate::daraja::fault::FaultKind;
use crate::daraja::instruction::public_name;
use crate::daraja::result::ResultFacts;
use crate::daraja::stamp;
use crate::daraja::wire::{Wire, number, shillings, text};
use crate::daraja::world::World;

pub(super) fn reverse(world: &mut World, request: &Admitted<'_>) -> Result<Reply, Refusal> {
    let form = request.form;
    form.word("CommandID", &["TransactionReversal"])?;
    let receipt = form.text("TransactionID")?;
    let amount_cents = form.amount_cents()?;
    let receiver = form.integer("ReceiverParty")?;
    // Misspelt by Daraja.
    form.word("RecieverIdentifierType", &["11"])?;
    let url = form.url("ResultURL", &world.rules)?;
    form.url("QueueTimeOutURL", &world.rules)?;
    form.remarks()?;
    let verdict = initiator::check(world, form, "Initiator")?;
    let forced = request.faults.iter().find_map(|fault| match fault {
        FaultKind::Outcome(code) => Some(code.clone()),
        _ => None,
    });
    let is_ours = receiver == world.credentials.stk_short_code;
    let code = verdict.or(forced).unwrap_or_else(|| {
        let code = if is_ours { world.books.reverse(&receipt, amount_cents) } else { "2028" };
        code.to_owned()
    });
    let (ocid, conversation_id) = (world.minted_ocid(), world.conversation_id());
    let mut facts = ResultFacts::new(&code, &ocid, &conversation_id);
    if code == "0" {
        facts.receipt = Some(world.receipt("reversal"));
        facts.parameters = parameters(world, &receipt, amount_cents);
    }
    let short_code = world.credentials.stk_short_code;
    let target = Target { key: conversation_id.clone(), label: "reversal result", url, short_code };
    world.tell(&facts, &target, request.faults, Duration::seconds(4));
    Ok(acknowledged(&ocid, &conversation_id))
}

fn parameters(
    world: &World,
    receipt: &str,
    amount_cents: i64,
) -> Vec<(&'static str, Option<Wire>)> {
    let payment = world.books.payments.iter().find(|one| one.receipt == receipt);
    let payer = payment.map(|one| public_name(world, &one.msisdn)).unwrap_or_default();
    let short_code = world.credentials.stk_short_code;
    let balance = shillings(world.books.working_cents);
    let balance = format!("Utility Account|KES|{balance}|{balance}|0.00|0.00");
    let completed = stamp::compact(world.written(world.now()));
    vec![
        ("DebitAccountBalance", Some(text(balance))),
        ("Amount", Some(number(shillings(amount_cents)))),
        ("TransCompletedTime", Some(number(completed))),
        ("OriginalTransactionID", Some(text(receipt))),
        ("Charge", Some(number(0))),
        ("CreditPartyPublicName", Some(text(payer))),
        ("DebitPartyPublicName", Some(text(format!("{short_code} - Kivuko Twin")))),
    ]
}
