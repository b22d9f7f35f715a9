//! A transaction read from JSON. The node writes its bytes anew; `raw_data_hex` and `txID` are not
//! looked at.

use serde_json::{Map, Value};

use super::proto::{Raw, Signed};
use super::request::{Misread, Read, Request};
use super::transaction::Action;

pub(super) fn signed(request: &Request) -> Read<Signed> {
    let signatures = request.value("signature").and_then(Value::as_array);
    let signatures = signatures.into_iter().flatten().map(|one| {
        let hex = one.as_str().and_then(super::hex::decode);
        hex.ok_or_else(|| {
            Misread::new("org.tron.core.services.http.JsonFormat$ParseException", "signature")
        })
    });
    let raw = within(request, "raw_data")?;
    Ok(Signed { raw_data: Some(raw_data(&raw)?), signature: signatures.collect::<Read<_>>()? })
}

fn raw_data(raw: &Request) -> Read<Raw> {
    let listed = raw.value("contract").and_then(Value::as_array).into_iter().flatten();
    let contracts: Vec<Request> =
        listed.map(|one| request(one, raw.is_visible)).collect::<Read<_>>()?;
    let mut contract = Vec::new();
    for one in &contracts {
        let mut written = action(one)?.contract();
        written.permission_id = i32::try_from(one.number("Permission_id")?).unwrap_or_default();
        contract.push(written);
    }
    Ok(Raw {
        ref_block_bytes: raw.bytes("ref_block_bytes")?,
        ref_block_num: raw.number("ref_block_num")?,
        ref_block_hash: raw.bytes("ref_block_hash")?,
        expiration: raw.number("expiration")?,
        data: raw.bytes("data")?,
        contract,
        scripts: raw.bytes("scripts")?,
        timestamp: raw.number("timestamp")?,
        fee_limit: raw.number("fee_limit")?,
    })
}

fn action(contract: &Request) -> Read<Action> {
    let value = within(&within(contract, "parameter")?, "value")?;
    let owner = value.address("owner_address")?;
    match contract.text("type").unwrap_or_default() {
        "TransferContract" => {
            let (to, amount) = (value.address("to_address")?, value.number("amount")?);
            Ok(Action::Transfer { owner, to, amount })
        }
        "TriggerSmartContract" => Ok(Action::Trigger {
            owner,
            contract: value.address("contract_address")?,
            call_value: value.number("call_value")?,
            data: value.bytes("data")?,
        }),
        other => Err(Misread::new("java.lang.IllegalArgumentException", other)),
    }
}

fn within(outer: &Request, name: &str) -> Read<Request> {
    request(outer.value(name).unwrap_or(&Value::Null), outer.is_visible)
}

fn request(value: &Value, is_visible: bool) -> Read<Request> {
    let fields: Option<Map<String, Value>> = value.as_object().cloned();
    let fields = fields.ok_or_else(|| Misread::new("java.lang.NullPointerException", "null"))?;
    Ok(Request::within(fields, is_visible))
}
