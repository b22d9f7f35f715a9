//! What every implementation of a port must do, as suites that run against each of them.

pub mod store;
