//! Whether bytes promise what the terms say: fees, and how long they hold.

use alloy::primitives::hex;
use domain::chain::transfer::Terms;
use domain::ports::SignerError;

use super::{Promise, Seen, ensure, mismatch};

/// Tron's nodes refuse what lives longer.
const LONGEST_LIFE_MS: u64 = 24 * 60 * 60 * 1000;

pub(in crate::signer) fn terms(
    terms: &Terms,
    sequence: u64,
    seen: &Seen,
) -> Result<(), SignerError> {
    ensure(seen.sequence == sequence, "the nonce or timestamp is another")?;
    match (terms, &seen.promise) {
        (
            Terms::Ethereum { gas_limit, max_fee, max_tip },
            Promise::Ethereum { gas_limit: gas, max_fee: fee, max_tip: tip },
        ) => {
            ensure(gas_limit == gas, "the gas limit is another")?;
            ensure(u128::from(*max_fee) == *fee, "the fee per gas is another")?;
            ensure(u128::from(*max_tip) == *tip, "the tip is another")?;
            ensure(tip <= fee, "the tip is more than the whole fee")
        }
        (Terms::Tron { .. }, Promise::Tron { .. }) => tron(terms, seen),
        _ => Err(mismatch("the terms are of another chain")),
    }
}

fn tron(terms: &Terms, seen: &Seen) -> Result<(), SignerError> {
    let (
        Terms::Tron { ref_height, ref_hash, expiration_ms, fee_limit },
        Promise::Tron { ref_bytes, ref_hash: hash, expiration_ms: expiration, fee_limit: limit },
    ) = (terms, &seen.promise)
    else {
        return Err(mismatch("the terms are of another chain"));
    };
    let block = block_id(ref_hash)?;
    ensure(block[..8] == ref_height.to_be_bytes(), "the block stood on has another height")?;
    ensure(block[6..8] == *ref_bytes && block[8..16] == *hash, "it stands on another block")?;
    ensure(expiration_ms == expiration, "the expiration is another")?;
    ensure(fee_limit == limit, "the fee limit is another")?;
    let life = expiration.checked_sub(seen.sequence).filter(|life| *life > 0);
    ensure(life.is_some_and(|life| life <= LONGEST_LIFE_MS), "it does not expire within a day")
}

/// A block's id, which begins with its height.
fn block_id(text: &str) -> Result<[u8; 32], SignerError> {
    hex::decode_to_array(text).map_err(|_| mismatch("the block stood on has no id"))
}
