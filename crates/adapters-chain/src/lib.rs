//! The chains: addresses, and (each in its room) how Tron and Ethereum are read and written.
//! Schedules, decisions and SQL are not here.

mod address;
pub mod ethereum;
mod http;
mod pace;
mod pool;
pub mod signer;
pub mod tron;

pub use address::{XpubBook, XpubError, parse_address, test_keys};
pub use http::Timeouts;
pub use pool::{NodeHealth, NodePool, NodeState};
