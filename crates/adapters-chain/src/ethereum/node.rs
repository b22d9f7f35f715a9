//! The questions that we ask one node, each with its types. What follows from an answer is decided by
//! who asks.

use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::sol_types::{SolCall, SolEvent as _};
use domain::ports::SourceError;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::config::{ConfigError, EthereumConfig};
use super::error::{away, contradiction};
use super::habits::Habits;
use super::rpc::{Rpc, RpcError};
use super::token::{Tokens, Transfer, balanceOfCall};
use super::wire::{Body, FeeHistory, Header, Log, Receipt, Transaction};

/// Where in the chain to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    Latest,
    Finalized,
    Height(u64),
}

/// One node.
#[derive(Debug)]
pub(super) struct Node {
    /// Its place in the configuration.
    pub(super) place: usize,
    rpc: Rpc,
    pub(super) habits: Habits,
    /// The chain that it must be of, and our contracts there.
    pub(super) chain_id: u64,
    pub(super) tokens: Tokens,
}

impl At {
    fn param(self) -> Value {
        match self {
            Self::Latest => json!("latest"),
            Self::Finalized => json!("finalized"),
            Self::Height(height) => quantity(height),
        }
    }
}

fn quantity(number: u64) -> Value {
    json!(format!("{number:#x}"))
}

/// A call from `from` that is tried and not sent.
pub(super) fn trial(from: Address, (to, value, input): &(Address, U256, Bytes)) -> Value {
    json!({"from": from, "to": to, "value": value, "input": input})
}

impl Node {
    pub(super) fn try_new(
        place: usize,
        config: &EthereumConfig,
        tokens: Tokens,
    ) -> Result<Self, ConfigError> {
        let (rpc, habits) = (Rpc::try_new(place, config)?, Habits::new(config.batch));
        Ok(Self { place, rpc, habits, chain_id: config.chain_id, tokens })
    }

    pub(super) async fn told_chain_id(&self) -> Result<u64, RpcError> {
        self.number("eth_chainId", json!([])).await
    }

    /// None above the head.
    pub(super) async fn header(&self, at: At) -> Result<Option<Header>, SourceError> {
        self.block(at, false).await
    }

    /// The same, with all of its transactions where `is_whole`.
    pub(super) async fn block(
        &self,
        at: At,
        is_whole: bool,
    ) -> Result<Option<Header>, SourceError> {
        let header: Option<Header> =
            self.rpc.call("eth_getBlockByNumber", json!([at.param(), is_whole])).await?;
        match (&header, at) {
            (Some(header), At::Height(height)) if header.number != height => {
                Err(contradiction(format!("another block than {height} came")))
            }
            _ => Ok(header),
        }
    }

    /// The header of a block that every node has.
    pub(super) async fn known_header(&self, at: At) -> Result<Header, SourceError> {
        self.header(at).await?.ok_or_else(|| away(format!("it has no block {}", at.param())))
    }

    /// The blocks `from..=to` with their transactions.
    pub(super) async fn blocks(&self, from: u64, to: u64) -> Result<Vec<Header>, SourceError> {
        let asked: Vec<Value> = (from..=to).map(|height| json!([quantity(height), true])).collect();
        let headers: Vec<Option<Header>> = self.many("eth_getBlockByNumber", &asked).await?;
        let missing = || away("it lacks a block that it has blocks above of");
        let headers: Option<Vec<Header>> = headers.into_iter().collect();
        let headers = headers.ok_or_else(missing)?;
        let is_row = (from..=to).eq(headers.iter().map(|header| header.number));
        if is_row {
            Ok(headers)
        } else {
            Err(contradiction("other blocks than were asked for came"))
        }
    }

    /// Every token transfer in `from..=to`, of whatever token and to whomever: the question tells
    /// nobody which addresses are ours.
    pub(super) async fn transfers(&self, from: u64, to: u64) -> Result<Vec<Log>, RpcError> {
        self.logs(json!({"fromBlock": quantity(from), "toBlock": quantity(to)})).await
    }

    /// Those of one block, named so that no other can be meant (EIP-234).
    pub(super) async fn transfers_in(&self, block: B256) -> Result<Vec<Log>, RpcError> {
        self.logs(json!({"blockHash": block})).await
    }

    /// Of our tokens only, where a provider searches no more than that: some say so in words, some
    /// refuse without a reason.
    async fn logs(&self, mut filter: Value) -> Result<Vec<Log>, RpcError> {
        filter["topics"] = json!([Transfer::SIGNATURE_HASH]);
        let ours = || json!(self.tokens.addresses());
        if self.habits.needs_address() {
            filter["address"] = ours();
            return self.rpc.call("eth_getLogs", json!([filter])).await;
        }
        let is_one_block = filter.get("blockHash").is_some();
        let answer = self.rpc.call("eth_getLogs", json!([filter])).await;
        let Err(refusal) = &answer else { return answer };
        if !refusal.may_want_address(is_one_block) {
            return answer;
        }
        filter["address"] = ours();
        let narrow = self.rpc.call("eth_getLogs", json!([filter])).await;
        if narrow.is_ok() {
            self.habits.learn_address();
            return narrow;
        }
        answer
    }

