//! The bytes of a transfer: built to be signed, read back by whoever is to sign them, and put together
//! with the signature. Always EIP-1559, and only the two shapes that we ever sign. Fees and nonces are
//! chosen elsewhere, and no key is near.

use alloy::consensus::transaction::RlpEcdsaDecodableTx as _;
use alloy::consensus::{SignableTransaction as _, TxEip1559};
use alloy::eips::eip2718::Encodable2718 as _;
use alloy::eips::eip2930::AccessList;
use alloy::primitives::{Address, B256, Bytes, Signature, TxKind, U256};
use alloy::sol_types::SolCall as _;

use super::token::transferCall;

/// The first byte of every EIP-1559 transaction, signed or to be signed (EIP-2718).
const TYPE: u8 = 2;

/// What a transaction moves, and to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Movement {
    /// `transfer(to, units)` of an ERC-20 contract.
    Token { token: Address, to: Address, units: U256 },
    /// Plain ether, without a call.
    Ether { to: Address, wei: U256 },
}

impl Movement {
    /// Whom the transaction is addressed to, what it carries along, and what it calls.
    pub(crate) fn call(&self) -> (Address, U256, Bytes) {
        match *self {
            Self::Token { token, to, units } => {
                (token, U256::ZERO, transferCall { to, value: units }.abi_encode().into())
            }
            Self::Ether { to, wei } => (to, wei, Bytes::new()),
        }
    }
}

/// Everything that a transaction of ours says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unsigned {
    pub(crate) chain_id: u64,
    pub(crate) nonce: u64,
    pub(crate) gas_limit: u64,
    /// Wei per gas.
    pub(crate) max_fee: u128,
    pub(crate) max_tip: u128,
    pub(crate) movement: Movement,
}

/// Why bytes are not a transfer that we would sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TransactionError {
    #[error("they are no EIP-1559 transaction")]
    NotEip1559,
    #[error("they can be written in another way, or something follows them")]
    NotCanonical,
    #[error("they deploy a contract")]
    Deployment,
    #[error("they list accesses")]
    AccessList,
    #[error("they call something else than transfer(address,uint256) without ether")]
    OtherCall,
}

impl Unsigned {
    /// The bytes whose Keccak hash is signed.
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        self.transaction().encoded_for_signing()
    }

    /// Reads what [`Unsigned::to_bytes`] wrote, and nothing else.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, TransactionError> {
        let [TYPE, fields @ ..] = bytes else { return Err(TransactionError::NotEip1559) };
        let mut fields = fields;
        let transaction = TxEip1559::rlp_decode(&mut fields);
        let transaction = transaction.map_err(|_| TransactionError::NotEip1559)?;
        let unsigned = Self::of(&transaction)?;
        // Says in one comparison that nothing was left out above and that there is one spelling.
        if unsigned.to_bytes() == bytes {
            Ok(unsigned)
        } else {
            Err(TransactionError::NotCanonical)
        }
    }

    fn of(transaction: &TxEip1559) -> Result<Self, TransactionError> {
        if !transaction.access_list.is_empty() {
            return Err(TransactionError::AccessList);
        }
        Ok(Self {
            chain_id: transaction.chain_id,
            nonce: transaction.nonce,
            gas_limit: transaction.gas_limit,
            max_fee: transaction.max_fee_per_gas,
            max_tip: transaction.max_priority_fee_per_gas,
            movement: movement(transaction)?,
        })
    }

    fn transaction(self) -> TxEip1559 {
        let (to, value, input) = self.movement.call();
        TxEip1559 {
            chain_id: self.chain_id,
            nonce: self.nonce,
            gas_limit: self.gas_limit,
            max_fee_per_gas: self.max_fee,
            max_priority_fee_per_gas: self.max_tip,
            to: TxKind::Call(to),
            value,
            access_list: AccessList::default(),
            input,
        }
    }
}

fn movement(transaction: &TxEip1559) -> Result<Movement, TransactionError> {
    let TxKind::Call(to) = transaction.to else { return Err(TransactionError::Deployment) };
    if transaction.input.is_empty() {
        return Ok(Movement::Ether { to, wei: transaction.value });
    }
    let call = transferCall::abi_decode_validate(&transaction.input);
    match call {
        Ok(call) if transaction.value.is_zero() => {
            Ok(Movement::Token { token: to, to: call.to, units: call.value })
        }
        Ok(_) | Err(_) => Err(TransactionError::OtherCall),
    }
}

/// The hash that a signature of these bytes is made over.
pub(crate) fn signing_hash(unsigned: Unsigned) -> B256 {
    unsigned.transaction().signature_hash()
}

