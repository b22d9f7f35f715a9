//! The private Ethereum node over real JSON-RPC: each file holds one part of its behaviour.

#[path = "anvil/gate.rs"]
mod gate;
#[path = "anvil/life.rs"]
mod life;
#[path = "anvil/mining.rs"]
mod mining;
#[path = "anvil/owner.rs"]
mod owner;
#[path = "anvil/reorgs.rs"]
mod reorgs;
#[path = "anvil/support.rs"]
mod support;
#[path = "anvil/transfers.rs"]
mod transfers;
