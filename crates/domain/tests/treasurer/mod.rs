//! The treasurer over a store, a chain and a signer in memory: whatever fails, and wherever it stops,
//! every transfer is made once, and the books say what the chain does.

mod deaths;
mod faults;
mod holds;
mod kills;
mod lives;
mod receivers;
mod stage;
mod stock;
mod stranded;
