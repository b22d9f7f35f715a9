//! A transaction as the chain sees it: what it asks for, its id, and who signed it.

use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use prost::Message as _;

use super::address::Address;
use super::hashing::{Hash, sha256};
use super::proto::{self, Any, Contract, Raw, Signed};

/// What a transaction asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    Transfer { owner: Address, to: Address, amount: i64 },
    Trigger { owner: Address, contract: Address, call_value: i64, data: Vec<u8> },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tx {
    pub(super) id: Hash,
    pub(super) raw: Raw,
    pub(super) signatures: Vec<Vec<u8>>,
    pub(super) action: Action,
    /// Put in by the twin's control, as a wallet elsewhere: nobody has its key.
    pub(super) is_foreign: bool,
}

impl Tx {
    /// `None` where there is not exactly one contract of a kind that the twin knows.
    pub(super) fn new(signed: Signed) -> Option<Self> {
        let raw = signed.raw_data?;
        let [contract] = raw.contract.as_slice() else { return None };
        let action = Action::of(contract)?;
        Some(Self { signatures: signed.signature, ..Self::unsigned(raw, action) })
    }

    pub(super) fn unsigned(raw: Raw, action: Action) -> Self {
        // Of the message as the node writes it: other bytes for the same message have no other id.
        let id = sha256(&raw.encode_to_vec());
        Self { id, raw, signatures: Vec::new(), action, is_foreign: false }
    }

    pub(super) fn signed(&self) -> Signed {
        Signed { raw_data: Some(self.raw.clone()), signature: self.signatures.clone() }
    }

    /// Bytes of the signed message.
    pub(super) fn size(&self) -> i64 {
        i64::try_from(self.signed().encoded_len()).unwrap_or(i64::MAX)
    }

    pub(super) fn owner(&self) -> Address {
        match self.action {
            Action::Transfer { owner, .. } | Action::Trigger { owner, .. } => owner,
        }
    }

    pub(super) fn is_signed_by_owner(&self) -> bool {
        let [signature] = self.signatures.as_slice() else { return false };
        self.is_foreign || signer(&self.id, signature) == Some(self.owner())
    }
}

impl Action {
    fn of(contract: &Contract) -> Option<Self> {
        let parameter = contract.parameter.as_ref()?;
        match (contract.kind, parameter.type_url.as_str()) {
            (proto::TRANSFER, proto::TRANSFER_URL) => {
                let asked = proto::TransferContract::decode(parameter.value.as_slice()).ok()?;
                let owner = Address::of_bytes(&asked.owner_address)?;
                let to = Address::of_bytes(&asked.to_address)?;
                Some(Self::Transfer { owner, to, amount: asked.amount })
            }
            (proto::TRIGGER, proto::TRIGGER_URL) => {
                let asked = proto::TriggerSmartContract::decode(parameter.value.as_slice()).ok()?;
                let owner = Address::of_bytes(&asked.owner_address)?;
                let contract = Address::of_bytes(&asked.contract_address)?;
                let call_value = asked.call_value;
                Some(Self::Trigger { owner, contract, call_value, data: asked.data })
            }
            _ => None,
        }
    }

    pub(super) fn contract(&self) -> Contract {
        let (kind, type_url, value) = match self {
            Self::Transfer { owner, to, amount } => {
                let (owner_address, to_address) = (bytes(owner), bytes(to));
                let asked = proto::TransferContract { owner_address, to_address, amount: *amount };
                (proto::TRANSFER, proto::TRANSFER_URL, asked.encode_to_vec())
            }
            Self::Trigger { owner, contract, call_value, data } => {
                let asked = proto::TriggerSmartContract {
                    owner_address: bytes(owner),
                    contract_address: bytes(contract),
                    call_value: *call_value,
                    data: data.clone(),
                    ..proto::TriggerSmartContract::default()
                };
                (proto::TRIGGER, proto::TRIGGER_URL, asked.encode_to_vec())
            }
        };
        let parameter = Some(Any { type_url: type_url.to_owned(), value });
        Contract { kind, parameter, ..Contract::default() }
    }
}

fn bytes(address: &Address) -> Vec<u8> {
    address.as_bytes().to_vec()
}

/// A shared transaction on disk: the message in hex, and whether anybody signed it.
pub(super) mod written {
    use std::sync::Arc;

    use prost::Message as _;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Signed, Tx};
    use crate::tron::hex;

    pub(in super::super) fn serialize<S: Serializer>(
        tx: &Arc<Tx>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        (hex::encode(&tx.signed().encode_to_vec()), tx.is_foreign).serialize(to)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Arc<Tx>, D::Error> {
        let (text, is_foreign) = <(String, bool)>::deserialize(from)?;
        let bytes = hex::decode(&text).unwrap_or_default();
        let signed = Signed::decode(bytes.as_slice()).map_err(D::Error::custom)?;
        let tx = Tx::new(signed).ok_or_else(|| D::Error::custom("no transaction"))?;
        Ok(Arc::new(Tx { is_foreign, ..tx }))
    }
}

