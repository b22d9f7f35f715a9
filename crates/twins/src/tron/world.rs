//! Everything that the twin remembers, and how far each node can see of it.
//!
//! How blocks come about is in `producing.rs`, what a broadcast does in `broadcast.rs`, what the
//! API answers in `endpoints/`.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::billing::Setting;
use super::block::Block;
use super::chain::Chain;
use super::clock::{Clock, SLOT_MS};
use super::endpoint::Endpoint;
use super::fault::Rule;
use super::hashing::Hash;
use super::journal::JournalEntry;
use super::ledger::Ledger;
use super::node::Node;
use super::options::{Rules, TronOptions};
use super::receipt::Outcome;
use crate::keeping::pairs;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct World {
    pub(super) clock: Clock,
    #[serde(skip)]
    pub(super) rules: Rules,
    #[serde(skip)]
    pub(super) api_key: Option<String>,
    /// Written down block by block, see `kept.rs`.
    #[serde(skip)]
    pub(super) chain: Chain,
    pub(super) ledger: Ledger,
    pub(super) nodes: Vec<Node>,
    /// Ends that were decided on for transactions, each for its first execution.
    #[serde(with = "pairs")]
    pub(super) dooms: HashMap<Hash, Outcome>,
    #[serde(skip)]
    pub(super) faults: Vec<Rule>,
    #[serde(skip)]
    pub(super) journal: VecDeque<JournalEntry>,
    #[serde(skip)]
    pub(super) requests: BTreeMap<Endpoint, usize>,
    /// Transactions that the network has got to know.
    pub(super) turns: u64,
    /// The latest timestamp in a transaction of a wallet that the twin plays.
    pub(super) last_foreign_ms: i64,
}

/// The blocks that were there before anyone asked.
fn history(options: &TronOptions, start_ms: i64) -> Chain {
    let ago = |blocks: u64| start_ms - SLOT_MS * i64::try_from(blocks).unwrap_or_default();
    let genesis = Block::genesis(ago(options.history), options.chain_id);
    let mut chain = Chain::new(genesis, options.solid_lag);
    for number in 1..=options.history {
        chain.grow(ago(options.history - number), Vec::new());
    }
    chain
}

/// How far one node sees, at one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct View {
    pub(super) head: u64,
    pub(super) solid: u64,
}

impl World {
    pub(super) fn new(options: &TronOptions) -> Self {
        let clock = Clock::new(options);
        let chain = history(options, clock.start_ms());
        let nodes = std::iter::repeat_with(Node::default).take(options.nodes.max(1)).collect();
        Self {
            clock,
            rules: options.rules.clone(),
            api_key: options.api_key.clone(),
            chain,
            ledger: Ledger::default(),
            nodes,
            dooms: HashMap::new(),
            faults: Vec::new(),
            journal: VecDeque::new(),
            requests: BTreeMap::new(),
            turns: 0,
            last_foreign_ms: 0,
        }
    }

    /// The world as it was kept, told again what is not kept.
    pub(super) fn continued(mut self, options: &TronOptions, chain: Chain) -> Self {
        self.rules = options.rules.clone();
        self.api_key.clone_from(&options.api_key);
        self.clock.keep_pace(options);
        self.nodes.resize_with(options.nodes.max(1), Node::default);
        self.chain = chain;
        self.wake();
        self
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.clock.now_ms(self.chain.head().time_ms)
    }

    /// What `node` sees if it is `behind` the head by so many blocks, or by more of its own.
    pub(super) fn view(&self, node: usize, behind: u64) -> View {
        let lag = self.nodes.get(node).map_or(0, |node| node.lag).max(behind);
        let head = self.chain.head().number.saturating_sub(lag);
        let solid = match lag {
            0 => self.chain.solid(),
            _ => self.chain.solid().min(head.saturating_sub(self.chain.solid_lag())),
        };
        View { head, solid }
    }

    /// The state that a node sees.
    pub(super) fn setting(&self, height: u64) -> Setting<'_> {
        let now_ms = self.now_ms();
        Setting { ledger: &self.ledger, rules: &self.rules, height, now_ms }
    }
}
