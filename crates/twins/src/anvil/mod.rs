//! The twin of Ethereum: a private node, anvil, run as a child process, with test tokens deployed.
//!
//! Unlike the other twins this is a real chain: transactions are signed, executed and mined.
//! [`Anvil`] starts it, [`Chain`] plays everybody else on it (customers, the tokens' owner, the
//! validators) and says what really happened ([`Chain::transfers`]), and [`AnvilGate`] stands in
//! front of it as a provider with faults.
//!
//! # Where anvil is kinder or odder than a real chain
//!
//! * A replacement is accepted for one wei more; real nodes ask for a tenth more.
//! * What a reorganisation takes out does not return to the pool, and what it cannot execute it
//!   leaves out silently.
//! * Within a block transactions stand in the order they came in, and not by their fees.
//! * Blocks carry the time of day; several can carry the same second, which no real chain allows.
//! * A range of logs that ends above the head is cut short silently; one that begins there fails.
//! * There are no limits, no lag and no stall of finality: for those there is the gate.

mod abi;
mod binary;
mod blocks;
mod chain;
mod contracts;
mod gate;
mod kept;
mod node;
mod options;
mod oracle;
mod owner;
mod rpc;
mod running;
mod tokens;
mod transfers;
mod words;

pub use blocks::{Replay, Snapshot};
pub use chain::{At, Chain, Receipt};
pub use gate::{AnvilGate, GateCall, GateFault, GateFaultKind};
pub use options::{AnvilOptions, MNEMONIC, Mining};
pub use oracle::TokenTransfer;
pub use rpc::CallError;
pub use running::Anvil;
pub use tokens::Token;
pub use transfers::Sender;
pub use words::{Address, Hash};
