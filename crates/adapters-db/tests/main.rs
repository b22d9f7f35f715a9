//! The adapter on a real PostgreSQL. One program for all files, so that one cluster serves them.

mod chain;
mod chain_paths;
mod commits;
mod constraints;
mod contract;
mod expiry;
mod hot_paths;
mod leases;
mod ledger;
mod migrations;
mod no_libpq;
mod outages;
mod privileges;
mod rail;
mod rail_paths;
mod schema;
mod support;
mod transactions;
