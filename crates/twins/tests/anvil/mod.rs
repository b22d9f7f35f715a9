//! The private Ethereum node over real JSON-RPC: each file holds one part of its behaviour.

mod gate;
mod life;
mod mining;
mod owner;
mod reorgs;
mod support;
mod transfers;
