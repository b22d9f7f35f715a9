//! The local signer: keys from files, and a second opinion about every transfer. It reads the bytes
//! itself, holds them against the plan and its own limits, and keeps a journal that a second signature
//! for the same money has to get past. Which transfer is due, and what becomes of it, is decided
//! elsewhere.
//!
//! - `config`: what it is told once; `keys`: where its keys come from.
//! - `look`: what bytes say, and whether that is what was asked for.
//! - `journal`: what was signed, on disk before anybody sees it; `rules`: what may follow what.
//! - `seal`: digest, signature and the bytes to broadcast; `desk`: all of it in order.
//!
//! # Keys held by a KMS
//!
//! A KMS adapter implements the same port with everything here but `keys`. Only the last step differs:
//! where this signer signs a digest with a key in memory, it sends the digest (SHA-256 of Tron's
//! `raw_data`, Keccak of Ethereum's payload) to a key of type `ECC_SECG_P256K1` (AWS) or
//! `EC_SIGN_SECP256K1_SHA256` (GCP) and gets DER without a recovery id: it brings s to the lower half
//! and takes the one of the two ids that recovers the key's own address. The call is made under the
//! journal's lock, after its rules, so that a refusal still means that nothing was signed; it is short
//! against the time between blocks. A KMS may sign the same digest differently each time, which the
//! journal already covers: whoever asks again gets the first. It has no children of keys (BIP-32), so
//! that escrow wallets stay here, with little on them, and only the hot wallet moves to the KMS.

mod account;
mod config;
mod desk;
mod error;
mod guard;
mod journal;
mod keys;
mod local;
mod look;
mod rules;
mod seal;

pub use config::{EthereumChain, KeySource, Limits, NativeLimits, SignerConfig, TronChain};
pub use error::KeyError;
pub use guard::KeyUse;
pub use journal::JournalError;
pub use keys::{AccountXpubs, is_test_mnemonic};
pub use local::LocalSigner;
