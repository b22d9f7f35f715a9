//! The twin of Daraja over real HTTP: each file holds one part of its behaviour.

#[path = "daraja/callbacks.rs"]
mod callbacks;
#[path = "daraja/control.rs"]
mod control;
#[path = "daraja/faults.rs"]
mod faults;
#[path = "daraja/inbox.rs"]
mod inbox;
#[path = "daraja/payouts.rs"]
mod payouts;
#[path = "daraja/prompts.rs"]
mod prompts;
#[path = "daraja/queries.rs"]
mod queries;
#[path = "daraja/reconciliation.rs"]
mod reconciliation;
#[path = "daraja/scenarios.rs"]
mod scenarios;
#[path = "daraja/support.rs"]
mod support;
#[path = "daraja/tokens.rs"]
mod tokens;
#[path = "daraja/validation.rs"]
mod validation;
