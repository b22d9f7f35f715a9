//! The chain as it stands: heights, balances, receipts. What changes it is in the files beside.

use std::io;
use std::sync::Arc;

use serde_json::{Value, json};

use super::abi::{Argument, call};
use super::kept::Kept;
use super::rpc::{CallError, Rpc};
use super::tokens::{Deployed, Token, receipt_in_time};
use super::words::{Address, Hash, height, number, quantity};

/// Where in the chain a balance is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    Latest,
    Finalized,
    Block(u64),
}

/// What became of a transaction that was mined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    pub succeeded: bool,
    pub block: u64,
    pub gas_used: u64,
    /// How many logs it left.
    pub logs: usize,
}

/// A handle on a node's chain. It talks to the node itself, past every gate.
#[derive(Debug, Clone)]
pub struct Chain {
    pub(super) rpc: Rpc,
    pub(super) tokens: Arc<Deployed>,
    accounts: Arc<[Address]>,
    slots_in_an_epoch: u64,
    kept: Option<Kept>,
}

impl Chain {
    pub(super) fn new(
        rpc: Rpc,
        tokens: Deployed,
        accounts: Vec<Address>,
        slots_in_an_epoch: u64,
    ) -> Self {
        let (tokens, accounts) = (Arc::new(tokens), accounts.into());
        Self { rpc, tokens, accounts, slots_in_an_epoch, kept: None }
    }

    pub(super) fn kept_by(self, kept: Option<Kept>) -> Self {
        Self { kept, ..self }
    }

    /// Writes the chain down as it is now, where it is kept at all: what is in a block then is there
    /// after the next start.
    ///
    /// # Errors
    /// When the node does not answer, or the disk does not take it.
    pub async fn keep(&self) -> io::Result<()> {
        match &self.kept {
            Some(kept) => kept.keep().await,
            None => Ok(()),
        }
    }

    pub fn url(&self) -> &str {
        self.rpc.url()
    }

    pub fn token(&self, token: Token) -> Address {
        self.tokens.address_of(token)
    }

    pub fn usdt(&self) -> Address {
        self.token(Token::Usdt)
    }

    pub fn usdc(&self) -> Address {
        self.token(Token::Usdc)
    }

    pub fn look_alike(&self) -> Address {
        self.token(Token::LookAlike)
    }

    pub fn false_return(&self) -> Address {
        self.token(Token::FalseReturn)
    }

    /// The funded accounts that the node signs for. The first one owns the tokens.
    pub fn accounts(&self) -> &[Address] {
        &self.accounts
    }

    /// How many blocks after its own a transaction becomes final.
    pub fn blocks_to_finality(&self) -> u64 {
        self.slots_in_an_epoch * 2
    }

    pub async fn block_number(&self) -> Result<u64, CallError> {
        height(&self.rpc.call("eth_blockNumber", json!([])).await?)
    }

    pub async fn finalized_number(&self) -> Result<u64, CallError> {
        height(&self.block("finalized").await?["number"])
    }

    /// The hash of the canonical block at a height.
    pub async fn block_hash(&self, height: u64) -> Result<Hash, CallError> {
        let block = self.block(&quantity(height)).await?;
        block["hash"].as_str().unwrap_or_default().parse()
    }

    /// The time of the canonical block at a height, in seconds since 1970.
    pub async fn block_time(&self, at: u64) -> Result<u64, CallError> {
        height(&self.block(&quantity(at)).await?["timestamp"])
    }

    /// None while the transaction is in no canonical block.
    pub async fn receipt(&self, hash: Hash) -> Result<Option<Receipt>, CallError> {
        let receipt = self.rpc.call("eth_getTransactionReceipt", json!([hash.to_string()])).await?;
        if receipt.is_null() { Ok(None) } else { read_receipt(&receipt).map(Some) }
    }

    /// The receipt, waited for: with automatic mining it follows the transaction by a moment.
    pub async fn mined(&self, hash: Hash) -> Result<Receipt, CallError> {
        read_receipt(&receipt_in_time(&self.rpc, &json!(hash.to_string())).await?)
    }

    /// The signed bytes, of what is pending as well as of what is mined.
    pub async fn raw_transaction(&self, hash: Hash) -> Result<Option<String>, CallError> {
        let asked = json!([hash.to_string()]);
        let raw = self.rpc.call("eth_getRawTransactionByHash", asked).await?;
        Ok(raw.as_str().map(str::to_owned))
    }

    /// How many transactions wait to be mined.
    pub async fn pending(&self) -> Result<u64, CallError> {
        height(&self.rpc.call("txpool_status", json!([])).await?["pending"])
    }

    /// How many transactions of `address` are mined, and so its next nonce.
    pub async fn nonce(&self, address: Address) -> Result<u64, CallError> {
        let asked = json!([address.to_string(), "latest"]);
        height(&self.rpc.call("eth_getTransactionCount", asked).await?)
    }

    pub async fn balance_of(
        &self,
        token: Token,
        address: Address,
        at: At,
    ) -> Result<u128, CallError> {
        let data = call("balanceOf(address)", &[Argument::Address(address)]);
        number(&self.call_token(token, &data, at).await?)
    }

    /// What a token answers to a call that changes nothing.
    pub(super) async fn call_token(
        &self,
        token: Token,
        data: &str,
        at: At,
    ) -> Result<Value, CallError> {
        let asked = json!([{"to": self.token(token).to_string(), "data": data}, tag(at)]);
        self.rpc.call("eth_call", asked).await
    }

    /// In wei.
    pub async fn eth_balance(&self, address: Address, at: At) -> Result<u128, CallError> {
        let asked = json!([address.to_string(), tag(at)]);
        number(&self.rpc.call("eth_getBalance", asked).await?)
    }

    async fn block(&self, tag: &str) -> Result<Value, CallError> {
        let block = self.rpc.call("eth_getBlockByNumber", json!([tag, false])).await?;
        if block.is_null() { Err(CallError::strange(format!("no block {tag}"))) } else { Ok(block) }
    }
}

fn tag(at: At) -> String {
    match at {
        At::Latest => "latest".to_owned(),
        At::Finalized => "finalized".to_owned(),
        At::Block(height) => quantity(height),
    }
}

fn read_receipt(receipt: &Value) -> Result<Receipt, CallError> {
    Ok(Receipt {
        succeeded: number(&receipt["status"])? == 1,
        block: height(&receipt["blockNumber"])?,
        gas_used: height(&receipt["gasUsed"])?,
        logs: receipt["logs"].as_array().map_or(0, Vec::len),
    })
}
