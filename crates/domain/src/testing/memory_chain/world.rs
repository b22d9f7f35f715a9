//! The chain's state: its blocks, its pool, and what the test has decided about the rest. Balances and
//! nonces are sums over what was executed, so that a re-org cannot leave them wrong.

use std::collections::{HashMap, HashSet};

use time::{Duration, OffsetDateTime};

use super::faults::{Call, Fault};
use super::powers::Mishap;
use super::transaction::{Act, Move, Token, Transaction, hash};
use crate::address::Network;
use crate::chain::{Block, BlockRef};
use crate::testing::SetClock;

/// A transaction in a block, with what it did.
#[derive(Debug, Clone)]
pub(super) struct Executed {
    pub transaction: Transaction,
    pub succeeded: bool,
    /// The logs of its receipt; none where it failed.
    pub moves: Vec<Move>,
    /// The chain's own coin: from, to, units.
    pub native: Option<(String, String, u64)>,
    /// Who paid, and how much.
    pub fee: Option<(String, u64)>,
}

#[derive(Debug, Clone)]
pub(super) struct Mined {
    pub block: Block,
    pub executed: Vec<Executed>,
}

#[derive(Debug)]
pub(super) struct World {
    pub network: Network,
    /// From the first block up: the place is the height.
    pub blocks: Vec<Mined>,
    pub pool: Vec<Transaction>,
    /// What was in blocks that a re-org took away, and nowhere else since.
    pub lost: Vec<Transaction>,
    /// How many blocks lie between the head and what is final.
    pub depth: u64,
    /// What there was before the first block.
    pub stock: HashMap<(Token, String), u128>,
    pub gas: HashMap<String, u64>,
    /// Wei per gas that a block asks for; on Tron nothing.
    pub base_fee: u64,
    /// Ours do not go beyond this.
    pub fee_ceiling: u64,
    pub blacklist: HashSet<String>,
    pub is_paused: bool,
    pub mishap: Option<Mishap>,
    pub faults: Vec<(Call, Fault)>,
    pub called: Vec<Call>,
    /// Makes hashes differ that would be equal.
    pub salt: u64,
}

impl World {
    pub(super) fn new(network: Network, clock: &SetClock) -> Self {
        use crate::ports::Clock;
        let at = BlockRef { height: 0, hash: hash(network, b"the first block") };
        let block = Block { at, parent: String::new(), time: clock.now() };
        Self {
            network,
            blocks: vec![Mined { block, executed: vec![] }],
            pool: vec![],
            lost: vec![],
            depth: if network == Network::Tron { 3 } else { 6 },
            stock: HashMap::new(),
            gas: HashMap::new(),
            base_fee: if network == Network::Tron { 0 } else { 10 },
            fee_ceiling: 1_000_000,
            blacklist: HashSet::new(),
            is_paused: false,
            mishap: None,
            faults: vec![],
            called: vec![],
            salt: 0,
        }
    }

    /// Between two blocks.
    pub(super) fn pace(&self) -> Duration {
        Duration::seconds(if self.network == Network::Tron { 3 } else { 12 })
    }

    pub(super) fn last(&self) -> &Block {
        &self.blocks.last().expect("there is a first block").block
    }

    pub(super) fn head(&self) -> u64 {
        self.last().at.height
    }

    pub(super) fn finality(&self) -> u64 {
        self.head().saturating_sub(self.depth)
    }

    pub(super) fn mined(&self, height: u64) -> Option<&Mined> {
        self.blocks.get(usize::try_from(height).ok()?)
    }

    /// All that was executed up to a height.
    pub(super) fn executed(&self, height: u64) -> impl Iterator<Item = (&Block, &Executed)> {
        let blocks = self.blocks.iter().take_while(move |it| it.block.at.height <= height);
        blocks.flat_map(|mined| mined.executed.iter().map(move |it| (&mined.block, it)))
    }

    pub(super) fn find(&self, tx_hash: &str) -> Option<(&Block, &Executed)> {
        self.executed(self.head()).find(|(_, it)| it.transaction.hash == tx_hash)
    }

    pub(super) fn balance(&self, token: &Token, address: &str, height: u64) -> u128 {
        let key = (token.clone(), address.to_owned());
        let start = self.stock.get(&key).copied().unwrap_or(0);
        let moves = self.executed(height).flat_map(|(_, it)| &it.moves);
        moves.filter(|it| it.token == *token).fold(start, |sum, it| {
            let gained = if it.to == address { it.units } else { 0 };
            let lost = if it.from == address { it.units } else { 0 };
            sum.saturating_add(gained).saturating_sub(lost)
        })
    }

    pub(super) fn gas_of(&self, address: &str, height: u64) -> u64 {
        let start = self.gas.get(address).copied().unwrap_or(0);
        self.executed(height).fold(start, |sum, (_, it)| {
            let native = it.native.as_ref();
            let gained = native.filter(|(_, to, _)| to == address).map_or(0, |it| it.2);
            let lost = native.filter(|(from, ..)| from == address).map_or(0, |it| it.2);
            let came = it.moves.iter().filter(|it| it.to == address);
            let came = came.filter(|it| it.token == Token::Native(self.network));
            let came = came.filter_map(|it| u64::try_from(it.units).ok());
            let sum = came.fold(sum, u64::saturating_add);
            let fee = it.fee.as_ref().filter(|(payer, _)| payer == address).map_or(0, |it| it.1);
            sum.saturating_add(gained).saturating_sub(lost).saturating_sub(fee)
        })
    }

    /// How many transactions of the address a chain up to that height has: its next nonce.
    pub(super) fn nonce(&self, address: &str, height: u64) -> u64 {
        let sent = self.executed(height).filter(|(_, it)| match &it.transaction.act {
            Act::Ours(body) => body.from == address,
            Act::Theft { of } => of == address,
            Act::Foreign { .. } => false,
        });
        u64::try_from(sent.count()).unwrap_or(u64::MAX)
    }

    pub(super) fn time(&self) -> OffsetDateTime {
        self.last().time
    }
}

/// A moment as Tron counts it.
pub(super) fn millis(at: OffsetDateTime) -> u64 {
    let millis = at.unix_timestamp_nanos().checked_div(1_000_000).unwrap_or(0);
    u64::try_from(millis).unwrap_or(0)
}
