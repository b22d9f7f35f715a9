//! What the tests of every chain stand on: our keys, our addresses, and both ways to sign without the
//! adapters' code. Nothing here asserts what an adapter does.

pub(crate) mod evm;
pub(crate) mod keys;
pub(crate) mod slots;
mod watch;

pub(crate) use watch::Watch;
