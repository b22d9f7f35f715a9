//! A private Ethereum chain as the contract's cases know it.

use std::sync::Arc;

use adapters_chain::ethereum::{Ethereum, EthereumConfig, Timeouts};
use alloy::consensus::transaction::RlpEcdsaDecodableTx as _;
use alloy::consensus::{SignableTransaction as _, TxEip1559, TxEnvelope};
use alloy::eips::eip2718::Encodable2718 as _;
use alloy::signers::SignerSync as _;
use async_trait::async_trait;
use domain::chain::transfer::{Signed, Terms, Wallet};
use domain::ports::{ChainSender, ChainSource};
use domain::testing::contract::chain::{ChainStage, Coin};
use twins::anvil::{Address, Anvil, AnvilOptions, Chain, Mining, Sender, Token};

use crate::keys::{book, key};

/// Ethereum's number among the coins (SLIP-44).
const COIN: u32 = 60;
/// The node's accounts and our keys come from the same words; this is the hot wallet's account.
const HOT: u32 = 1;
const PAYER: usize = 2;
/// It has ether, and no tokens.
const POOR: usize = 3;
/// Escrow addresses that the node knows nothing of.
const ESCROW: u32 = 500;
const STOCK: u128 = 1_000_000_000;

pub(crate) struct AnvilStage {
    ethereum: Ethereum,
    chain: Chain,
    _anvil: Anvil,
}

fn at(text: &str) -> Address {
    text.parse().expect("a fixture")
}

fn config(chain: &Chain, hot: &Address) -> EthereumConfig {
    EthereumConfig {
        nodes: vec![chain.url().to_owned()],
        usdt: chain.usdt().to_string(),
        usdc: chain.usdc().to_string(),
        chain_id: 31337,
        hot: hot.to_string(),
        batch: 50,
        max_fee_gwei: 100,
        min_tip_wei: 100_000_000,
        gas_margin_percent: 125,
        gas_cap: 120_000,
        timeouts: Timeouts { connect: 2_000, answer: 5_000 },
        requests_per_second: 100_000,
    }
}

impl AnvilStage {
    /// Blocks are made by hand.
    pub(crate) async fn new() -> Self {
        let anvil = Anvil::start(AnvilOptions::mined(Mining::Manual)).await.expect("a node");
        let chain = anvil.chain();
        let hot = chain.accounts()[1];
        let payer = chain.accounts()[PAYER];
        let owner = Sender::Account(0);
        chain.transfer(Token::Usdt, owner, hot, STOCK).await.expect("a node");
        for token in [Token::Usdt, Token::LookAlike] {
            chain.transfer(token, owner, payer, STOCK).await.expect("a node");
        }
        chain.mine(20).await.expect("a node");
        let ethereum = Ethereum::try_new(config(&chain, &hot), Arc::new(book()));
        Self { ethereum: ethereum.expect("a fixture"), chain, _anvil: anvil }
    }
}

fn decode(unsigned: &[u8]) -> TxEip1559 {
    let (kind, mut fields) = unsigned.split_first().expect("a fixture");
    assert_eq!(*kind, 2);
    TxEip1559::rlp_decode(&mut fields).expect("a fixture")
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
        let index = match wallet {
            Wallet::Hot => HOT,
            Wallet::Escrow(index) => index,
        };
        let transaction = decode(unsigned);
        let hash = transaction.signature_hash();
        let signature = key(COIN, index).sign_hash_sync(&hash).expect("a fixture");
        let envelope: TxEnvelope = transaction.into_signed(signature).into();
        let (tx_hash, raw) = (envelope.tx_hash().to_string(), envelope.encoded_2718());
        Signed { tx_hash, raw, sequence, terms: terms.clone() }
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
