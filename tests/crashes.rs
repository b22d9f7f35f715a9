//! The crash matrix: a process dies before and after every effect of every flow, or loses the reply to
//! it, or stalls for longer than its lease, and another goes on. Afterwards the twin's oracle shows at
//! most one debit and one credit, the ledger says the same, and the order is where the table says.
//!
//! Effects are counted, not listed: every commit, every call to the rail, every claim. A flow that
//! grows a step grows the matrix.

#[path = "crashes/flows.rs"]
mod flows;
#[path = "crashes/hooks.rs"]
mod hooks;
#[path = "crashes/matrix.rs"]
mod matrix;
#[path = "crashes/replica.rs"]
mod replica;
#[path = "crashes/tripwire.rs"]
mod tripwire;
