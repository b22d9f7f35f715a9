//! Transfers of TRX as transactions ask for them. They leave no log: the bytes that were signed say what
//! moves, and their hash is the transaction's name. What a contract sends while it runs is not seen here.

use alloy::primitives::U256;
use prost::Message as _;

use super::answers::Hash;
use super::header::Header;
use super::node::{Answer, Node};
use super::spelling;
use super::transaction::txid;
use super::wire::{self, Raw, TransferContract};
use crate::address::owner::Owner;

/// A transaction that sends TRX, if it is what its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) transaction: Hash,
    pub(crate) from: Owner,
    pub(crate) to: Owner,
    pub(crate) sun: U256,
    /// The bytes hash to the name.
    pub(crate) is_genuine: bool,
}

impl Node {
    /// Those of a block, in its order.
    pub(crate) fn sent(&self, block: &Header) -> Answer<Vec<Sent>> {
        if block.raws.iter().any(Vec::is_empty) {
            return Err(self.contradiction("a transaction without what was signed"));
        }
        let numbered = block.txids.iter().zip(&block.raws);
        Ok(numbered.filter_map(|(id, raw)| read(*id, raw)).collect())
    }
}

/// `None` for what sends no TRX. A memo, or whatever else a stranger adds, is no matter.
fn read(transaction: Hash, raw: &[u8]) -> Option<Sent> {
    let signed = Raw::decode(raw).ok()?;
    let contract = signed.contract.first().filter(|it| it.kind == wire::TRANSFER_CONTRACT)?;
    let transfer = TransferContract::decode(contract.parameter.as_ref()?.value.as_slice()).ok()?;
    Some(Sent {
        transaction,
        from: spelling::of_prefixed(&transfer.owner_address)?,
        to: spelling::of_prefixed(&transfer.to_address)?,
        sun: U256::from(u64::try_from(transfer.amount).ok()?),
        is_genuine: txid(raw) == transaction.0,
    })
}

#[cfg(test)]
mod tests {
    use alloy::primitives::hex;

    use super::*;

    /// A transfer of TRX, published by Tron's documentation (Nile).
    const RAW: &str = "0a0229272208939ece39d08a7abe40d8c483c1dd335a67080112630a2d747970652e676f6f676c65617069732e636f6d2f70726f746f636f6c2e5472616e73666572436f6e747261637412320a1541dd791d6b49e190062d650e6a23c575510d35f2f912154192ad11c1bf16b3b14b0bd6b5c7e2db73a0b5e83a18c0843d70d68780c1dd33";
    const ID: Hash = Hash(hex!("6303c7639f591407ef9f34a7ac8c9c9a21151f5a6af21924502515734fc267ab"));

    #[test]
    fn a_published_transfer_is_read_whatever_else_it_says() {
        let raw = hex::decode(RAW).unwrap();
        let sent = read(ID, &raw).unwrap();
        assert_eq!(sent.from, hex!("dd791d6b49e190062d650e6a23c575510d35f2f9"));
        assert_eq!(sent.to, hex!("92ad11c1bf16b3b14b0bd6b5c7e2db73a0b5e83a"));
        assert_eq!((sent.sun, sent.is_genuine), (U256::from(1_000_000), true));
        let mut with_memo = Raw::decode(raw.as_slice()).unwrap();
        with_memo.data = b"order 7".to_vec();
        let raw = with_memo.encode_to_vec();
        let forged = read(ID, &raw).unwrap();
        assert_eq!((forged.sun, forged.is_genuine), (sent.sun, false), "not what the name says");
        assert!(read(Hash(txid(&raw)), &raw).unwrap().is_genuine);
    }

    #[test]
    fn what_sends_no_trx_is_none() {
        let mut other = Raw::decode(hex::decode(RAW).unwrap().as_slice()).unwrap();
        other.contract[0].kind = wire::TRIGGER_SMART_CONTRACT;
        assert_eq!(read(ID, &other.encode_to_vec()), None);
        assert_eq!(read(ID, b"no message"), None);
        assert_eq!(read(ID, &[]), None);
    }
}
