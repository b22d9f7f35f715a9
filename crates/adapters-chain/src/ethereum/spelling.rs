//! How addresses and hashes are written: addresses as the address book writes them (EIP-55), hashes in
//! lower case. Whether a text is a wallet address is decided in `address`.

use alloy::primitives::{Address, B256, hex};
use domain::address::Network;
use domain::ports::SourceError;

use super::error::contradiction;
use crate::address;

pub(super) fn address_text(address: Address) -> String {
    address::ethereum::render(address.into_array()).as_str().to_owned()
}

pub(super) fn hash_text(hash: B256) -> String {
    hex::encode_prefixed(hash)
}

/// A verified address of this chain. The reason says nothing of the text: it may be long.
pub(super) fn parse_address(text: &str) -> Result<Address, String> {
    let verified = address::parse_address(text).map_err(|error| error.to_string())?;
    if verified.network() != Network::Ethereum {
        return Err("is no Ethereum address".to_owned());
    }
    verified.as_str().parse().map_err(|_| "is no Ethereum address".to_owned())
}

pub(super) fn parse_hash(text: &str) -> Result<B256, SourceError> {
    text.parse().map_err(|_| contradiction("a stored transaction's hash is none"))
}
