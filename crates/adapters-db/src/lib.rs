//! PostgreSQL behind the domain's store ports. Every `diesel::` of the service is in this crate,
//! and no rule is: what an order may become, the domain has decided before it comes here.

mod callbacks;
mod chain;
mod changes;
mod children;
mod collections;
mod config;
mod connection;
mod disbursements;
mod error;
mod idempotency;
mod identity;
mod jobs;
mod ledger;
mod migrations;
mod offer_queries;
mod offers;
mod orders;
mod outbox;
mod own_addresses;
mod parties;
mod placement;
mod prepared;
mod queries;
mod rail_books;
mod rail_store;
mod reviews;
mod rows;
mod schema;
mod statement;
mod store;
mod supervision;
mod token;
mod unit_of_work;

pub use config::DbConfig;
pub use identity::{DatabaseIdentity, identity};
pub use migrations::{MigrateError, migrate, pending_migrations};
pub use store::PgStore;
