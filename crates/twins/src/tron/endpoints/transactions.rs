//! Transactions: what became of them, what is in them, and what is pending.

use serde_json::{Value, json};

use super::Asked;
use super::blocks::nothing;
use crate::tron::fault::FaultKind;
use crate::tron::hashing::sha256;
use crate::tron::hex;
use crate::tron::request::Read;
use crate::tron::world::World;

/// `[]` for an empty block, and for one that is not there; `{}` where there can be none.
pub(super) fn infos(world: &World, asked: &Asked<'_>) -> Read<Value> {
    let Some(number) = asked.request.height("num")?.filter(|number| *number > 0) else {
        return Ok(nothing());
    };
    let block = world.chain.block(number).filter(|_| number <= asked.height);
    let mut infos: Vec<Value> = block.map_or_else(Vec::new, |block| {
        block.transactions.iter().map(|mined| asked.pen().info(block, mined)).collect()
    });
    for fault in asked.faults {
        falsify(&mut infos, fault);
    }
    Ok(Value::Array(infos))
}

fn falsify(infos: &mut Vec<Value>, fault: &FaultKind) {
    match fault {
        FaultKind::EmptyInfos => infos.clear(),
        FaultKind::MissingInfo => {
            infos.pop();
        }
        FaultKind::ForeignInfo => {
            if let Some(last) = infos.last_mut() {
                last["id"] = json!(hex::encode(&sha256(last.to_string().as_bytes())));
            }
        }
        _ => {}
    }
}

pub(super) fn info(world: &World, asked: &Asked<'_>) -> Read<Value> {
    let Some(id) = asked.request.hash("value")? else { return Ok(nothing()) };
    let mined = world.chain.mined(&id, asked.height);
    Ok(mined.map_or_else(nothing, |(block, mined)| asked.pen().info(block, mined)))
}

/// Sees what is pending at this node, too.
pub(super) fn by_id(world: &World, asked: &Asked<'_>) -> Read<Value> {
    let Some(id) = asked.request.hash("value")? else { return Ok(nothing()) };
    if let Some((_, mined)) = world.chain.mined(&id, asked.height) {
        return Ok(asked.pen().mined(mined));
    }
    let is_at_head = !asked.is_solid;
    let pooled = world.nodes[asked.node].pooled(&id).filter(|_| is_at_head);
    Ok(pooled.map_or_else(nothing, |tx| asked.pen().transaction(tx)))
}

pub(super) fn pending(world: &World, asked: &Asked<'_>) -> Read<Value> {
    let Some(id) = asked.request.hash("value")? else { return Ok(nothing()) };
    let pooled = world.nodes[asked.node].pooled(&id);
    Ok(pooled.map_or_else(nothing, |tx| asked.pen().transaction(tx)))
}
