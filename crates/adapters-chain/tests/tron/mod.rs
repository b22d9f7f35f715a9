//! The Tron adapter against a simulated chain whose nodes lag, lie and forget. Nothing here has met
//! a real node.

mod deaths;
mod endings;
mod network;
mod preparing;
mod reorgs;
mod scanning;
mod sending;
mod world;
