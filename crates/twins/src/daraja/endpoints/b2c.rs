//! Payouts, with the caller's id (v3) or without (v1).

use time::Duration;

use super::{Admitted, acknowledged, initiator};
use crate::daraja::call::{Refusal, Reply, Wait};
use crate::daraja::endpoint::Endpoint;
use crate::daraja::fault::FaultKind;
use crate::daraja::form::Form;
use crate::daraja::instruction::{Fate, Instruction};
use crate::daraja::schedule::Event;
use crate::daraja::world::World;

const COMMANDS: [&str; 3] = ["BusinessPayment", "SalaryPayment", "PromotionPayment"];

pub(super) fn pay(world: &mut World, request: &Admitted<'_>) -> Result<Reply, Refusal> {
    let is_v3 = request.endpoint == Endpoint::B2cV3;
    if is_v3 && !world.rules.v3_entitled {
        return Err(not_authorised());
    }
    let ocid = if is_v3 { Some(request.form.text("OriginatorConversationID")?) } else { None };
    let mut instruction = read(world, request.form)?;
    instruction.ocid = match ocid {
        Some(ocid) => claimed(world, ocid)?,
        None => world.minted_ocid(),
    };
    instruction.forced = forced_end(world, request)?;
    request.body.clone_into(&mut instruction.request);
    instruction.faults = request.faults.to_vec();
    Ok(accept(world, instruction))
}

pub(in crate::daraja) fn not_authorised() -> Refusal {
    let message = "You are not authorized to initiate this transaction";
    Refusal::new(403, "403.002.1001", message)
}

fn read(world: &mut World, form: &Form) -> Result<Instruction, Refusal> {
    form.text("InitiatorName")?;
    form.text("SecurityCredential")?;
    form.word("CommandID", &COMMANDS)?;
    let amount_cents = form.amount_cents()?;
    form.integer("PartyA")?;
    let msisdn = form.integer("PartyB")?.to_string();
    form.remarks()?;
    let timeout_url = form.url("QueueTimeOutURL", &world.rules)?;
    let result_url = form.url("ResultURL", &world.rules)?;
    form.optional_up_to("Occassion", 100)?;
    Ok(Instruction {
        ocid: String::new(),
        conversation_id: world.conversation_id(),
        msisdn,
        amount_cents,
        result_url,
        timeout_url,
        request: String::new(),
        submitted_at: world.now(),
        faults: Vec::new(),
        forced: None,
        fate: Fate::Pending,
    })
}

/// The caller's id, if it has not been used within the retention.
fn claimed(world: &mut World, ocid: String) -> Result<String, Refusal> {
    let now = world.now();
    let is_kept = |seen| world.rules.ocid_retention.is_none_or(|kept| now - seen < kept);
    if world.conversations.get(&ocid).copied().is_some_and(is_kept) {
        let message = "Duplicate OriginatorConversationID.";
        return Err(Refusal::new(500, "500.002.1001", message));
    }
    world.conversations.insert(ocid.clone(), now);
    Ok(ocid)
}

fn forced_end(world: &mut World, request: &Admitted<'_>) -> Result<Option<String>, Refusal> {
    if let Some(code) = initiator::check(world, request.form, "InitiatorName")? {
        return Ok(Some(code));
    }
    let is_ours = request.form.integer("PartyA")? == world.credentials.b2c_short_code;
    if !is_ours || !world.rules.b2c_allowed {
        return Ok(Some("2028".to_owned()));
    }
    Ok(request.faults.iter().find_map(|fault| match fault {
        FaultKind::Outcome(code) => Some(code.clone()),
        _ => None,
    }))
}

fn accept(world: &mut World, instruction: Instruction) -> Reply {
    let conversation_id = instruction.conversation_id.clone();
    let mut reply = acknowledged(&instruction.ocid, &conversation_id);
    let wait = world.dice(&format!("payout {}", instruction.msisdn)).below(5);
    let mut wait = Duration::seconds(2_i64.saturating_add_unsigned(wait));
    if instruction.faults.contains(&FaultKind::CallbackBeforeAnswer) {
        wait = Duration::ZERO;
        reply.wait = Some(Wait::Delivered(conversation_id.clone()));
    }
    world.instructions.push(instruction);
    world.after(wait, Event::Complete { conversation_id, is_late: false });
    reply
}