/// Whose key signed a digest. The last byte is 0 or 1, or 27 or 28.
pub(super) fn signer(digest: &Hash, signature: &[u8]) -> Option<Address> {
    let (pair, last) = signature.split_at_checked(64)?;
    let [last] = last else { return None };
    let id = RecoveryId::from_byte(if *last >= 27 { last - 27 } else { *last })?;
    let pair = Signature::from_slice(pair).ok()?;
    let key = VerifyingKey::recover_from_prehash(digest, &pair, id).ok()?;
    Some(Address::of_key(&key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tron::hex;

    const TRIGGER: &str = concat!(
        "0a0228c32208ce6d34028278856940f89cf1c0dd335aae01081f12a9010a31747970652e676f6f67",
        "6c65617069732e636f6d2f70726f746f636f6c2e54726967676572536d617274436f6e7472616374",
        "12740a1541dd791d6b49e190062d650e6a23c575510d35f2f9121541eca9bc828a3005b9a3b909f2",
        "cc5c2a54794de05f2244a9059cbb000000000000000000000000088a2bfcb1c7271029fd69a66859",
        "d5556089588400000000000000000000000000000000000000000000000000000000000000647089",
        "d0edc0dd33900180c2d72f",
    );
    const TRANSFER: &str = concat!(
        "0a0229272208939ece39d08a7abe40d8c483c1dd335a67080112630a2d747970652e676f6f676c65",
        "617069732e636f6d2f70726f746f636f6c2e5472616e73666572436f6e747261637412320a1541dd",
        "791d6b49e190062d650e6a23c575510d35f2f912154192ad11c1bf16b3b14b0bd6b5c7e2db73a0b5",
        "e83a18c0843d70d68780c1dd33",
    );
    const OWNER: &str = "41dd791d6b49e190062d650e6a23c575510d35f2f9";
    const SIGNATURE: &str = concat!(
        "4906b132c91db1b17054fb4d95e075688bdb0fce09d354859d6e5d45f757d24771d5cbc7e97a5e54",
        "31c5389185a1534d10b6555710b1a87f0ac6eee7ab20ea691b",
    );

    fn read(raw: &str) -> Tx {
        let raw = Raw::decode(hex::decode(raw).expect("hex").as_slice()).expect("a message");
        Tx::new(Signed { raw_data: Some(raw), signature: Vec::new() }).expect("a transaction")
    }

    #[test]
    fn the_captured_trigger_has_its_published_id_and_is_written_back_to_the_byte() {
        let tx = read(TRIGGER);
        let id = "8c621a0dc9bd4d405b20d0a43143955b9f546f98bbfde1aec295a65b0f925629";
        assert_eq!(hex::encode(&tx.id), id);
        assert_eq!(hex::encode(&tx.raw.encode_to_vec()), TRIGGER);
        assert_eq!(tx.owner().hex(), OWNER);
        assert_eq!(tx.raw.contract, vec![tx.action.contract()]);
        assert_eq!((tx.raw.expiration, tx.raw.fee_limit), (1_777_447_227_000, 100_000_000));
    }

    #[test]
    fn the_captured_transfer_has_its_published_id_and_is_written_back_to_the_byte() {
        let tx = read(TRANSFER);
        let id = "6303c7639f591407ef9f34a7ac8c9c9a21151f5a6af21924502515734fc267ab";
        assert_eq!(hex::encode(&tx.id), id);
        assert_eq!(hex::encode(&tx.raw.encode_to_vec()), TRANSFER);
        assert_eq!(tx.raw.contract, vec![tx.action.contract()]);
        assert!(matches!(tx.action, Action::Transfer { amount: 1_000_000, .. }));
    }

    #[test]
    fn the_signer_of_the_captured_id_is_found_by_either_writing_of_the_last_byte() {
        let tx = read(TRIGGER);
        let mut signature = hex::decode(SIGNATURE).expect("hex");
        let key: Address = "TYBNgWfhGuNzdLtjKtxXTfskAhTbMcqbaG".parse().expect("an address");
        assert_eq!(signer(&tx.id, &signature), Some(key));
        signature[64] = 0;
        assert_eq!(signer(&tx.id, &signature), Some(key));
        signature[64] = 1;
        assert_ne!(signer(&tx.id, &signature), Some(key));
        assert_eq!(signer(&tx.id, &signature[..64]), None);
    }

    #[test]
    fn a_signed_transfer_of_a_token_has_281_bytes() {
        let mut tx = read(TRIGGER);
        tx.signatures.push(hex::decode(SIGNATURE).expect("hex"));
        assert_eq!(tx.size(), 281);
        assert!(!tx.is_signed_by_owner(), "another key signed it");
    }
}
