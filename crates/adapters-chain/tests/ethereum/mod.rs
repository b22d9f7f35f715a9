//! The Ethereum adapter against a real node of a private chain, and against providers that fail.

mod bumping;
mod endings;
mod network;
mod preparing;
mod providers;
mod reorgs;
mod scanning;
mod sending;
mod world;
