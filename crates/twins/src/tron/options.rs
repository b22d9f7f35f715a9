//! How a twin is set up: nodes, slots, time, and the knobs of the chain.

use std::net::{IpAddr, Ipv4Addr};

use time::{Duration, OffsetDateTime};

use super::address::Address;

/// "TWIN": no real network has this id.
const CHAIN_ID: u32 = 0x5457_494e;

/// How to start a twin. `Default` keeps the pace of the real chain.
#[derive(Debug, Clone)]
pub struct TronOptions {
    /// The address to listen on; anything but loopback is refused.
    pub host: IpAddr,
    /// The first node's port, the others' follow it; 0 takes free ones.
    pub port: u16,
    /// Nodes of the one chain, each with its own base URL, pool, cache and lag.
    pub nodes: usize,
    /// Real milliseconds per slot.
    pub slot_ms: u64,
    /// Blocks come by real time; otherwise only by control.
    pub auto: bool,
    /// How many blocks the solid block is behind the head.
    pub solid_lag: u64,
    pub block_times: BlockTimes,
    /// The chain's present at the start; the real one unless given. With [`BlockTimes::Wall`] it
    /// keeps this distance from it.
    pub start: Option<OffsetDateTime>,
    /// Empty blocks that are there at the start, three seconds apart, the last of them at `start`.
    pub history: u64,
    /// The last four bytes of the first block's id.
    pub chain_id: u32,
    /// The USDT contract's address; the twin's own unless given.
    pub usdt: Option<Address>,
    /// Requests without this key are answered with 403; the node itself asks for none.
    pub api_key: Option<String>,
    pub rules: Rules,
    /// Where the chain is kept, and gone on with; `None`: it ends with the program.
    pub folder: Option<std::path::PathBuf>,
}

impl Default for TronOptions {
    fn default() -> Self {
        Self {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            nodes: 1,
            slot_ms: 3_000,
            auto: true,
            solid_lag: 19,
            block_times: BlockTimes::Wall,
            start: None,
            history: 40,
            chain_id: CHAIN_ID,
            usdt: None,
            api_key: None,
            rules: Rules::default(),
            folder: None,
        }
    }
}

impl TronOptions {
    /// Blocks come by control only, three seconds of the chain apart.
    pub fn by_hand() -> Self {
        Self { auto: false, block_times: BlockTimes::Slots, ..Self::default() }
    }

    /// Fast slots with the real time in their blocks.
    pub fn fast() -> Self {
        Self { slot_ms: 20, ..Self::default() }
    }
}

/// What stands in a block as its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BlockTimes {
    /// The present moment.
    #[default]
    Wall,
    /// Three seconds after the parent's.
    Slots,
}

/// Knobs of the chain; they may be turned while the twin runs.
#[derive(Debug, Clone)]
pub struct Rules {
    pub energy_price_sun: i64,
    /// Of a transfer of tokens to an address that holds some.
    pub energy_to_holder: i64,
    /// Of a transfer of tokens to one that does not.
    pub energy_to_newcomer: i64,
    /// Of a call that is reverted.
    pub energy_of_revert: i64,
    pub bandwidth_price_sun: i64,
    /// Bytes a day.
    pub free_bandwidth: i64,
    /// In place of bandwidth, by whoever activates an account.
    pub create_account_fee_sun: i64,
    /// And on top of it.
    pub activation_fee_sun: i64,
    pub memo_fee_sun: i64,
    pub max_fee_limit_sun: i64,
    /// The txid is remembered *before* validation, and answered with DUP from then on.
    pub txid_cache: bool,
    pub txid_cache_life: Duration,
    pub pending_timeout: Duration,
    /// More than this many, and a node is busy.
    pub max_pending: usize,
    /// More blocks that are not solid, and a node takes nothing.
    pub max_unsolid: u64,
    /// `wallet/estimateenergy` answers.
    pub estimates_energy: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            energy_price_sun: 100,
            energy_to_holder: 64_285,
            energy_to_newcomer: 130_285,
            energy_of_revert: 8_000,
            bandwidth_price_sun: 1_000,
            free_bandwidth: 600,
            create_account_fee_sun: 100_000,
            activation_fee_sun: 1_000_000,
            memo_fee_sun: 1_000_000,
            max_fee_limit_sun: 15_000_000_000,
            txid_cache: true,
            txid_cache_life: Duration::hours(1),
            pending_timeout: Duration::seconds(60),
            max_pending: 2_000,
            max_unsolid: 54,
            estimates_energy: false,
        }
    }
}
