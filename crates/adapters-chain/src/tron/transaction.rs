//! Transactions of ours, as values and as bytes: a TRC20 transfer or a transfer of TRX, and nothing
//! else. A function of its arguments throughout. Which terms are right, and who may sign, is
//! decided elsewhere.
//!
//! Everything is built here and nothing by a node, so that what is signed is what was meant.

use alloy::primitives::{U256, hex};
use domain::chain::Value;
use domain::chain::transfer::{Plan, Terms};
use prost::Message as _;
use sha2::{Digest as _, Sha256};

use super::spelling;
use super::wire::{
    self, Any, Contract, Raw, SignedTransaction, TransferContract, TriggerSmartContract,
};
use crate::address::owner::Owner;

/// `transfer(address,uint256)`.
const TRANSFER: [u8; 4] = [0xa9, 0x05, 0x9c, 0xbb];

/// Why bytes or values are no transaction of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no transaction of ours: {0}")]
pub struct NotOurs(pub String);

/// What a transaction moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// A TRC20 transfer, in the token's own units.
    Token { contract: Owner, to: Owner, units: u64 },
    /// A transfer of TRX.
    Native { to: Owner, sun: u64 },
}

/// The block that a transaction stands on (TAPOS): it executes only on chains that have that block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    /// The low 16 bits of the height.
    pub bytes: [u8; 2],
    /// Bytes 8 to 16 of the block's id.
    pub hash: [u8; 8],
}

impl Reference {
    pub fn new(height: u64, block_id: &[u8; 32]) -> Self {
        let [.., high, low] = height.to_be_bytes();
        Self { bytes: [high, low], hash: std::array::from_fn(|at| block_id[8 + at]) }
    }
}

/// Everything that a transaction of ours says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transaction {
    pub owner: Owner,
    pub act: Act,
    pub reference: Reference,
    /// Milliseconds of block time.
    pub expiration_ms: u64,
    /// Any number: it makes equal transfers differ.
    pub timestamp_ms: u64,
    /// Sun; 0 where no contract is called.
    pub fee_limit: u64,
}

impl Transaction {
    /// The transaction that a plan becomes on these terms, where `usdt` is the only coin.
    ///
    /// # Errors
    /// When the plan or the terms are not for Tron, or hold what no transaction can say.
    pub fn of(plan: &Plan, terms: &Terms, sequence: u64, usdt: Owner) -> Result<Self, NotOurs> {
        let Terms::Tron { ref_height, ref_hash, expiration_ms, fee_limit } = terms else {
            return Err(not_ours("terms of another chain"));
        };
        let mut block_id = [0; 32];
        hex::decode_to_slice(ref_hash, &mut block_id).map_err(|_| not_ours("block id"))?;
        Ok(Self {
            owner: owner(&plan.from)?,
            act: act(plan, usdt)?,
            reference: Reference::new(*ref_height, &block_id),
            expiration_ms: *expiration_ms,
            timestamp_ms: sequence,
            fee_limit: *fee_limit,
        })
    }

    /// The bytes that are signed (`raw_data`).
    ///
    /// # Errors
    /// When a number is beyond the 63 bits that the chain has for it.
    pub fn encode(&self) -> Result<Vec<u8>, NotOurs> {
        let raw = Raw {
            ref_block_bytes: self.reference.bytes.to_vec(),
            ref_block_hash: self.reference.hash.to_vec(),
            expiration: int64(self.expiration_ms)?,
            data: vec![],
            contract: vec![self.contract()?],
            timestamp: int64(self.timestamp_ms)?,
            fee_limit: int64(self.fee_limit)?,
        };
        Ok(raw.encode_to_vec())
    }

    fn contract(&self) -> Result<Contract, NotOurs> {
        let owner_address = spelling::prefixed(self.owner);
        let (kind, type_url, value) = match self.act {
            Act::Token { contract, to, units } => {
                let contract_address = spelling::prefixed(contract);
                let data = transfer_call(to, units);
                let call =
                    TriggerSmartContract { owner_address, contract_address, call_value: 0, data };
                (wire::TRIGGER_SMART_CONTRACT, wire::TRIGGER_URL, call.encode_to_vec())
            }
            Act::Native { to, sun } => {
                let (to_address, amount) = (spelling::prefixed(to), int64(sun)?);
                let transfer = TransferContract { owner_address, to_address, amount };
                (wire::TRANSFER_CONTRACT, wire::TRANSFER_URL, transfer.encode_to_vec())
            }
        };
        let parameter = Some(Any { type_url: type_url.to_owned(), value });
        Ok(Contract { kind, parameter, permission_id: 0 })
    }

