//! A node that runs, with its tokens deployed.

use std::io;

use serde_json::{Value, json};

use super::binary;
use super::chain::Chain;
use super::node::Node;
use super::options::{AnvilOptions, Mining};
use super::rpc::{CallError, Rpc};
use super::tokens::Deployed;
use super::words::Address;

/// A private Ethereum node on loopback. Dropping it ends the node, and so does the end of this
/// program, `kill -9` included.
#[derive(Debug)]
pub struct Anvil {
    node: Node,
    chain_id: u64,
    chain: Chain,
}

impl Anvil {
    /// Starts a node and deploys the tokens. The first start on a machine fetches the program.
    ///
    /// # Errors
    /// When there is no program to run, or it does not start; the text names the remedy.
    pub async fn start(options: AnvilOptions) -> io::Result<Self> {
        let arguments = options.arguments();
        let starting =
            tokio::task::spawn_blocking(move || Node::start(&binary::find()?, &arguments));
        let node = starting.await.map_err(io::Error::other)??;
        let rpc = Rpc::new(format!("http://{}", node.address()))?;
        let chain = settle(rpc, &options).await?;
        Ok(Self { node, chain_id: options.chain_id, chain })
    }

    /// What an adapter takes for a provider's endpoint.
    pub fn url(&self) -> String {
        format!("http://{}", self.node.address())
    }

    pub fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// The node's process.
    pub fn pid(&self) -> u32 {
        self.node.pid()
    }

    /// A handle on everything that can be done to the chain and asked of it.
    pub fn chain(&self) -> Chain {
        self.chain.clone()
    }
}

async fn settle(rpc: Rpc, options: &AnvilOptions) -> Result<Chain, CallError> {
    rpc.call("anvil_setLoggingEnabled", json!([false])).await?;
    let listed = rpc.call("eth_accounts", json!([])).await?;
    let listed = listed.as_array().map(Vec::as_slice).unwrap_or_default();
    let accounts: Result<Vec<Address>, CallError> =
        listed.iter().map(|account| account.as_str().unwrap_or_default().parse()).collect();
    let accounts = accounts?;
    let Some(owner) = accounts.first() else {
        return Err(CallError::strange("a node without accounts has nobody to own the tokens"));
    };
    let tokens = Deployed::deploy(&rpc, *owner).await?;
    if options.mining == Mining::Auto {
        rpc.call("evm_setAutomine", json!([Value::Bool(true)])).await?;
    }
    Ok(Chain::new(rpc, tokens, accounts, options.slots_in_an_epoch))
}