/// The bytes to broadcast, and the hash that the transaction is known by.
pub(crate) fn assemble(unsigned: Unsigned, signature: Signature) -> (B256, Vec<u8>) {
    let signed = unsigned.transaction().into_signed(signature);
    (*signed.hash(), signed.encoded_2718())
}

#[cfg(test)]
mod tests {
    use alloy::eips::eip2930::AccessListItem;
    use alloy::primitives::{address, hex};
    use alloy::sol_types::SolCall as _;

    use super::*;

    const TETHER: Address = address!("dAC17F958D2ee523a2206206994597C13D831ec7");
    const SOMEBODY: Address = address!("70997970C51812dc3A010C7d01b50e0d17dc79C8");
    /// Written by another program from the definitions of RLP, EIP-1559 and the contract ABI.
    const TOKEN_BYTES: [u8; 112] = hex!(
        "02f86d01078405f5e1008506fc23ac0082fde894dac17f958d2ee523a2206206994597c13d831ec780b844a905"
        "9cbb00000000000000000000000070997970c51812dc3a010c7d01b50e0d17dc79c80000000000000000000000"
        "000000000000000000000000000000000000bc614ec0"
    );
    const ETHER_BYTES: [u8; 50] = hex!(
        "02f0827a6980843b9aca0084b2d05e0082668a9470997970c51812dc3a010c7d01b50e0d17dc79c887038d7ea4"
        "c6800080c0"
    );

    fn token_transfer() -> Unsigned {
        Unsigned {
            chain_id: 1,
            nonce: 7,
            gas_limit: 65_000,
            max_fee: 30_000_000_000,
            max_tip: 100_000_000,
            movement: Movement::Token {
                token: TETHER,
                to: SOMEBODY,
                units: U256::from(12_345_678),
            },
        }
    }

    fn ether_transfer() -> Unsigned {
        Unsigned {
            chain_id: 31337,
            nonce: 0,
            gas_limit: 26_250,
            max_fee: 3_000_000_000,
            max_tip: 1_000_000_000,
            movement: Movement::Ether { to: SOMEBODY, wei: U256::from(1_000_000_000_000_000_u64) },
        }
    }

    #[test]
    fn the_bytes_are_those_of_the_standards_and_read_back_as_what_they_say() {
        assert_eq!(hex::encode(token_transfer().to_bytes()), hex::encode(TOKEN_BYTES));
        assert_eq!(hex::encode(ether_transfer().to_bytes()), hex::encode(ETHER_BYTES));
        assert_eq!(Unsigned::parse(&TOKEN_BYTES), Ok(token_transfer()));
        assert_eq!(Unsigned::parse(&ETHER_BYTES), Ok(ether_transfer()));
    }

    #[test]
    fn nothing_but_a_whole_transaction_is_read() {
        for cut in 0..TOKEN_BYTES.len() {
            assert!(Unsigned::parse(&TOKEN_BYTES[..cut]).is_err(), "{cut} bytes");
        }
        let longer = [&TOKEN_BYTES[..], &[0]].concat();
        assert_eq!(Unsigned::parse(&longer), Err(TransactionError::NotCanonical));
        assert_eq!(Unsigned::parse(&TOKEN_BYTES[1..]), Err(TransactionError::NotEip1559));
    }

    #[test]
    fn nothing_but_a_transfer_is_read() {
        let changed = |change: fn(&mut TxEip1559)| {
            let mut transaction = token_transfer().transaction();
            change(&mut transaction);
            Unsigned::parse(&transaction.encoded_for_signing())
        };
        let refused = changed(|tx| tx.to = TxKind::Create);
        assert_eq!(refused, Err(TransactionError::Deployment));
        let refused = changed(|tx| tx.access_list = vec![AccessListItem::default()].into());
        assert_eq!(refused, Err(TransactionError::AccessList));
        let others: [fn(&mut TxEip1559); 4] = [
            |tx| tx.value = U256::ONE,
            |tx| tx.input = [&tx.input[..], &[0]].concat().into(),
            |tx| tx.input = hex!("095ea7b3").iter().chain(&tx.input[4..]).copied().collect(),
            // A receiver that is no address: something before its twenty bytes.
            |tx| {
                let mut input = transferCall { to: SOMEBODY, value: U256::ONE }.abi_encode();
                input[4] = 1;
                tx.input = input.into();
            },
        ];
        for other in others {
            assert!(changed(other).is_err());
        }
    }

    #[test]
    fn the_signed_bytes_are_what_the_hash_is_of() {
        let signature = Signature::new(U256::from(3), U256::from(5), true);
        let (hash, raw) = assemble(token_transfer(), signature);
        assert_eq!(hash, alloy::primitives::keccak256(&raw));
        assert_eq!(signing_hash(token_transfer()), alloy::primitives::keccak256(TOKEN_BYTES));
    }
}
