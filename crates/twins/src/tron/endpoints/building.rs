//! Transactions that a node builds for others to sign.

use serde_json::{Value, json};

use super::Asked;
use super::contracts::{action, no_contract};
use crate::tron::billing::bill;
use crate::tron::codes::Refusal;
use crate::tron::request::{Misread, Read};
use crate::tron::transaction::Action;
use crate::tron::world::World;

pub(super) fn trigger(world: &World, asked: &Asked<'_>) -> Read<Value> {
    let action = action(asked)?;
    let fee_limit = asked.request.number("fee_limit")?;
    let Action::Trigger { contract, .. } = &action else { return Ok(no_contract(asked)) };
    if !world.ledger.tokens.contains_key(contract) {
        return Ok(no_contract(asked));
    }
    let transaction = asked.pen().transaction(&world.build(asked.view, action, fee_limit));
    Ok(json!({ "result": { "result": true }, "transaction": transaction }))
}

pub(super) fn transfer(world: &World, asked: &Asked<'_>) -> Read<Value> {
    let request = &asked.request;
    let (owner, to) = (request.address("owner_address")?, request.address("to_address")?);
    let action = Action::Transfer { owner, to, amount: request.number("amount")? };
    let tx = world.build(asked.view, action, 0);
    match bill(&world.setting(asked.height), &tx) {
        Ok(_) => Ok(asked.pen().transaction(&tx)),
        Err(Refusal { words, .. }) => {
            Err(Misread::new("org.tron.core.exception.ContractValidateException", words))
        }
    }
}
