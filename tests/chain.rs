//! The chain rail over real HTTP, PostgreSQL, the twins of Daraja and of a Tron node, and a real EVM
//! node: whole orders, what arrives and what becomes of it, re-orgs, and what goes out.

#[path = "chain/amounts.rs"]
mod amounts;
#[path = "chain/deadlines.rs"]
mod deadlines;
#[path = "chain/deliveries/mod.rs"]
mod deliveries;
#[path = "chain/ground.rs"]
mod ground;
#[path = "chain/halts.rs"]
mod halts;
#[path = "chain/keys.rs"]
mod keys;
#[path = "chain/poison.rs"]
mod poison;
#[path = "chain/reorgs.rs"]
mod reorgs;
#[path = "chain/strangers.rs"]
mod strangers;
#[path = "chain/walk.rs"]
mod walk;
