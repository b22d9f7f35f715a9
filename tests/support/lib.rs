//! What every scenario stands on: a service of its own over a database of its own, a client that
//! talks to it over real HTTP, and the books, which are checked when the scenario ends.
//! What the service should answer is for the scenarios to say.
#![expect(clippy::missing_panics_doc, reason = "a scenario's ground panics when it gives way")]

mod answer;
mod app;
mod books;
mod chain;
mod cluster;
mod issuer;
mod ordered;
mod orders;
mod program;
mod rail;
mod rail_books;
mod raw;
mod sql;
mod tokens;
mod wait;

pub use answer::Answer;
pub use api_actix::error::problem_codes;
pub use app::{Stage, TestApp, now, send};
pub use books::check_books;
pub use chain::{
    Coins, ESCROW_WORDS, HOT_WORDS, STOCK, check_coin_books, ethereum, ethereum_with, hot_address,
    ledger_holds, minor, tron, tron_by_hand, tron_with,
};
pub use cluster::{Database, Outage};
pub use issuer::{Issuer, serve_text};
pub use ordered::{Field, fields, rows};
pub use orders::{buy, buy_of, offer, sell, user, with};
pub use program::{Program, Said, Serving};
pub use rail::{RailApp, SPEED, deposit, engine, twin, twin_with};
pub use rail_books::{check_positions, check_rail_books, has_collected_all, has_paid_all};
pub use raw::{Connection, Spoken};
pub use sql::Sql;
pub use tokens::{EDDSA, EDDSA_2, ES256, RS256, TestKey, claims, jwks, jwks_file, sign_hmac};
pub use wait::{at_once, eventually, in_time};

pub use domain::ids::PartyId;
pub use domain::party::Role;
pub use domain::testing::samples::{
    ADMIN, BUY_OFFER, BUYING_VENDOR, CUSTOMER, SELL_OFFER, SELLER, TRON_WALLET, VENDOR,
};
