//! Digest, signature, and the bytes to broadcast; and the way back from them.

use alloy::consensus::TxEip1559;
use alloy::consensus::transaction::{RlpEcdsaDecodableTx as _, SignableTransaction as _};
use alloy::primitives::{B256, Signature, hex};
use alloy::signers::SignerSync as _;
use domain::address::Network;
use domain::ports::SignerError;

use super::keys::Key;
use super::look::mismatch;
use crate::address::owner::Owner;
use crate::{ethereum, tron::transaction};

/// What is signed: the hash of the bytes, as the chain hashes them.
pub(super) type Digest = [u8; 32];

/// Bytes that anybody could broadcast.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sealed {
    pub(super) digest: Digest,
    pub(super) tx_hash: String,
    pub(super) raw: Vec<u8>,
}

/// What was signed, and by whom.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Opened {
    pub(super) unsigned: Vec<u8>,
    pub(super) signer: Owner,
    pub(super) tx_hash: String,
}

pub(super) fn digest(network: Network, unsigned: &[u8]) -> Result<Digest, SignerError> {
    match network {
        Network::Tron => Ok(transaction::txid(unsigned)),
        Network::Ethereum => Ok(ethereum::signing_hash(transfer(unsigned)?).0),
    }
}

/// Signs, and puts the bytes to broadcast together.
pub(super) fn seal(network: Network, key: &Key, unsigned: &[u8]) -> Result<Sealed, SignerError> {
    let digest = digest(network, unsigned)?;
    let signature = key.sign_hash_sync(&digest.into());
    let signature = signature.map_err(|_| SignerError::Away("the key does not sign".into()))?;
    let (tx_hash, raw) = match network {
        Network::Tron => {
            (hex::encode(digest), transaction::assemble(unsigned, signature.as_bytes()))
        }
        Network::Ethereum => {
            let (hash, raw) = ethereum::assemble(transfer(unsigned)?, signature);
            (hex::encode_prefixed(hash), raw)
        }
    };
    Ok(Sealed { digest, tx_hash, raw })
}

fn transfer(unsigned: &[u8]) -> Result<ethereum::Unsigned, SignerError> {
    let transfer = ethereum::Unsigned::parse(unsigned);
    transfer.map_err(|error| SignerError::Mismatch(error.to_string()))
}

/// Opens bytes to broadcast; the signer is whoever the signature says.
pub(super) fn open(network: Network, raw: &[u8]) -> Result<Opened, SignerError> {
    match network {
        Network::Tron => open_tron(raw),
        Network::Ethereum => open_ethereum(raw),
    }
}

fn open_tron(raw: &[u8]) -> Result<Opened, SignerError> {
    let (unsigned, signature) = transaction::disassemble(raw).map_err(|_| unreadable())?;
    let digest = transaction::txid(&unsigned);
    let signature = Signature::from_raw_array(&signature).map_err(|_| unreadable())?;
    let signer = recover(&signature, digest.into())?;
    Ok(Opened { unsigned, signer, tx_hash: hex::encode(digest) })
}

fn open_ethereum(raw: &[u8]) -> Result<Opened, SignerError> {
    let (_type, mut fields) = raw.split_first().ok_or_else(unreadable)?;
    let sealed = TxEip1559::rlp_decode_signed(&mut fields).map_err(|_| unreadable())?;
    let signer = recover(sealed.signature(), sealed.signature_hash())?;
    let unsigned = sealed.tx().encoded_for_signing();
    Ok(Opened { unsigned, signer, tx_hash: hex::encode_prefixed(sealed.hash()) })
}

fn recover(signature: &Signature, digest: B256) -> Result<Owner, SignerError> {
    let signer = signature.recover_address_from_prehash(&digest).map_err(|_| unreadable())?;
    Ok(signer.into_array())
}

fn unreadable() -> SignerError {
    mismatch("what was signed before cannot be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first account of every development node.
    const KEY: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
    /// A transfer of a token, published by Tron's documentation (Nile).
    const RAW_DATA: &str = "0a0228c32208ce6d34028278856940f89cf1c0dd335aae01081f12a9010a31747970652e676f6f676c65617069732e636f6d2f70726f746f636f6c2e54726967676572536d617274436f6e747261637412740a1541dd791d6b49e190062d650e6a23c575510d35f2f9121541eca9bc828a3005b9a3b909f2cc5c2a54794de05f2244a9059cbb000000000000000000000000088a2bfcb1c7271029fd69a66859d5556089588400000000000000000000000000000000000000000000000000000000000000647089d0edc0dd33900180c2d72f";
    /// As tronweb and tronpy sign it.
    const SIGNATURE: &str = "4906b132c91db1b17054fb4d95e075688bdb0fce09d354859d6e5d45f757d24771d5cbc7e97a5e5431c5389185a1534d10b6555710b1a87f0ac6eee7ab20ea691b";
    const TXID: &str = "8c621a0dc9bd4d405b20d0a43143955b9f546f98bbfde1aec295a65b0f925629";

    #[test]
    fn a_published_tron_transaction_is_signed_as_other_libraries_sign_it() {
        let key = Key::from_slice(&hex::decode(KEY).unwrap()).unwrap();
        let unsigned = hex::decode(RAW_DATA).unwrap();
        let sealed = seal(Network::Tron, &key, &unsigned).unwrap();
        assert_eq!((hex::encode(sealed.digest), sealed.tx_hash), (TXID.into(), TXID.into()));
        assert!(hex::encode(&sealed.raw).ends_with(SIGNATURE));
        let signer = key.address().into_array();
        let opened = Opened { unsigned, signer, tx_hash: TXID.to_owned() };
        assert_eq!(open(Network::Tron, &sealed.raw), Ok(opened));
    }

    #[test]
    fn whatever_is_no_signed_transaction_does_not_open() {
        for network in [Network::Tron, Network::Ethereum] {
            for raw in [&b""[..], &[2], &[0x0a, 0], &[0xff; 100]] {
                assert!(open(network, raw).is_err(), "{network:?} {raw:?}");
            }
        }
    }
}