    /// Reads `raw_data`. What it accepts is exactly what [`encode`](Self::encode) writes: a memo, a
    /// second contract, another permission, an unknown field or another order of fields is refused.
    ///
    /// # Errors
    /// When the bytes are anything else than one transfer as we write it.
    pub fn decode(bytes: &[u8]) -> Result<Self, NotOurs> {
        let raw = Raw::decode(bytes).map_err(|_| not_ours("raw_data cannot be read"))?;
        let [contract] = raw.contract.as_slice() else {
            return Err(not_ours("not one contract"));
        };
        let (owner, act) = read_contract(contract)?;
        let reference = Reference {
            bytes: exactly(&raw.ref_block_bytes)?,
            hash: exactly(&raw.ref_block_hash)?,
        };
        let read = Self {
            owner,
            act,
            reference,
            expiration_ms: uint(raw.expiration)?,
            timestamp_ms: uint(raw.timestamp)?,
            fee_limit: uint(raw.fee_limit)?,
        };
        // Whatever was not looked at above would be lost here.
        if read.encode()? == bytes {
            Ok(read)
        } else {
            Err(not_ours("it says more than a transfer"))
        }
    }
}

/// The transaction's id: the hash of what is signed. The signature is no part of it.
pub fn txid(raw_data: &[u8]) -> [u8; 32] {
    Sha256::digest(raw_data).into()
}

/// The bytes to broadcast: the signed data as it is, and the signature (r, s, v).
pub fn assemble(raw_data: &[u8], signature: [u8; 65]) -> Vec<u8> {
    let signature = vec![signature.to_vec()];
    SignedTransaction { raw_data: raw_data.to_vec(), signature }.encode_to_vec()
}

/// What was signed, and the signature, of bytes to broadcast.
///
/// # Errors
/// When the bytes are not one signature over data.
pub fn disassemble(bytes: &[u8]) -> Result<(Vec<u8>, [u8; 65]), NotOurs> {
    let signed = SignedTransaction::decode(bytes).map_err(|_| not_ours("cannot be read"))?;
    let [signature] = signed.signature.as_slice() else {
        return Err(not_ours("not one signature"));
    };
    let signature = exactly(signature)?;
    let is_whole = assemble(&signed.raw_data, signature) == bytes;
    is_whole
        .then_some((signed.raw_data, signature))
        .ok_or_else(|| not_ours("more than signed data"))
}

/// `transfer(to, units)` as call data.
pub(crate) fn transfer_call(to: Owner, units: u64) -> Vec<u8> {
    let units = U256::from(units).to_be_bytes::<32>();
    [TRANSFER.as_slice(), &spelling::word(to), &units].concat()
}

pub(crate) fn act(plan: &Plan, usdt: Owner) -> Result<Act, NotOurs> {
    use domain::offer::Asset;
    let to = owner(&plan.to)?;
    let units = plan.value.units().ok_or_else(|| not_ours("more places than the chain has"))?;
    match plan.value {
        Value::Coin { asset: Asset::Usdt, .. } => Ok(Act::Token { contract: usdt, to, units }),
        Value::Coin { asset: Asset::Usdc, .. } => Err(not_ours("USDC does not live on Tron")),
        Value::Native { .. } => Ok(Act::Native { to, sun: units }),
    }
}

fn read_contract(contract: &Contract) -> Result<(Owner, Act), NotOurs> {
    let parameter = contract.parameter.as_ref().ok_or_else(|| not_ours("no parameter"))?;
    match (contract.kind, parameter.type_url.as_str()) {
        (wire::TRIGGER_SMART_CONTRACT, wire::TRIGGER_URL) => read_call(&parameter.value),
        (wire::TRANSFER_CONTRACT, wire::TRANSFER_URL) => read_transfer(&parameter.value),
        (kind, _) => Err(not_ours(&format!("contract type {kind}"))),
    }
}

fn read_call(bytes: &[u8]) -> Result<(Owner, Act), NotOurs> {
    let call = TriggerSmartContract::decode(bytes).map_err(|_| not_ours("call"))?;
    let data: [u8; 68] = exactly(&call.data)?;
    let (word, units) = (exactly(&data[4..36])?, exactly::<32>(&data[36..])?);
    let to = spelling::of_word(&word).ok_or_else(|| not_ours("receiver"))?;
    let units = u64::try_from(U256::from_be_bytes(units)).map_err(|_| not_ours("amount"))?;
    // The selector, the call value and the rest are compared by encoding anew.
    let contract = prefixed(&call.contract_address)?;
    Ok((prefixed(&call.owner_address)?, Act::Token { contract, to, units }))
}

