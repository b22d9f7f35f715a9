//! The chain in memory as the contract's cases know it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use domain::address::Network;
use domain::chain::transfer::{Signed, Terms, Wallet};
use domain::offer::Asset;
use domain::ports::{ChainSender, ChainSource};
use domain::testing::contract::chain::{ChainStage, Coin};
use domain::testing::memory_chain::{Keep, MemorySigner, Move, Token};
use domain::testing::samples::NOW;
use domain::testing::{MemoryChain, SetClock};

const STOCK: u128 = 1_000_000_000;
const GAS: u64 = 1_000_000_000;

pub(crate) struct MemoryStage {
    chain: MemoryChain,
    clock: Arc<SetClock>,
}

/// Runs a case on a chain of its own.
pub(crate) fn run(
    network: Network,
    case: impl for<'a> FnOnce(&'a dyn ChainStage) -> Pin<Box<dyn Future<Output = ()> + 'a>>,
) {
    let stage = MemoryStage::on(network);
    futures_executor::block_on(case(&stage));
}

impl MemoryStage {
    fn on(network: Network) -> Self {
        let clock = Arc::new(SetClock::at(NOW));
        let chain = MemoryChain::new(network, Arc::clone(&clock));
        let hot = chain.wallet(Wallet::Hot);
        chain.endow(Asset::Usdt, &hot, STOCK);
        chain.endow_gas(&hot, GAS);
        chain.mine_many(10);
        Self { chain, clock }
    }

    fn token(&self, coin: Coin) -> Token {
        match coin {
            Coin::Usdt => Token::Known(Asset::Usdt),
            Coin::LookAlike => Token::LookAlike,
            Coin::Native => Token::Native(self.chain.network()),
        }
    }

    fn first_letter(&self) -> &'static str {
        if self.chain.network() == Network::Tron { "T" } else { "0x" }
    }
}

#[async_trait]
impl ChainStage for MemoryStage {
    fn source(&self) -> &dyn ChainSource {
        &self.chain
    }

    fn sender(&self) -> &dyn ChainSender {
        &self.chain
    }

    fn sign(&self, _wallet: Wallet, unsigned: &[u8], terms: &Terms, sequence: u64) -> Signed {
        MemorySigner::sign_bytes(self.chain.network(), unsigned, terms, sequence)
    }

    fn first_escrow(&self) -> u32 {
        100
    }

    fn stranger(&self, nth: u8) -> String {
        format!("{}-somebody-{nth}", self.first_letter())
    }

    fn unreachable(&self) -> String {
        let address = format!("{}-shut-out", self.first_letter());
        self.chain.blacklist(&address);
        address
    }

    async fn pay(&self, coin: Coin, payees: &[(String, u64)]) -> String {
        let one = |(to, units): &(String, u64)| -> Move {
            self.chain.one(self.token(coin), to, u128::from(*units))
        };
        self.chain.batch(payees.iter().map(one).collect())
    }

    async fn pay_in_vain(&self, payee: &str, units: u64) -> String {
        self.chain.failing_transfer(Token::Known(Asset::Usdt), payee, units.into())
    }

    async fn mine(&self, blocks: u64) {
        self.chain.mine_many(blocks);
    }

    async fn finalise(&self) {
        self.chain.finalise();
    }

    async fn reorg(&self, blocks: u64) -> bool {
        self.chain.reorg(blocks, &Keep::Gone);
        true
    }

    async fn outlive(&self) -> bool {
        self.clock.advance(time::Duration::minutes(5));
        self.chain.finalise();
        self.chain.network() == Network::Tron
    }

    async fn give_gas(&self, address: &str, units: u64) {
        self.chain.endow_gas(address, units);
    }

    async fn pause(&self, is_paused: bool) {
        self.chain.pause(is_paused);
    }
}
