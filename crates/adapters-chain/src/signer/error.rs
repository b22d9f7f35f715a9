//! Why a signer cannot start. No error here repeats a secret, or an error of a library that might: the
//! reader of mnemonics puts the whole phrase into its own.

use std::io;
use std::path::PathBuf;

use domain::address::Network;

use super::journal::JournalError;

/// Why there are no keys, or none that may be used here.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("{} cannot be read", .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error(
        "{} can be read by others (mode {mode:o}): run `chmod 600` on it, and consider its keys known if others were on this machine",
        .path.display()
    )]
    Exposed { path: PathBuf, mode: u32 },
    #[error(
        "the {0} wallet's phrase is no BIP-39 mnemonic: 12 to 24 English words, the last of which fits the others"
    )]
    NotAMnemonic(&'static str),
    #[error("{} is no keystore of version 3 (aes-128-ctr; scrypt or pbkdf2)", .0.display())]
    NotAKeystore(PathBuf),
    #[error("{} does not open with the passphrase of its passphrase file", .0.display())]
    WrongPassphrase(PathBuf),
    #[error(
        "the escrow wallet needs a mnemonic: a keystore has one key and escrow addresses are many"
    )]
    EscrowKeystore,
    #[error("address index is beyond 2^31 - 1, the last non-hardened child")]
    IndexOutOfRange,
    #[error("the configured {0} is no contract's address")]
    Contract(&'static str),
    #[error(
        "the {wallet} wallet's key is published, and chain id {chain_id} is not configured as a test network (or is a main network): whoever knows the phrase can take everything. Make a mnemonic of your own"
    )]
    TestKeys { wallet: &'static str, chain_id: u64 },
    #[error(
        "the {wallet} wallet's key is published: in production no key may be, whatever the network. Make a mnemonic of your own"
    )]
    TestKeysInProduction { wallet: &'static str },
    #[error(
        "the hot and the escrow wallet share a mnemonic: give each its own, so that the loss of one is not the loss of both"
    )]
    SharedMnemonic,
    #[error(
        "the configured {} xpub is not the escrow mnemonic's: coin sent to addresses derived from it could not be moved. Configure the one that the signer names",
        .0.as_str()
    )]
    ForeignXpub(Network),
    #[error(transparent)]
    Journal(#[from] JournalError),
}
