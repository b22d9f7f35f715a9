//! What is in the B2C short code's accounts; the answer is a result.

use time::Duration;

use super::{Admitted, acknowledged, initiator};
use crate::daraja::books::CHARGES_CENTS;
use crate::daraja::call::{Refusal, Reply};
use crate::daraja::facts::Target;
use crate::daraja::result::ResultFacts;
use crate::daraja::stamp;
use crate::daraja::wire::{number, shillings, text};
use crate::daraja::world::World;

pub(super) fn ask(world: &mut World, request: &Admitted<'_>) -> Result<Reply, Refusal> {
    let form = request.form;
    form.word("CommandID", &["AccountBalance"])?;
    form.integer("PartyA")?;
    form.word("IdentifierType", &["1", "2", "4"])?;
    form.remarks()?;
    form.url("QueueTimeOutURL", &world.rules)?;
    let url = form.url("ResultURL", &world.rules)?;
    let verdict = initiator::check(world, form, "Initiator")?;
    let (ocid, conversation_id) = (world.minted_ocid(), world.conversation_id());
    let code = verdict.as_deref().unwrap_or("0");
    let mut facts = ResultFacts::new(code, &ocid, &conversation_id);
    if code == "0" {
        let completed = stamp::compact(world.written(world.now()));
        facts.receipt = Some(world.receipt("balance"));
        facts.parameters = vec![
            ("AccountBalance", Some(text(accounts(world)))),
            ("BOCompletedTime", Some(number(completed))),
        ];
    }
    let short_code = world.credentials.b2c_short_code;
    let target = Target { key: conversation_id.clone(), label: "balance result", url, short_code };
    world.tell(&facts, &target, request.faults, Duration::seconds(3));
    Ok(acknowledged(&ocid, &conversation_id))
}

/// Accounts joined by `&`, fields by `|`: account, currency, current, available, reserved,
/// uncleared.
fn accounts(world: &World) -> String {
    let account = |name: &str, cents: i64| {
        let funds = shillings(cents);
        format!("{name}|KES|{funds}|{funds}|0.00|0.00")
    };
    [
        account("Working Account", world.books.working_cents),
        account("Utility Account", world.books.float_cents),
        account("Charges Paid Account", CHARGES_CENTS),
    ]
    .join("&")
}
