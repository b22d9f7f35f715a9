//! Broadcasts: the bytes in hex, or JSON that the node writes as bytes itself.

use prost::Message as _;
use serde_json::{Value, json};

use super::Asked;
use crate::tron::broadcast::Broadcast;
use crate::tron::codes::{BroadcastCode, Refusal};
use crate::tron::fault::FaultKind;
use crate::tron::hashing::{Hash, sha256};
use crate::tron::hex;
use crate::tron::proto::Signed;
use crate::tron::reading::signed;
use crate::tron::request::{Misread, Read};
use crate::tron::transaction::Tx;
use crate::tron::world::World;

/// A node's word on a broadcast.
type Verdict = Result<(), Refusal>;

/// Says everything, and its message in words.
pub(super) fn hex(world: &mut World, asked: &Asked<'_>) -> Read<Value> {
    let bytes = asked.request.bytes("transaction")?;
    let signed = Signed::decode(bytes.as_slice()).map_err(|error| {
        Misread::new("com.google.protobuf.InvalidProtocolBufferException", error)
    })?;
    let echo = Tx::new(signed.clone()).map(|tx| asked.pen().transaction(&tx).to_string());
    let (txid, verdict) = taken(world, asked, signed);
    let (code, words) = told(&verdict);
    Ok(json!({
        "result": verdict.is_ok(),
        "code": code.name(),
        "message": words,
        "txid": hex::encode(&txid),
        // JSON within JSON: tronweb parses it.
        "transaction": echo.unwrap_or_default(),
    }))
}

/// Leaves out what has its default value.
pub(super) fn json(world: &mut World, asked: &Asked<'_>) -> Read<Value> {
    let (txid, verdict) = taken(world, asked, signed(&asked.request)?);
    let (code, words) = told(&verdict);
    let mut answer = json!({ "txid": hex::encode(&txid) });
    if verdict.is_ok() {
        answer["result"] = json!(true);
    } else {
        answer["code"] = json!(code.name());
        answer["message"] = json!(asked.pen().message(words));
    }
    Ok(answer)
}

fn told(verdict: &Verdict) -> (BroadcastCode, &str) {
    match verdict {
        Ok(()) => (BroadcastCode::Success, ""),
        Err(Refusal { code, words }) => (*code, words),
    }
}

fn taken(world: &mut World, asked: &Asked<'_>, signed: Signed) -> (Hash, Verdict) {
    let raw = signed.raw_data.as_ref().map(prost::Message::encode_to_vec).unwrap_or_default();
    let txid = sha256(&raw);
    let forced = asked.faults.iter().find_map(|fault| match fault {
        FaultKind::Refuse(code) => Some(Refusal::of(*code)),
        _ => None,
    });
    let verdict = match (forced, Tx::new(signed)) {
        (Some(refusal), _) => Err(refusal),
        (None, None) => Err(Refusal::invalid("contract size should be exactly 1, of a known type")),
        (None, Some(tx)) => world.broadcast(tx, how(asked)),
    };
    let is_wrong = asked.suffers(&FaultKind::WrongTxid);
    (if is_wrong { sha256(&txid) } else { txid }, verdict)
}

fn how(asked: &Asked<'_>) -> Broadcast {
    let doom = asked.faults.iter().find_map(|fault| match fault {
        FaultKind::ExecutionEnds(outcome) => Some(*outcome),
        _ => None,
    });
    Broadcast {
        is_lost: asked.suffers(&FaultKind::AcceptThenDrop),
        is_kept: asked.suffers(&FaultKind::KeepToItself),
        doom,
        ..Broadcast::plain(asked.node, asked.view)
    }
}
