//! The Tron adapter against a simulated chain whose nodes lag, lie and forget. Nothing here has met
//! a real node.

#[path = "tron/deaths.rs"]
mod deaths;
#[path = "tron/endings.rs"]
mod endings;
#[path = "tron/network.rs"]
mod network;
#[path = "tron/preparing.rs"]
mod preparing;
#[path = "tron/scanning.rs"]
mod scanning;
#[path = "tron/sending.rs"]
mod sending;
#[path = "tron/support.rs"]
mod support;
