//! The twin of Daraja over real HTTP: each file holds one part of its behaviour.

mod callbacks;
mod control;
mod faults;
mod inbox;
mod keeping;
mod payouts;
mod prompts;
mod queries;
mod reconciliation;
mod scenarios;
mod support;
mod tokens;
mod validation;
