//! The order engine's rules: orders and their table, offers, parties, money, the policies of
//! creation, the ports, and the services that orchestrate them.
//!
//! Pure: nothing here touches a network, a disk, a database or a clock. What the rules need of the
//! world they ask through [`ports`]; what they want done in it they return as [`order::Effect`]s.
#![warn(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::wildcard_enum_match_arm
)]

pub mod access;
pub mod address;
pub mod chain;
pub mod ids;
pub mod ledger;
pub mod money;
pub mod offer;
pub mod order;
pub mod party;
pub mod placement;
pub mod ports;
pub mod rail;
pub mod rate;
pub mod rounding;
pub mod service;
pub mod supervision;
#[cfg(feature = "test-support")]
pub mod testing;
