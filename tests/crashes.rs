//! The crash matrix: a process dies after every effect of every flow, which is before the next, or loses
//! the reply to it, or stalls for longer than its lease, and another goes on. Afterwards the twin's oracle shows at
//! most one debit and one credit, the chain one transfer of coin, the ledger says the same, and the
//! order is where the table says.
//!
//! Effects are counted, not listed: every commit, every call to a rail, a chain or the signer, every
//! claim. A flow that grows a step grows the matrix.

#[path = "crashes/coin_flows.rs"]
mod coin_flows;
#[path = "crashes/coin_ground.rs"]
mod coin_ground;
#[path = "crashes/coin_matrix.rs"]
mod coin_matrix;
#[path = "crashes/flows.rs"]
mod flows;
#[path = "crashes/hooks.rs"]
mod hooks;
#[path = "crashes/matrix.rs"]
mod matrix;
#[path = "crashes/orders.rs"]
mod orders;
#[path = "crashes/replica.rs"]
mod replica;
#[path = "crashes/tripwire.rs"]
mod tripwire;
#[path = "crashes/wired_chain.rs"]
mod wired_chain;
#[path = "crashes/wired_rail.rs"]
mod wired_rail;
#[path = "crashes/wired_store.rs"]
mod wired_store;
