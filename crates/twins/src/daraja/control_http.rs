//! The control port: the powers of [`Control`] as JSON, and the page on which a person plays the
//! phone.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use time::Duration;

use super::call::{Call, HTML, JSON, Reply};
use super::control::Control;
use super::fault::Fault;
use super::form::is_msisdn;
use super::options::Rules;
use super::payer::{Answer, Payer};
use super::scenarios::{SCENARIOS, Scenario};
use super::shared::Shared;

const PAGE: &str = include_str!("page.html");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answered {
    answer: Answer,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Jump {
    advance_s: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cents {
    cents: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bill {
    msisdn: String,
    cents: i64,
    account: String,
}

/// The phones with a fate of their own.
fn phones() -> Vec<Value> {
    let shown = |one: &Scenario| serde_json::json!({ "phone": one.phone(), "what_happens": one.what_happens });
    SCENARIOS.iter().map(shown).collect()
}

pub(super) fn answer(shared: &Arc<Shared>, call: &Call) -> Reply {
    let control = Control { shared: Arc::clone(shared) };
    let segments: Vec<&str> = call.path.trim_matches('/').split('/').collect();
    let answered = match (call.method.as_str(), segments.as_slice()) {
        ("GET", [""]) => Ok(Reply::new(200, HTML, PAGE)),
        ("GET", [what]) => shown(&control, what),
        ("POST", [what]) => told(&control, what, call),
        ("POST", [what, msisdn]) => told_of_phone(&control, what, msisdn, call),
        ("DELETE", ["faults"]) => {
            control.clear_faults();
            Ok(done())
        }
        _ => Err(not_found()),
    };
    answered.unwrap_or_else(|refused| refused)
}

fn shown(control: &Control, what: &str) -> Result<Reply, Reply> {
    let json = match what {
        "oracle" => serde_json::to_string(&control.oracle()),
        "journal" => serde_json::to_string(&control.journal()),
        "prompts" => serde_json::to_string(&control.open_prompts()),
        "phones" => serde_json::to_string(&phones()),
        "rules" => serde_json::to_string(&control.rules()),
        _ => return Err(not_found()),
    };
    json.map(|body| Reply::new(200, JSON, body)).map_err(|error| said(500, &error.to_string()))
}

fn told(control: &Control, what: &str, call: &Call) -> Result<Reply, Reply> {
    match what {
        "faults" => control.add_fault(read::<Fault>(call)?),
        "clock" => control.advance(Duration::seconds(i64::from(read::<Jump>(call)?.advance_s))),
        "float" => control.set_float(read::<Cents>(call)?.cents),
        "bills" => {
            let Bill { msisdn, cents, account } = read(call)?;
            if !is_msisdn(&msisdn) || cents < 100 {
                return Err(said(400, "msisdn must be 254 and nine digits, cents at least 100"));
            }
            let receipt = control.pay_bill(&msisdn, cents, &account);
            let receipt = receipt.ok_or_else(|| said(409, "the wallet has too little"))?;
            return Ok(Reply::new(
                200,
                JSON,
                serde_json::json!({ "receipt": receipt }).to_string(),
            ));
        }
        "default-payer" => control.set_default_payer(read::<Payer>(call)?),
        "rules" => {
            let rules = overlaid(&control.rules(), &read::<Map<String, Value>>(call)?)?;
            control.change_rules(|old| *old = rules);
        }
        "revoke-tokens" => control.revoke_tokens(),
        "reset-initiator-lock" => control.reset_initiator_lock(),
        _ => return Err(not_found()),
    }
    Ok(done())
}

fn told_of_phone(control: &Control, what: &str, msisdn: &str, call: &Call) -> Result<Reply, Reply> {
    match what {
        "prompts" => {
            if !control.answer_prompt(msisdn, read::<Answered>(call)?.answer) {
                return Err(said(404, "no prompt stands on this phone"));
            }
        }
        "payers" => control.set_payer(msisdn, read::<Payer>(call)?),
        "wallets" => control.set_wallet(msisdn, read::<Cents>(call)?.cents),
        "unregistered" => control.set_unregistered(msisdn),
        "limited" => control.set_recipient_limit(msisdn),
        _ => return Err(not_found()),
    }
    Ok(done())
}

/// Rules with the fields that were sent; the others stay.
fn overlaid(rules: &Rules, sent: &Map<String, Value>) -> Result<Rules, Reply> {
    let refused = |error: serde_json::Error| said(400, &error.to_string());
    let mut fields = serde_json::to_value(rules).map_err(refused)?;
    for (name, value) in sent {
        fields[name] = value.clone();
    }
    serde_json::from_value(fields).map_err(refused)
}

fn read<T: DeserializeOwned>(call: &Call) -> Result<T, Reply> {
    serde_json::from_str(&call.body).map_err(|error| said(400, &error.to_string()))
}

fn done() -> Reply {
    Reply::new(200, JSON, "{\"done\":true}")
}

fn not_found() -> Reply {
    said(404, "no such route")
}

fn said(status: u16, words: &str) -> Reply {
    Reply::new(status, JSON, serde_json::json!({ "error": words }).to_string())
}
