//! Reads an EIP-1559 transaction before it is signed.

use alloy::consensus::TxEip1559;
use alloy::consensus::transaction::{RlpEcdsaDecodableTx as _, SignableTransaction as _};
use alloy::primitives::TxKind;
use domain::ports::SignerError;

use super::{Promise, Seen, ensure, mismatch, transfer_call};
use crate::address::owner::Owner;

/// The first byte of the only kind of transaction that we sign (EIP-2718).
const EIP_1559: u8 = 2;

pub(super) fn read(bytes: &[u8], chain_id: u64) -> Result<Seen, SignerError> {
    let [EIP_1559, fields @ ..] = bytes else {
        return Err(mismatch("it is no EIP-1559 transaction"));
    };
    let transaction = TxEip1559::rlp_decode(&mut &*fields)
        .map_err(|_| mismatch("it is no EIP-1559 transaction"))?;
    // Nothing after it, and no second spelling of it.
    ensure(transaction.encoded_for_signing() == bytes, "it is not written as nodes write it")?;
    ensure(transaction.chain_id == chain_id, "it is for another chain id")?;
    ensure(transaction.access_list.is_empty(), "there is an access list")?;
    let (token, to, units) = moved(&transaction)?;
    let promise = Promise::Ethereum {
        gas_limit: transaction.gas_limit,
        max_fee: transaction.max_fee_per_gas,
        max_tip: transaction.max_priority_fee_per_gas,
    };
    Ok(Seen { from: None, token, to, units, sequence: transaction.nonce, promise })
}

/// The token, the receiver and the amount.
fn moved(transaction: &TxEip1559) -> Result<(Option<Owner>, Owner, u64), SignerError> {
    let TxKind::Call(callee) = transaction.to else {
        return Err(mismatch("it makes a contract"));
    };
    let callee = callee.into_array();
    if transaction.input.is_empty() {
        let wei = u64::try_from(transaction.value);
        return Ok((None, callee, wei.map_err(|_| mismatch("the amount is beyond 64 bits"))?));
    }
    ensure(transaction.value.is_zero(), "the call takes ether along")?;
    let (to, units) = transfer_call(&transaction.input)?;
    Ok((Some(callee), to, units))
}
