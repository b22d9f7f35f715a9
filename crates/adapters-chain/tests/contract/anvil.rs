//! A private Ethereum chain as the contract's cases know it.

use std::sync::Arc;

use adapters_chain::ethereum::Ethereum;
use async_trait::async_trait;
use domain::chain::transfer::{Signed, Terms, Wallet};
use domain::ports::{ChainSender, ChainSource};
use domain::testing::contract::chain::{ChainStage, Coin};
use twins::anvil::{Address, Anvil, AnvilOptions, Chain, Mining, Sender, Token};

use crate::support::evm::{self, ESCROW, HOT};
use crate::support::keys::book;

const PAYER: usize = 2;
/// It has ether, and no tokens.
const POOR: usize = 3;
const STOCK: u128 = 1_000_000_000;

pub(crate) struct AnvilStage {
    ethereum: Ethereum,
    chain: Chain,
    _anvil: Anvil,
}

fn at(text: &str) -> Address {
    text.parse().expect("a fixture")
}

impl AnvilStage {
    /// Blocks are made by hand.
    pub(crate) async fn new() -> Self {
        let anvil = Anvil::start(AnvilOptions::mined(Mining::Manual)).await.expect("a node");
        let chain = anvil.chain();
        let hot = chain.accounts()[HOT];
        let payer = chain.accounts()[PAYER];
        let owner = Sender::Account(0);
        chain.transfer(Token::Usdt, owner, hot, STOCK).await.expect("a node");
        for token in [Token::Usdt, Token::LookAlike] {
            chain.transfer(token, owner, payer, STOCK).await.expect("a node");
        }
        chain.mine(20).await.expect("a node");
        let config = evm::config(&chain, vec![chain.url().to_owned()]);
        let ethereum = Ethereum::try_new(config, Arc::new(book()));
        Self { ethereum: ethereum.expect("a fixture"), chain, _anvil: anvil }
    }
}

impl AnvilStage {
    async fn pay_native(&self, payees: &[(String, u64)]) -> String {
        let mut last = None;
        for (to, units) in payees {
            let hash = self.chain.send_eth(Sender::Account(PAYER), at(to), (*units).into()).await;
            last = Some(hash.expect("a node").to_string());
        }
        last.expect("a fixture")
    }
}

#[async_trait]
impl ChainStage for AnvilStage {
    fn source(&self) -> &dyn ChainSource {
        &self.ethereum
    }

    fn sender(&self) -> &dyn ChainSender {
        &self.ethereum
    }

    fn sign(&self, wallet: Wallet, unsigned: &[u8], terms: &Terms, sequence: u64) -> Signed {
        evm::sign(wallet, unsigned, terms.clone(), sequence)
    }

    fn first_escrow(&self) -> u32 {
        ESCROW
    }

    fn stranger(&self, nth: u8) -> String {
        Address([nth; 20]).to_string()
    }

    fn unreachable(&self) -> String {
        self.chain.usdt().to_string()
    }

    async fn pay(&self, coin: Coin, payees: &[(String, u64)]) -> String {
        let token = match coin {
            Coin::Usdt => Token::Usdt,
            Coin::LookAlike => Token::LookAlike,
            Coin::Native => return self.pay_native(payees).await,
        };
        let payees: Vec<_> = payees.iter().map(|(to, units)| (at(to), (*units).into())).collect();
        let hash = self.chain.batch(token, Sender::Account(PAYER), &payees).await;
        hash.expect("a node").to_string()
    }

    async fn pay_in_vain(&self, payee: &str, units: u64) -> String {
        let sender = Sender::Account(POOR);
        let hash = self.chain.transfer(Token::Usdt, sender, at(payee), units.into()).await;
        hash.expect("a node").to_string()
    }

    async fn mine(&self, blocks: u64) {
        self.chain.mine(blocks).await.expect("a node");
    }

    async fn finalise(&self) {
        self.chain.finalize().await.expect("a node");
    }

    async fn reorg(&self, blocks: u64) -> bool {
        self.chain.reorg(blocks, &[]).await.expect("a node");
        true
    }

    /// A nonce has all the time in the world.
    async fn outlive(&self) -> bool {
        false
    }

    async fn give_gas(&self, address: &str, units: u64) {
        self.chain.set_eth_balance(at(address), units.into()).await.expect("a node");
    }

    async fn pause(&self, is_paused: bool) {
        self.chain.pause(Token::Usdt, is_paused).await.expect("a node");
        self.chain.mine(1).await.expect("a node");
    }
}
