//! What every implementation of a port must do, as suites that run against each of them.

pub mod chain;
pub mod chain_samples;
pub mod store;
