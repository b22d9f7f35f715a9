//! Reading account-level extended public keys (BIP-32, BIP-44), and refusing every other kind.
//! No error here repeats the key: with one child's private key, an xpub gives away all of them.

use coins_bip32::enc::{MainnetEncoder, XKeyEncoder};
use coins_bip32::primitives::XKeyInfo;
use coins_bip32::xkeys::XPub;
use domain::address::Network;

const CHARS: usize = 111;
const PREFIX: &str = "xpub";

/// m / purpose' / coin' / account'
const ACCOUNT_DEPTH: u8 = 3;

/// Why a configured key cannot stand for a network's escrow account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum XpubError {
    #[error("the {} account key is not an xpub", .0.as_str())]
    NotAnXpub(Network),
    #[error(
        "the {} account key is an extended private key: the process must hold no private key",
        .0.as_str()
    )]
    PrivateKey(Network),
    #[error(
        "the {} account key has depth {depth}, an account (m/44'/coin'/account') has {ACCOUNT_DEPTH}",
        .network.as_str()
    )]
    WrongDepth { network: Network, depth: u8 },
}

pub(crate) fn read_account(network: Network, text: &str) -> Result<XPub, XpubError> {
    if is_private(text) {
        return Err(XpubError::PrivateKey(network));
    }
    let xpub = decode(text).ok_or(XpubError::NotAnXpub(network))?;
    match info(&xpub).depth {
        ACCOUNT_DEPTH => Ok(xpub),
        depth => Err(XpubError::WrongDepth { network, depth }),
    }
}

/// The shape comes first: the decoder takes it for granted that there is a checksum to cut off.
pub(crate) fn decode(text: &str) -> Option<XPub> {
    if text.len() != CHARS || !text.starts_with(PREFIX) {
        return None;
    }
    MainnetEncoder::xpub_from_base58(text).ok()
}

pub(crate) fn info(xpub: &XPub) -> &XKeyInfo {
    xpub.as_ref()
}

/// By its prefix (xprv, yprv, zprv, tprv), so that a private key with a typo is named as one too.
fn is_private(text: &str) -> bool {
    text.trim_start().get(1..4) == Some("prv")
}
