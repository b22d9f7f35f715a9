//! For tests only (feature `test-support`): samples, fakes named by their nature, the store's
//! contract suite, and the rendering of the order table.

pub mod contract;
pub mod fakes;
pub mod matrix;
pub mod memory_chain;
pub mod memory_mobile_money;
mod memory_store;
pub mod mocks;
pub mod rail;
pub mod rail_samples;
pub mod samples;
mod scene;

pub use fakes::{CountingEntropy, PlainAddressBook, SetClock};
pub use memory_chain::{MemoryChain, MemorySigner};
pub use memory_mobile_money::MemoryMobileMoney;
pub use memory_store::MemoryStore;
pub use rail::FakeRail;
pub use scene::Scene;
