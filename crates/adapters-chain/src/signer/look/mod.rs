//! What bytes say, and whether that is what was asked for. The bytes are read here anew, not by whoever
//! wrote them: what an encoder gets wrong, its own reader may get wrong the same way.

mod contracts;
mod ethereum;
mod facts;
mod limits;
mod terms;
mod tron;

pub(super) use contracts::Contracts;
pub(super) use facts::facts;
pub(super) use limits::limits;
pub(super) use terms::terms;

use domain::address::Network;
use domain::ports::SignerError;

use crate::address::owner::Owner;

/// `transfer(address,uint256)`.
const TRANSFER: [u8; 4] = [0xa9, 0x05, 0x9c, 0xbb];

/// Everything that a transfer's bytes say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// Tron's bytes name the sender; of Ethereum's only the signature does.
    pub(super) from: Option<Owner>,
    /// The contract called; without one the chain's own coin moves.
    pub(super) token: Option<Owner>,
    pub(super) to: Owner,
    pub(super) units: u64,
    pub(super) sequence: u64,
    pub(super) promise: Promise,
}

/// What the bytes promise to pay, and how long they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Promise {
    Tron { ref_bytes: [u8; 2], ref_hash: [u8; 8], expiration_ms: u64, fee_limit: u64 },
    Ethereum { gas_limit: u64, max_fee: u128, max_tip: u128 },
}

/// Reads bytes to be signed. They must be one transfer, written in the one way that says nothing else.
pub(super) fn read(
    network: Network,
    contracts: &Contracts,
    unsigned: &[u8],
) -> Result<Seen, SignerError> {
    match network {
        Network::Tron => tron::read(unsigned),
        Network::Ethereum => ethereum::read(unsigned, contracts.chain_id),
    }
}

/// Receiver and amount of a call of `transfer`, which is 68 bytes with nothing before, between or after.
fn transfer_call(data: &[u8]) -> Result<(Owner, u64), SignerError> {
    let call: &[u8; 68] = data.try_into().map_err(|_| mismatch("the call is no transfer"))?;
    let (selector, rest) = call.split_at(4);
    let (padding, rest) = rest.split_at(12);
    let (to, amount) = rest.split_at(20);
    let (high, low) = amount.split_at(24);
    ensure(selector == TRANSFER, "the call is no transfer")?;
    ensure(padding.iter().all(|byte| *byte == 0), "the receiver is no address")?;
    ensure(high.iter().all(|byte| *byte == 0), "the amount is beyond any coin's supply")?;
    Ok((array(to, "the receiver")?, u64::from_be_bytes(array(low, "the amount")?)))
}

fn array<const N: usize>(bytes: &[u8], what: &str) -> Result<[u8; N], SignerError> {
    bytes.try_into().map_err(|_| mismatch(&format!("{what} has {} bytes, not {N}", bytes.len())))
}

pub(super) fn mismatch(what: &str) -> SignerError {
    SignerError::Mismatch(what.to_owned())
}

pub(super) fn ensure(holds: bool, otherwise: &str) -> Result<(), SignerError> {
    if holds { Ok(()) } else { Err(mismatch(otherwise)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tron::transaction::{Act, Reference, Transaction};

    const FROM: Owner = [1; 20];
    const TO: Owner = [2; 20];
    const TOKEN: Owner = [3; 20];

    #[test]
    fn what_our_tron_sender_writes_is_read_as_it_was_meant() {
        let promise = Promise::Tron {
            ref_bytes: [4, 5],
            ref_hash: [6; 8],
            expiration_ms: 60_009,
            fee_limit: 30_000_000,
        };
        let rows = [
            (Act::Token { contract: TOKEN, to: TO, units: 12_345_678 }, Some(TOKEN)),
            (Act::Native { to: TO, sun: 12_345_678 }, None),
        ];
        for (act, token) in rows {
            let reference = Reference { bytes: [4, 5], hash: [6; 8] };
            let written = Transaction {
                owner: FROM,
                act,
                reference,
                expiration_ms: 60_009,
                timestamp_ms: 9,
                fee_limit: 30_000_000,
            };
            let read = tron::read(&written.encode().unwrap());
            let (from, promise) = (Some(FROM), promise.clone());
            assert_eq!(
                read,
                Ok(Seen { from, token, to: TO, units: 12_345_678, sequence: 9, promise })
            );
        }
    }

    proptest! {
        #[test]
        fn no_bytes_break_a_reader(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(tron::read(&bytes).is_err());
            prop_assert!(ethereum::read(&bytes, 31_337).is_err());
            let typed = [&[2], bytes.as_slice()].concat();
            prop_assert!(ethereum::read(&typed, 31_337).is_err());
        }
    }
}
