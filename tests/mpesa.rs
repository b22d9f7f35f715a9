//! Shillings in and out over real HTTP, against a twin of Daraja. Every scenario asserts the order, the
//! ledger and the twin's oracle: what is said, what is believed, and what really happened.

#[path = "mpesa/walk.rs"]
mod walk;

#[path = "mpesa/payouts/mod.rs"]
mod payouts;

#[path = "mpesa/collections/mod.rs"]
mod collections;
