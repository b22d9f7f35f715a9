//! Addresses and hashes as the twin writes them, and the hexadecimal numbers of JSON-RPC.

use std::fmt::{self, Display, Formatter, Write as _};
use std::str::FromStr;

use serde_json::Value;
use sha3::{Digest as _, Keccak256};

use super::rpc::CallError;

/// An address; shown with its checksum, read with or without.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct Address(pub [u8; 20]);

/// A transaction's or a block's hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u8; 32]);

impl Display for Address {
    /// EIP-55: a letter is a capital where the hash of the lower-case text has a high digit.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let plain = hex(&self.0);
        let digest = hex(&keccak(plain.as_bytes()));
        f.write_str("0x")?;
        for (letter, digit) in plain.chars().zip(digest.chars()) {
            f.write_char(if digit >= '8' { letter.to_ascii_uppercase() } else { letter })?;
        }
        Ok(())
    }
}

impl Display for Hash {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex(&self.0))
    }
}

impl FromStr for Address {
    type Err = CallError;

    fn from_str(text: &str) -> Result<Self, CallError> {
        fixed(text).map(Self)
    }
}

impl FromStr for Hash {
    type Err = CallError;

    fn from_str(text: &str) -> Result<Self, CallError> {
        fixed(text).map(Self)
    }
}

fn fixed<const N: usize>(text: &str) -> Result<[u8; N], CallError> {
    let bytes = unhex(text).and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| CallError::strange(format!("{text:?} is not {N} bytes in hexadecimal")))
}

pub(super) fn keccak(bytes: &[u8]) -> [u8; 32] {
    Keccak256::digest(bytes).into()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _never_fails = write!(text, "{byte:02x}");
        text
    })
}

pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let pairs = digits.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
        u8::from_str_radix(pair, 16).ok()
    });
    pairs.collect()
}

/// `0x1a` and the like; also a 32-byte word, as long as its number is small enough.
pub(super) fn number(value: &Value) -> Result<u128, CallError> {
    let digits = value.as_str().and_then(|text| text.strip_prefix("0x"));
    let digits = digits.map(|digits| digits.trim_start_matches('0'));
    let parsed = digits.map(|digits| u128::from_str_radix(&format!("0{digits}"), 16));
    match parsed {
        Some(Ok(number)) => Ok(number),
        _ => Err(CallError::strange(format!("{value} is not a number"))),
    }
}

pub(super) fn height(value: &Value) -> Result<u64, CallError> {
    let height = u64::try_from(number(value)?);
    height.map_err(|_| CallError::strange(format!("{value} is too high")))
}

pub(super) fn quantity(number: impl Into<u128>) -> String {
    format!("{:#x}", number.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_with_its_checksum() {
        let text = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
        let address: Address = text.to_lowercase().parse().unwrap();
        assert_eq!(address.to_string(), text);
        assert!("0xf3".parse::<Address>().is_err());
    }

    #[test]
    fn numbers_are_read_with_and_without_leading_zeros() {
        assert_eq!(number(&Value::from("0x1a")).unwrap(), 26);
        assert_eq!(number(&Value::from(format!("0x{:064x}", 7))).unwrap(), 7);
        assert_eq!(number(&Value::from("0x0")).unwrap(), 0);
        assert!(number(&Value::from(format!("0x{}", "f".repeat(64)))).is_err());
        assert_eq!(quantity(26_u64), "0x1a");
    }
}
