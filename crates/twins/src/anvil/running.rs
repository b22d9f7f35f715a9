//! A node that runs, with its tokens deployed.

use std::io;
use std::path::Path;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::binary;
use super::chain::Chain;
use super::kept::{self, Kept};
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
    is_continued: bool,
    /// Held, not read: the chain is kept for as long as it is there.
    _keeping: JoinSet<()>,
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
        let (chain, tokens, is_continued) = settle(rpc.clone(), &options).await?;
        let mut keeping = JoinSet::new();
        let kept =
            options.folder.as_ref().map(|folder| Kept::new(folder, rpc, tokens)).transpose()?;
        if let Some(kept) = &kept {
            kept.keep().await?;
            keeping.spawn(kept.clone().follow());
        }
        let chain_id = options.chain_id;
        let chain = chain.kept_by(kept);
        Ok(Self { node, chain_id, chain, is_continued, _keeping: keeping })
    }

    /// Whether a chain is kept in a folder.
    pub fn is_kept_in(folder: &Path) -> bool {
        kept::is_kept(folder)
    }

    /// Whether it goes on with a chain that was kept.
    pub fn is_continued(&self) -> bool {
        self.is_continued
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

/// The chain that was kept, or a new one with tokens on it.
async fn settle(rpc: Rpc, options: &AnvilOptions) -> io::Result<(Chain, Deployed, bool)> {
    rpc.call("anvil_setLoggingEnabled", json!([false])).await?;
    let listed = rpc.call("eth_accounts", json!([])).await?;
    let listed = listed.as_array().map(Vec::as_slice).unwrap_or_default();
    let accounts: Result<Vec<Address>, CallError> =
        listed.iter().map(|account| account.as_str().unwrap_or_default().parse()).collect();
    let accounts = accounts?;
    let Some(owner) = accounts.first() else {
        let words = "a node without accounts has nobody to own the tokens";
        return Err(CallError::strange(words).into());
    };
    let finality = options.slots_in_an_epoch * 2;
    let old = match &options.folder {
        Some(folder) => kept::restore(&rpc, folder, finality).await?,
        None => None,
    };
    let is_continued = old.is_some();
    let tokens = match old {
        Some(tokens) => tokens,
        None => Deployed::deploy(&rpc, *owner).await?,
    };
    if options.mining == Mining::Auto {
        rpc.call("evm_setAutomine", json!([Value::Bool(true)])).await?;
    }
    let chain = Chain::new(rpc, tokens.clone(), accounts, options.slots_in_an_epoch);
    Ok((chain, tokens, is_continued))
}
