//! What the signer is told once, at its start. Nothing here is read from a file or printed.

use std::fmt;
use std::path::PathBuf;

use domain::money::Crypto;
use domain::offer::Asset;
use secrecy::SecretString;

/// Everything that the signer is told.
#[derive(Debug, Clone)]
pub struct SignerConfig {
    pub hot: KeySource,
    /// Its children are the escrow addresses, so that it is a mnemonic.
    pub escrow: KeySource,
    /// On a local disk, shared by every signer of these keys, and kept for ever: whoever removes it
    /// removes the second lock against paying twice.
    pub journal: PathBuf,
    pub tron: TronChain,
    pub ethereum: EthereumChain,
    pub limits: Limits,
    /// Hold a death by expiry against the own clock, too. Off only where a chain's time is not the
    /// world's (a simulator that runs ahead).
    pub expiry_by_clock: bool,
}

/// Where keys come from.
#[derive(Clone)]
pub enum KeySource {
    /// A file with the words of a BIP-39 mnemonic, in English.
    Mnemonic { file: PathBuf, password: Option<SecretString> },
    /// A keystore of version 3: one key, which is one owner on both networks. Hot wallet only.
    Keystore { file: PathBuf, passphrase_file: PathBuf },
    /// The words themselves: for local runs and tests.
    Phrase(SecretString),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TronChain {
    pub chain_id: u64,
    /// The contract, in base58.
    pub usdt: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EthereumChain {
    pub chain_id: u64,
    pub usdt: String,
    pub usdc: String,
}

/// What one transfer may move and cost at most. Coin that only goes from an escrow address to the hot
/// wallet is not limited: it stays ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub usdt: Crypto,
    pub usdc: Crypto,
    pub tron: NativeLimits,
    pub ethereum: NativeLimits,
}

/// Sun or wei.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NativeLimits {
    pub max_fee: u64,
    /// What an escrow address may be given for its fees.
    pub max_top_up: u64,
}

impl Limits {
    pub(super) fn coin(&self, asset: Asset) -> Crypto {
        match asset {
            Asset::Usdt => self.usdt,
            Asset::Usdc => self.usdc,
        }
    }
}

/// Says of what kind a source is and where its file lies.
impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mnemonic { file, .. } => write!(f, "Mnemonic({})", file.display()),
            Self::Keystore { file, .. } => write!(f, "Keystore({})", file.display()),
            Self::Phrase(_) => f.write_str("Phrase([redacted])"),
        }
    }
}
