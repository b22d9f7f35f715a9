//! The Ethereum adapter against a real node of a private chain, and against providers that fail.

#[path = "ethereum/bumping.rs"]
mod bumping;
#[path = "ethereum/endings.rs"]
mod endings;
#[path = "ethereum/network.rs"]
mod network;
#[path = "ethereum/preparing.rs"]
mod preparing;
#[path = "ethereum/providers.rs"]
mod providers;
#[path = "ethereum/reorgs.rs"]
mod reorgs;
#[path = "ethereum/scanning.rs"]
mod scanning;
#[path = "ethereum/sending.rs"]
mod sending;
#[path = "ethereum/support.rs"]
mod support;
