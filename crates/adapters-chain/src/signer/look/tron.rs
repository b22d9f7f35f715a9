//! Reads Tron's `raw_data`: one contract that moves coin, and nothing beside it.

use domain::ports::SignerError;
use prost::Message;

use super::{Promise, Seen, array, ensure, mismatch, transfer_call};
use crate::address::owner::Owner;
use crate::tron::wire::{
    Any, Contract, Raw, TRANSFER_CONTRACT, TRANSFER_URL, TRIGGER_SMART_CONTRACT, TRIGGER_URL,
    TransferContract, TriggerSmartContract,
};

/// The version byte of Tron's addresses.
const VERSION: u8 = 0x41;

/// What a contract moves.
struct Moved {
    from: Owner,
    token: Option<Owner>,
    to: Owner,
    units: u64,
}

pub(super) fn read(bytes: &[u8]) -> Result<Seen, SignerError> {
    let raw: Raw = decode(bytes, "raw_data")?;
    ensure(raw.data.is_empty(), "there is a memo")?;
    let [contract] = raw.contract.as_slice() else {
        return Err(mismatch("there is not exactly one contract"));
    };
    let Moved { from, token, to, units } = moved(contract)?;
    let promise = Promise::Tron {
        ref_bytes: array(&raw.ref_block_bytes, "ref_block_bytes")?,
        ref_hash: array(&raw.ref_block_hash, "ref_block_hash")?,
        expiration_ms: positive(raw.expiration, "the expiration")?,
        fee_limit: positive(raw.fee_limit, "the fee limit")?,
    };
    let sequence = positive(raw.timestamp, "the timestamp")?;
    Ok(Seen { from: Some(from), token, to, units, sequence, promise })
}

fn moved(contract: &Contract) -> Result<Moved, SignerError> {
    // Any other permission may have other signers, or none of ours.
    ensure(contract.permission_id == 0, "it uses another permission than the owner's")?;
    let Any { type_url, value } =
        contract.parameter.as_ref().ok_or_else(|| mismatch("the contract is empty"))?;
    match (contract.kind, type_url.as_str()) {
        (TRIGGER_SMART_CONTRACT, TRIGGER_URL) => token_moved(value),
        (TRANSFER_CONTRACT, TRANSFER_URL) => native_moved(value),
        (kind, _) => Err(mismatch(&format!("a contract of type {kind} is no transfer"))),
    }
}

fn token_moved(bytes: &[u8]) -> Result<Moved, SignerError> {
    let call: TriggerSmartContract = decode(bytes, "the call")?;
    ensure(call.call_value == 0, "the call takes TRX along")?;
    let (to, units) = transfer_call(&call.data)?;
    let token = owner(&call.contract_address, "the token")?;
    Ok(Moved { from: owner(&call.owner_address, "the sender")?, token: Some(token), to, units })
}

fn native_moved(bytes: &[u8]) -> Result<Moved, SignerError> {
    let transfer: TransferContract = decode(bytes, "the transfer")?;
    Ok(Moved {
        from: owner(&transfer.owner_address, "the sender")?,
        token: None,
        to: owner(&transfer.to_address, "the receiver")?,
        units: positive(transfer.amount, "the amount")?,
    })
}

/// Reads a message that is written in the one way we know: a field that we do not know, a field twice,
/// another order or a longer number would not come back the same.
fn decode<M: Message + Default>(bytes: &[u8], what: &str) -> Result<M, SignerError> {
    let message =
        M::decode(bytes).map_err(|_| mismatch(&format!("{what} is not what Tron's nodes read")))?;
    ensure(message.encode_to_vec() == bytes, &format!("{what} says more than a transfer"))?;
    Ok(message)
}

fn owner(bytes: &[u8], what: &str) -> Result<Owner, SignerError> {
    let [version, owner @ ..] = array::<21>(bytes, what)?;
    ensure(version == VERSION, &format!("{what} is no address of Tron"))?;
    Ok(owner)
}

fn positive(number: i64, what: &str) -> Result<u64, SignerError> {
    u64::try_from(number).map_err(|_| mismatch(&format!("{what} is negative")))
}
