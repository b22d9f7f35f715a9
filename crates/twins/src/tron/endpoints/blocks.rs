//! Blocks: the last one, one of them, and a range.

use serde_json::{Value, json};

use super::Asked;
use crate::tron::block::{Block, block_id};
use crate::tron::fault::FaultKind;
use crate::tron::hashing::Hash;
use crate::tron::hex;
use crate::tron::request::{Misread, Read};
use crate::tron::world::World;

/// In one range.
const MOST: u64 = 100;

pub(super) fn now(world: &World, asked: &Asked<'_>) -> Value {
    found(world, asked, asked.height, true)
}

/// By number or by id; the last one where neither is given.
pub(super) fn block(world: &World, asked: &Asked<'_>) -> Read<Value> {
    let has_detail = asked.request.flag("detail");
    let Some(wanted) = asked.request.value("id_or_num") else {
        return Ok(found(world, asked, asked.height, has_detail));
    };
    let text = wanted.as_str().map_or_else(|| wanted.to_string(), str::to_owned);
    let number = match hex::hash(&text) {
        Some(id) => by_id(world, &id),
        None => Some(text.parse::<u64>().map_err(|_| misread(&text))?),
    };
    Ok(number.map_or_else(nothing, |number| found(world, asked, number, has_detail)))
}

pub(super) fn by_number(world: &World, asked: &Asked<'_>) -> Read<Value> {
    let number = asked.request.height("num")?;
    Ok(number.map_or_else(nothing, |number| found(world, asked, number, true)))
}

/// From `startNum` up to, and without, `endNum`.
pub(super) fn range(world: &World, asked: &Asked<'_>) -> Read<Value> {
    let (first, end) = (asked.request.height("startNum")?, asked.request.height("endNum")?);
    let Some((first, end)) = first.zip(end).filter(|(first, end)| first < end) else {
        return Ok(nothing());
    };
    if end - first > MOST {
        return Ok(nothing());
    }
    let mut blocks: Vec<Value> =
        (first..end.min(asked.height + 1)).map(|n| found(world, asked, n, true)).collect();
    if asked.suffers(&FaultKind::MissingBlock) {
        blocks.pop();
    }
    Ok(if blocks.is_empty() { nothing() } else { json!({ "block": blocks }) })
}

fn by_id(world: &World, id: &Hash) -> Option<u64> {
    let number = u64::from_be_bytes(id[..8].try_into().ok()?);
    world.chain.block(number).filter(|block| block.id == *id).map(|block| block.number)
}

fn found(world: &World, asked: &Asked<'_>, number: u64, has_detail: bool) -> Value {
    let block = world.chain.block(number).filter(|_| number <= asked.height);
    let Some(block) = block else { return nothing() };
    let mut block = block.clone();
    for fault in asked.faults {
        falsify(&mut block, fault);
    }
    if has_detail { asked.pen().block(&block) } else { asked.pen().header(&block) }
}

fn falsify(block: &mut Block, fault: &FaultKind) {
    match fault {
        FaultKind::WrongBlockId => block.id[20] ^= 1,
        FaultKind::WrongParent => {
            block.header.parent_hash =
                [block.header.parent_hash.get(..8).unwrap_or_default(), &[7; 24]].concat();
            block.id = block_id(&block.header);
        }
        FaultKind::MissingTransaction => {
            block.transactions.pop();
        }
        _ => {}
    }
}

pub(super) fn nothing() -> Value {
    json!({})
}

fn misread(text: &str) -> Misread {
    Misread::new("java.lang.IllegalArgumentException", format_args!("id_or_num: {text}"))
}
