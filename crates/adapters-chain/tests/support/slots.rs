//! A simulated Tron chain whose blocks are made by hand: its options, what the adapter is told of it, and
//! signatures.

use adapters_chain::Timeouts;
use adapters_chain::tron::{TronConfig, transaction};
use alloy::primitives::{B256, hex};
use alloy::signers::SignerSync as _;
use domain::address::{AddressBook as _, Network};
use domain::chain::transfer::{Signed, Terms, Wallet};
use time::macros::datetime;
use twins::tron::{Address, TronOptions, TronTwin};

use super::keys::{book, key};

/// Tron's number among the coins (SLIP-44).
const COIN: u32 = 195;
/// The hot wallet's index.
const HOT: u32 = 900;

/// From a fixed moment on.
pub(crate) fn still(nodes: usize) -> TronOptions {
    let start = Some(datetime!(2026-11-21 09:00 UTC));
    TronOptions { start, nodes, ..TronOptions::by_hand() }
}

/// A chain whose hot wallet has this much: sun, and units of coin.
pub(crate) async fn start(nodes: usize, sun: i64, units: u128) -> TronTwin {
    let twin = TronTwin::start(still(nodes)).await.expect("a fixture");
    let (control, hot) = (twin.control(), at(&hot()));
    control.create_account(hot, sun);
    control.fund_token(control.token_address(), hot, units);
    control.produce_empty_blocks(30);
    twin
}

/// The configuration that a test begins from.
pub(crate) fn config(twin: &TronTwin) -> TronConfig {
    let (chain_id, usdt) = (still(1).chain_id, twin.control().token_address());
    let mut config = TronConfig::new(twin.base_urls(), chain_id, usdt.to_string(), hot());
    config.timeouts = Timeouts { connect: 2_000, answer: 20_000 };
    config.requests_per_second = 10_000;
    config
}

/// Signs with the wallet's own key.
pub(crate) fn sign(wallet: Wallet, unsigned: &[u8], terms: Terms, sequence: u64) -> Signed {
    let index = match wallet {
        Wallet::Hot => HOT,
        Wallet::Escrow(index) => index,
    };
    let id = transaction::txid(unsigned);
    let signature = key(COIN, index).sign_hash_sync(&B256::from(id)).expect("a fixture");
    let raw = transaction::assemble(unsigned, signature.as_bytes());
    Signed { tx_hash: hex::encode(id), raw, sequence, terms }
}

pub(crate) fn escrow(index: u32) -> String {
    book().escrow(Network::Tron, index).expect("a fixture").as_str().to_owned()
}

pub(crate) fn hot() -> String {
    escrow(HOT)
}

pub(crate) fn at(text: &str) -> Address {
    text.parse().expect("a fixture")
}
