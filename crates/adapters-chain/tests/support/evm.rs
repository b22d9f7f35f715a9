//! A private Ethereum chain: what the adapter is told of it, and transactions by the library's own hand.

use adapters_chain::Timeouts;
use adapters_chain::ethereum::{EthereumCoins, EthereumConfig};
use alloy::consensus::transaction::RlpEcdsaDecodableTx as _;
use alloy::consensus::{SignableTransaction as _, TxEip1559, TxEnvelope};
use alloy::eips::eip2718::Encodable2718 as _;
use alloy::signers::SignerSync as _;
use domain::chain::transfer::{Signed, Terms, Wallet};
use twins::anvil::Chain;

use super::keys::key;

/// Ethereum's number among the coins (SLIP-44).
const COIN: u32 = 60;
/// The node's accounts and our keys come from the same words; this is the hot wallet's account.
pub(crate) const HOT: usize = 1;
/// Escrow addresses that the node knows nothing of.
pub(crate) const ESCROW: u32 = 500;

/// The configuration that a test begins from.
pub(crate) fn config(chain: &Chain, nodes: Vec<String>) -> EthereumConfig {
    let coins = EthereumCoins { usdt: chain.usdt().to_string(), usdc: chain.usdc().to_string() };
    let config = EthereumConfig::new(nodes, 31337, coins, chain.accounts()[HOT].to_string());
    EthereumConfig {
        batch: 50,
        max_fee_gwei: 100,
        timeouts: Timeouts { connect: 2_000, answer: 5_000 },
        requests_per_second: 100_000,
        ..config
    }
}

/// Signs as the library does it.
pub(crate) fn sign(wallet: Wallet, unsigned: &[u8], terms: Terms, sequence: u64) -> Signed {
    let index = match wallet {
        Wallet::Hot => u32::try_from(HOT).expect("a fixture"),
        Wallet::Escrow(index) => index,
    };
    let transaction = decode(unsigned);
    let hash = transaction.signature_hash();
    let signature = key(COIN, index).sign_hash_sync(&hash).expect("a fixture");
    let envelope: TxEnvelope = transaction.into_signed(signature).into();
    let (tx_hash, raw) = (envelope.tx_hash().to_string(), envelope.encoded_2718());
    Signed { tx_hash, raw, sequence, terms }
}

pub(crate) fn decode(unsigned: &[u8]) -> TxEip1559 {
    let (kind, mut fields) = unsigned.split_first().expect("a fixture");
    assert_eq!(*kind, 2);
    TxEip1559::rlp_decode(&mut fields).expect("a fixture")
}