fn read_transfer(bytes: &[u8]) -> Result<(Owner, Act), NotOurs> {
    let transfer = TransferContract::decode(bytes).map_err(|_| not_ours("transfer"))?;
    let (to, sun) = (prefixed(&transfer.to_address)?, uint(transfer.amount)?);
    Ok((prefixed(&transfer.owner_address)?, Act::Native { to, sun }))
}

fn owner(text: &str) -> Result<Owner, NotOurs> {
    spelling::owner(text).ok_or_else(|| not_ours("an address of no Tron account"))
}

fn prefixed(bytes: &[u8]) -> Result<Owner, NotOurs> {
    spelling::of_prefixed(bytes).ok_or_else(|| not_ours("an address of another length or version"))
}

fn exactly<const N: usize>(bytes: &[u8]) -> Result<[u8; N], NotOurs> {
    bytes.try_into().map_err(|_| not_ours(&format!("{} bytes instead of {N}", bytes.len())))
}

fn int64(number: u64) -> Result<i64, NotOurs> {
    i64::try_from(number).map_err(|_| not_ours("a number beyond 63 bits"))
}

fn uint(number: i64) -> Result<u64, NotOurs> {
    u64::try_from(number).map_err(|_| not_ours("a negative number"))
}

fn not_ours(what: &str) -> NotOurs {
    NotOurs(what.to_owned())
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{B256, b256};
    use alloy::signers::SignerSync as _;
    use alloy::signers::local::PrivateKeySigner;

    use super::*;

    const OWNER: Owner = hex!("dd791d6b49e190062d650e6a23c575510d35f2f9");
    const TOKEN: Owner = hex!("eca9bc828a3005b9a3b909f2cc5c2a54794de05f");
    const TOKEN_RAW: &str = "0a0228c32208ce6d34028278856940f89cf1c0dd335aae01081f12a9010a31747970652e676f6f676c65617069732e636f6d2f70726f746f636f6c2e54726967676572536d617274436f6e747261637412740a1541dd791d6b49e190062d650e6a23c575510d35f2f9121541eca9bc828a3005b9a3b909f2cc5c2a54794de05f2244a9059cbb000000000000000000000000088a2bfcb1c7271029fd69a66859d5556089588400000000000000000000000000000000000000000000000000000000000000647089d0edc0dd33900180c2d72f";
    const NATIVE_RAW: &str = "0a0229272208939ece39d08a7abe40d8c483c1dd335a67080112630a2d747970652e676f6f676c65617069732e636f6d2f70726f746f636f6c2e5472616e73666572436f6e747261637412320a1541dd791d6b49e190062d650e6a23c575510d35f2f912154192ad11c1bf16b3b14b0bd6b5c7e2db73a0b5e83a18c0843d70d68780c1dd33";
    const ANVIL_0: B256 = b256!("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");

    /// A transfer of a token, published by Tron's documentation (Nile).
    fn token_transfer() -> Transaction {
        Transaction {
            owner: OWNER,
            act: Act::Token {
                contract: TOKEN,
                to: hex!("088a2bfcb1c7271029fd69a66859d55560895884"),
                units: 100,
            },
            reference: Reference { bytes: hex!("28c3"), hash: hex!("ce6d340282788569") },
            expiration_ms: 1_777_447_227_000,
            timestamp_ms: 1_777_447_168_009,
            fee_limit: 100_000_000,
        }
    }

    /// A transfer of TRX from the same place.
    fn native_transfer() -> Transaction {
        Transaction {
            owner: OWNER,
            act: Act::Native {
                to: hex!("92ad11c1bf16b3b14b0bd6b5c7e2db73a0b5e83a"),
                sun: 1_000_000,
            },
            reference: Reference { bytes: hex!("2927"), hash: hex!("939ece39d08a7abe") },
            expiration_ms: 1_777_447_527_000,
            timestamp_ms: 1_777_447_470_038,
            fee_limit: 0,
        }
    }

    #[test]
    fn published_transactions_are_written_byte_for_byte() {
        let rows = [
            (
                token_transfer(),
                TOKEN_RAW,
                "8c621a0dc9bd4d405b20d0a43143955b9f546f98bbfde1aec295a65b0f925629",
            ),
            (
                native_transfer(),
                NATIVE_RAW,
                "6303c7639f591407ef9f34a7ac8c9c9a21151f5a6af21924502515734fc267ab",
            ),
        ];
        for (transaction, raw, id) in rows {
            let bytes = transaction.encode().unwrap();
            assert_eq!(hex::encode(&bytes), raw);
            assert_eq!(hex::encode(txid(&bytes)), id);
            assert_eq!(Transaction::decode(&bytes), Ok(transaction));
        }
    }

    #[test]
    fn a_signature_is_the_one_that_other_libraries_make() {
        let raw = hex::decode(TOKEN_RAW).unwrap();
        let signer = PrivateKeySigner::from_bytes(&ANVIL_0).unwrap();
        let signature = signer.sign_hash_sync(&B256::from(txid(&raw))).unwrap().as_bytes();
        let expected = concat!(
            "4906b132c91db1b17054fb4d95e075688bdb0fce09d354859d6e5d45f757d247",
            "71d5cbc7e97a5e5431c5389185a1534d10b6555710b1a87f0ac6eee7ab20ea69",
            "1b"
        );
        assert_eq!(hex::encode(signature), expected);
        let whole = assemble(&raw, signature);
        assert_eq!(whole.len(), 281, "the size that bandwidth is charged for, less 64");
        assert_eq!(disassemble(&whole), Ok((raw, signature)));
        let owner = signer.address().into_array();
        assert_eq!(spelling::base58(owner), "TYBNgWfhGuNzdLtjKtxXTfskAhTbMcqbaG");
        assert_eq!(spelling::owner("TYBNgWfhGuNzdLtjKtxXTfskAhTbMcqbaG"), Some(owner));
    }

    #[test]
    fn nothing_but_a_plain_transfer_is_read() {
        let whole = Raw::decode(hex::decode(TOKEN_RAW).unwrap().as_slice()).unwrap();
        let changed = |change: &dyn Fn(&mut Raw)| {
            let mut raw = whole.clone();
            change(&mut raw);
            Transaction::decode(&raw.encode_to_vec())
        };
        let call = |change: &dyn Fn(&mut TriggerSmartContract)| {
            changed(&|raw: &mut Raw| {
                let parameter = raw.contract[0].parameter.as_mut().unwrap();
                let mut call = TriggerSmartContract::decode(parameter.value.as_slice()).unwrap();
                change(&mut call);
                parameter.value = call.encode_to_vec();
            })
        };
        assert_eq!(changed(&|_| {}), Ok(token_transfer()));
        assert!(changed(&|raw| raw.data = b"memo".to_vec()).is_err());
        assert!(changed(&|raw| raw.contract.push(raw.contract[0].clone())).is_err());
        assert!(changed(&|raw| raw.contract.clear()).is_err());
        assert!(changed(&|raw| raw.contract[0].permission_id = 2).is_err());
        assert!(changed(&|raw| raw.contract[0].kind = 54).is_err());
        assert!(changed(&|raw| raw.fee_limit = -1).is_err());
        assert!(changed(&|raw| raw.ref_block_hash.clear()).is_err());
        assert!(call(&|call| call.call_value = 1).is_err());
        assert!(call(&|call| call.data[0] = 0x09).is_err(), "approve is no transfer");
        assert!(call(&|call| call.data[4] = 1).is_err(), "no address");
        assert!(call(&|call| call.data[36] = 1).is_err(), "more than 64 bits");
        assert!(call(&|call| call.data.push(0)).is_err());
        assert!(call(&|call| call.owner_address[0] = 0x42).is_err());
        let mut unknown = hex::decode(TOKEN_RAW).unwrap();
        unknown.extend([0xf8, 0x01, 0x01]);
        assert!(Transaction::decode(&unknown).is_err(), "an unknown field");
        let mut signed = assemble(&unknown, [0; 65]);
        signed.extend([0xf8, 0x01, 0x01]);
        assert!(disassemble(&signed).is_err());
    }

    #[test]
    fn the_reference_is_the_low_end_of_the_height_and_the_middle_of_the_id() {
        let id = hex!("0000000003fe266bf6b6d392f654dc2e5011601546ed04623d9fcc4e9d439a25");
        let expected = Reference { bytes: hex!("266b"), hash: hex!("f6b6d392f654dc2e") };
        assert_eq!(Reference::new(66_987_627, &id), expected);
    }
}
