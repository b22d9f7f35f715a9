//! The twin of a Tron full node: a simulator of java-tron's HTTP API, of its rules for taking
//! transactions, of its blocks and of the USDT contract. It runs no virtual machine and speaks to
//! no network; what works here has not been tried on Tron.
//!
//! One chain, seen by as many nodes as asked for, each with its own pool, txid cache and lag.
//! Blocks come by real time or by [`TronControl`]; [`TronOracle`] says what really happened.
//!
//! What it leaves out: multi-signatures, votes, staking (energy can be given), contracts other than
//! tokens, witnesses' signatures, the dynamic energy model, the JSON-RPC and the indexer's `v1/`.
//! The first block's id is made up: it ends in the chain's id and is the hash of nothing.

mod abi;
mod account;
mod address;
mod billing;
mod block;
mod broadcast;
mod building;
mod chain;
mod clock;
mod codes;
mod control;
mod endpoint;
mod endpoints;
mod execution;
mod fault;
mod gateway;
mod hashing;
mod hex;
mod journal;
mod kept;
mod ledger;
mod node;
mod options;
mod oracle;
mod producing;
pub mod proto;
mod reading;
mod receipt;
mod request;
mod scenarios;
mod shared;
mod token;
mod transaction;
mod twin;
mod versions;
mod wallets;
mod wire;
mod world;

pub use address::{Address, NotAnAddress};
pub use codes::BroadcastCode;
pub use control::{BlockSummary, TronControl};
pub use endpoint::Endpoint;
pub use fault::{Fault, FaultKind};
pub use journal::JournalEntry;
pub use options::{BlockTimes, Rules, TronOptions};
pub use oracle::{Execution, Transfer, TronOracle};
pub use receipt::Outcome;
pub use scenarios::Scenario;
pub use twin::TronTwin;
