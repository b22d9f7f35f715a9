//! The adapters before a private chain, a simulated one, and files. One program for all: it is linked
//! once, and what they stand on is in one room.

mod contract;
mod escrow_addresses;
mod ethereum;
// Everything there is a test, helpers too.
#[cfg(test)]
mod signer;
mod support;
mod test_keys;
mod tron;
mod wallet_addresses;
