//! Addresses: 21 bytes that begin with 0x41, shown in base58 with a checksum or as hex.

use std::fmt;
use std::str::FromStr;

use k256::ecdsa::{SigningKey, VerifyingKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::hashing::keccak;
use super::hex;

const PREFIX: u8 = 0x41;

/// An account or a contract.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address([u8; 21]);

/// The text is neither base58 with a right checksum nor 42 hex digits that begin with 41.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAnAddress(pub String);

impl Address {
    /// The 20 bytes that a log has.
    pub fn new(account: [u8; 20]) -> Self {
        let mut bytes = [PREFIX; 21];
        bytes[1..].copy_from_slice(&account);
        Self(bytes)
    }

    /// The 21 bytes of the wire.
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; 21] = bytes.try_into().ok()?;
        (bytes[0] == PREFIX).then_some(Self(bytes))
    }

    /// The account of a private key; `None` where the bytes are no key.
    pub fn of_secret(secret: &[u8; 32]) -> Option<Self> {
        let key = SigningKey::from_slice(secret).ok()?;
        Some(Self::of_key(key.verifying_key()))
    }

    pub(super) fn of_key(key: &VerifyingKey) -> Self {
        let point = key.to_encoded_point(false);
        Self::of_digest(&keccak(&point.as_bytes()[1..]))
    }

    /// The last 20 bytes of a hash.
    pub(super) fn of_digest(digest: &[u8; 32]) -> Self {
        let mut account = [0; 20];
        account.copy_from_slice(&digest[12..]);
        Self::new(account)
    }

    pub fn as_bytes(&self) -> &[u8; 21] {
        &self.0
    }

    /// Without the 41.
    pub fn account(&self) -> &[u8] {
        &self.0[1..]
    }

    /// `41…`
    pub fn hex(&self) -> String {
        hex::encode(&self.0)
    }

    pub(super) fn is_zero(&self) -> bool {
        self.account().iter().all(|byte| *byte == 0)
    }
}

impl FromStr for Address {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = match text.len() {
            42 => hex::decode(text),
            _ => bs58::decode(text).with_check(Some(PREFIX)).into_vec().ok(),
        };
        let address = bytes.and_then(|bytes| Self::of_bytes(&bytes));
        address.ok_or_else(|| NotAnAddress(text.to_owned()))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bs58::encode(&self.0).with_check().into_string())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for NotAnAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a Tron address: {}", self.0)
    }
}

impl std::error::Error for NotAnAddress {}
