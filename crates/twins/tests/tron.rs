//! The twin of Tron over real HTTP: each file holds one part of its behaviour. It proves the twin,
//! and says nothing about Tron.

#[path = "tron/accounts.rs"]
mod accounts;
#[path = "tron/answers.rs"]
mod answers;
#[path = "tron/broadcasts.rs"]
mod broadcasts;
#[path = "tron/chain.rs"]
mod chain;
#[path = "tron/faults.rs"]
mod faults;
#[path = "tron/fees.rs"]
mod fees;
#[path = "tron/nodes.rs"]
mod nodes;
#[path = "tron/pace.rs"]
mod pace;
#[path = "tron/support.rs"]
mod support;
#[path = "tron/tokens.rs"]
mod tokens;
#[path = "tron/wallet.rs"]
mod wallet;