    /// The receipts of everything in a block, of a node that has a method for it or of one that must
    /// be asked for each.
    pub(super) async fn block_receipts(&self, height: u64) -> Result<Vec<Receipt>, SourceError> {
        let whole: Result<Option<Vec<Receipt>>, RpcError> =
            self.rpc.call("eth_getBlockReceipts", json!([quantity(height)])).await;
        let receipts = match whole {
            Err(error) if error.is_unknown_method() => self.receipts_in(height).await?,
            whole => whole?,
        };
        receipts.ok_or_else(|| away("it has no receipts of a block that it has"))
    }

    async fn receipts_in(&self, height: u64) -> Result<Option<Vec<Receipt>>, SourceError> {
        let body: Option<Body> =
            self.rpc.call("eth_getBlockByNumber", json!([quantity(height), false])).await?;
        let body = body.ok_or_else(|| away("it lost a block"))?;
        Ok(self.receipts(&body.transactions).await?.into_iter().collect())
    }

    /// None while the transaction is in no block.
    pub(super) async fn receipt(&self, tx: B256) -> Result<Option<Receipt>, RpcError> {
        self.rpc.call("eth_getTransactionReceipt", json!([tx])).await
    }

    pub(super) async fn receipts(&self, txs: &[B256]) -> Result<Vec<Option<Receipt>>, SourceError> {
        let asked: Vec<Value> = txs.iter().map(|tx| json!([tx])).collect();
        self.many("eth_getTransactionReceipt", &asked).await
    }

    /// None when neither the pool nor a block has it.
    pub(super) async fn transaction(&self, tx: B256) -> Result<Option<Transaction>, RpcError> {
        self.rpc.call("eth_getTransactionByHash", json!([tx])).await
    }

    /// How many transactions of an account are in blocks up to there: its next nonce.
    pub(super) async fn count(&self, account: Address, at: At) -> Result<u64, RpcError> {
        self.number("eth_getTransactionCount", json!([account, at.param()])).await
    }

    /// Wei.
    pub(super) async fn ether(&self, account: Address, at: At) -> Result<U256, RpcError> {
        self.rpc.call("eth_getBalance", json!([account, at.param()])).await
    }

    pub(super) async fn has_code(&self, account: Address) -> Result<bool, RpcError> {
        let code: Bytes = self.rpc.call("eth_getCode", json!([account, "latest"])).await?;
        Ok(!code.is_empty())
    }

    /// The last five blocks, and what half of their gas paid as a tip at most.
    pub(super) async fn fee_history(&self) -> Result<FeeHistory, RpcError> {
        self.rpc.call("eth_feeHistory", json!(["0x5", "latest", [50]])).await
    }

    /// Fails where the call would be undone.
    pub(super) async fn simulate(&self, call: &Value) -> Result<Bytes, RpcError> {
        self.rpc.call("eth_call", json!([call, "latest"])).await
    }

    pub(super) async fn estimate_gas(&self, call: &Value) -> Result<u64, RpcError> {
        self.number("eth_estimateGas", json!([call])).await
    }

    /// The hash that the node knows the transaction by.
    pub(super) async fn send(&self, raw: &[u8]) -> Result<B256, RpcError> {
        let raw = Bytes::copy_from_slice(raw);
        self.rpc.call("eth_sendRawTransaction", json!([raw])).await
    }

    pub(super) async fn balance_of(
        &self,
        token: Address,
        owner: Address,
        at: At,
    ) -> Result<U256, SourceError> {
        let answer = self.view(token, &balanceOfCall { owner }, at).await?;
        answer.ok_or_else(|| contradiction("a token does not say what an address holds"))
    }

    /// What a contract answers to a question; `None` where it does not know the question.
    pub(super) async fn view<C: SolCall>(
        &self,
        contract: Address,
        call: &C,
        at: At,
    ) -> Result<Option<C::Return>, SourceError> {
        let input = Bytes::from(call.abi_encode());
        let call = json!({"to": contract, "input": input});
        let answer: Result<Bytes, RpcError> =
            self.rpc.call("eth_call", json!([call, at.param()])).await;
        match answer {
            Ok(answer) => Ok(C::abi_decode_returns(&answer).ok()),
            Err(error) if error.is_revert() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn number(&self, method: &'static str, params: Value) -> Result<u64, RpcError> {
        let number: U256 = self.rpc.call(method, params).await?;
        u64::try_from(number).map_err(|_| RpcError::Away("its number is too high"))
    }

    /// Many calls of a method: all of them have a result, or there is none. As many at once as the
    /// provider takes, which it does not say but by refusing.
    async fn many<T: DeserializeOwned>(
        &self,
        method: &'static str,
        params: &[Value],
    ) -> Result<Vec<T>, SourceError> {
        let mut results = Vec::with_capacity(params.len());
        let (mut rest, mut most, mut was_refused) = (params, self.habits.calls(), false);
        while !rest.is_empty() {
            let (asked, later) = rest.split_at(most.clamp(1, rest.len()));
            match self.at_once(method, asked).await {
                Ok(found) => {
                    self.habits.took(asked.len(), was_refused && asked.len() == most);
                    results.extend(found);
                    rest = later;
                }
                Err(error) if asked.len() > 1 && error.may_be_the_batch() => {
                    (most, was_refused) = (asked.len() / 2, true);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(results)
    }

    /// A single call is sent as one: some providers take no batch at all.
    async fn at_once<T: DeserializeOwned>(
        &self,
        method: &'static str,
        params: &[Value],
    ) -> Result<Vec<T>, RpcError> {
        match params {
            [only] => Ok(vec![self.rpc.call(method, only.clone()).await?]),
            several => self.rpc.batch(method, several).await?.into_iter().collect(),
        }
    }
}
