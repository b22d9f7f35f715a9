//! Shillings in and out over real HTTP, against a twin of Daraja. Every scenario asserts the order, the
//! ledger and the twin's oracle: what is said, what is believed, and what really happened.

mod walk;

mod payouts;

mod collections;
