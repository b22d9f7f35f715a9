//! A simulated Tron chain as the contract's cases know it.

use std::sync::Arc;

use adapters_chain::tron::{Timeouts, Tron, TronConfig, transaction};
use alloy::primitives::{B256, hex};
use alloy::signers::SignerSync as _;
use async_trait::async_trait;
use domain::address::{AddressBook as _, Network};
use domain::chain::transfer::{Signed, Terms, Wallet};
use domain::ports::{ChainSender, ChainSource};
use domain::testing::contract::chain::{ChainStage, Coin};
use time::macros::datetime;
use twins::tron::{Address, TronControl, TronOptions, TronTwin};

use crate::keys::{book, key};

/// Tron's number among the coins (SLIP-44).
const COIN: u32 = 195;
const HOT: u32 = 900;
const STOCK: u128 = 1_000_000_000;
const SUN: i64 = 1_000_000_000;
/// Solid blocks that are not read yet, for the sake of nodes that are behind.
const MARGIN: u64 = 2;
/// Slots: longer than a transaction of ours lives.
const LIFE: u64 = 230;

pub(crate) struct TwinStage {
    tron: Tron,
    control: TronControl,
    look_alike: Address,
    _twin: TronTwin,
}

fn address(index: u32) -> String {
    book().escrow(Network::Tron, index).expect("a fixture").as_str().to_owned()
}

fn at(text: &str) -> Address {
    text.parse().expect("a fixture")
}

impl TwinStage {
    /// Blocks by hand, from a fixed moment on.
    pub(crate) async fn new() -> Self {
        let start = Some(datetime!(2026-11-21 09:00 UTC));
        let options = TronOptions { start, nodes: 2, ..TronOptions::by_hand() };
        let chain_id = options.chain_id;
        let twin = TronTwin::start(options).await.expect("a fixture");
        let control = twin.control();
        let (usdt, hot) = (control.token_address(), address(HOT));
        control.create_account(at(&hot), SUN);
        control.fund_token(usdt, at(&hot), STOCK);
        let look_alike = control.deploy_token("USDT");
        control.produce_empty_blocks(30);
        let mut config = TronConfig::new(twin.base_urls(), chain_id, usdt.to_string(), hot);
        config.timeouts = Timeouts { connect: 2_000, answer: 20_000 };
        config.requests_per_second = 10_000;
        let tron = Tron::try_new(config, Arc::new(book())).expect("a fixture");
        Self { tron, control, look_alike, _twin: twin }
    }

    fn payer() -> Address {
        Address::new([0x99; 20])
    }
}

#[async_trait]
impl ChainStage for TwinStage {
    fn source(&self) -> &dyn ChainSource {
        &self.tron
    }

    fn sender(&self) -> &dyn ChainSender {
        &self.tron
    }

    fn sign(&self, wallet: Wallet, unsigned: &[u8], terms: &Terms, sequence: u64) -> Signed {
        let index = match wallet {
            Wallet::Hot => HOT,
            Wallet::Escrow(index) => index,
        };
        let id = transaction::txid(unsigned);
        let signature = key(COIN, index).sign_hash_sync(&B256::from(id)).expect("a fixture");
        let raw = transaction::assemble(unsigned, signature.as_bytes());
        Signed { tx_hash: hex::encode(id), raw, sequence, terms: terms.clone() }
    }

    fn first_escrow(&self) -> u32 {
        0
    }

    fn stranger(&self, nth: u8) -> String {
        Address::new([nth; 20]).to_string()
    }

    fn unreachable(&self) -> String {
        self.control.token_address().to_string()
    }

    async fn pay(&self, coin: Coin, payees: &[(String, u64)]) -> String {
        let token = match coin {
            Coin::Usdt => self.control.token_address(),
            Coin::LookAlike => self.look_alike,
        };
        let payees: Vec<_> = payees.iter().map(|(to, units)| (at(to), (*units).into())).collect();
        let sum = payees.iter().map(|(_, units)| units).sum();
        self.control.fund_token(token, Self::payer(), sum);
        self.control.transfer_batch(token, Self::payer(), &payees)
    }

    async fn pay_in_vain(&self, payee: &str, units: u64) -> String {
        let poor = Address::new([0x98; 20]);
        self.control.transfer(poor, at(payee), units.into())
    }

    async fn mine(&self, blocks: u64) {
        self.control.advance_slots(blocks);
    }

    async fn finalise(&self) {
        self.control.solidify();
        self.control.advance_slots(MARGIN);
    }

    /// Only solid blocks are looked at.
    async fn reorg(&self, _blocks: u64) -> bool {
        false
    }

    async fn outlive(&self) -> bool {
        self.control.produce_empty_blocks(LIFE);
        true
    }

    async fn give_gas(&self, address: &str, units: u64) {
        self.control.create_account(at(address), i64::try_from(units).expect("a fixture"));
    }

    async fn pause(&self, is_paused: bool) {
        self.control.set_paused(self.control.token_address(), is_paused);
    }
}
