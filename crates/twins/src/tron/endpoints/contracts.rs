//! Calls of contracts that change nothing: what they would return, and what they would cost.

use serde_json::{Value, json};

use super::Asked;
use crate::tron::abi;
use crate::tron::hex;
use crate::tron::receipt::Outcome;
use crate::tron::request::Read;
use crate::tron::token::{Frame, Ran};
use crate::tron::transaction::Action;
use crate::tron::wire::log;
use crate::tron::world::World;

pub(super) fn constant(world: &World, asked: &Asked<'_>) -> Read<Value> {
    let action = action(asked)?;
    let Some(ran) = run(world, asked, &action) else { return Ok(no_contract(asked)) };
    let mut transaction = asked.pen().transaction(&world.build(asked.view, action, 0));
    let mut result = json!({ "result": true });
    transaction["ret"] = json!([{}]);
    if ran.is_reverted {
        result["message"] = json!(asked.pen().message(Outcome::Revert.words()));
        transaction["ret"] = json!([{ "ret": "FAILED" }]);
    }
    let mut answer = json!({
        "result": result,
        "energy_used": ran.energy,
        "constant_result": [hex::encode(&ran.returned)],
        "transaction": transaction,
    });
    if !ran.logs.is_empty() {
        answer["logs"] = ran.logs.iter().map(log).collect();
    }
    Ok(answer)
}

/// Most nodes do not do it.
pub(super) fn estimate(world: &World, asked: &Asked<'_>) -> Read<Value> {
    let action = action(asked)?;
    let Some(ran) = run(world, asked, &action) else { return Ok(no_contract(asked)) };
    if !world.rules.estimates_energy {
        return Ok(failure(asked, "CONTRACT_VALIDATE_ERROR", "this node does not estimate energy"));
    }
    if ran.is_reverted {
        return Ok(failure(asked, "CONTRACT_EXE_ERROR", Outcome::Revert.words()));
    }
    Ok(json!({ "result": { "result": true }, "energy_required": ran.energy }))
}

fn run(world: &World, asked: &Asked<'_>, action: &Action) -> Option<Ran> {
    let Action::Trigger { owner, contract, call_value, data } = action else { return None };
    let setting = world.setting(asked.height);
    Some(Frame::open(&setting, *contract, *owner)?.run(*call_value, data))
}

/// The call that is asked about: a selector and its parameter, or the whole data.
pub(super) fn action(asked: &Asked<'_>) -> Read<Action> {
    let request = &asked.request;
    let data = match request.text("function_selector").filter(|text| !text.is_empty()) {
        Some(signature) => [&abi::selector(signature)[..], &request.bytes("parameter")?].concat(),
        None => request.bytes("data")?,
    };
    Ok(Action::Trigger {
        owner: request.address("owner_address")?,
        contract: request.address("contract_address")?,
        call_value: request.number("call_value")?,
        data,
    })
}

pub(super) fn no_contract(asked: &Asked<'_>) -> Value {
    let words = "Contract validate error : No contract or not a valid smart contract";
    failure(asked, "CONTRACT_VALIDATE_ERROR", words)
}

pub(super) fn failure(asked: &Asked<'_>, code: &str, words: &str) -> Value {
    json!({ "result": { "code": code, "message": asked.pen().message(words) } })
}
