//! The twin of Safaricom's Daraja (M-Pesa): collections by STK push, payouts by B2C, and what
//! belongs to them. The wire lives in `endpoints/`, the money in `books.rs`, time in `clock.rs`.
//!
//! It listens on loopback only and posts callbacks to loopback only. Money moves in the books of
//! the twin; [`Oracle`] says what really happened, whatever the callbacks say.
//!
//! # The control port
//!
//! JSON in and out; every power is also a method of [`Control`]. Amounts are cents.
//!
//! | route | what it does |
//! |---|---|
//! | `GET /` | the page on which a person plays the phone |
//! | `GET /oracle` | what really happened to the money |
//! | `GET /journal` | everything that was said, secrets struck out |
//! | `GET /prompts` | the prompts that stand on phones, and what each waits for |
//! | `GET /phones` | the phones with a fate of their own |
//! | `POST /prompts/{msisdn}` | `{"answer":"approve"}`, `cancel`, `wrong_pin` or `ignore` |
//! | `POST /payers/{msisdn}` | a [`Payer`]: `{"behaviour":"by_hand","delay":null}` |
//! | `POST /default-payer` | the same, for every phone without one |
//! | `POST /wallets/{msisdn}` | `{"cents":100000}` |
//! | `POST /unregistered/{msisdn}`, `POST /limited/{msisdn}` | payouts to it end in 2040, in 8 |
//! | `POST /bills` | a payment without a prompt: `{"msisdn":"254…","cents":100000,"account":"…"}` |
//! | `POST /float` | `{"cents":100000}` |
//! | `POST /faults` | a [`Fault`]: `{"endpoint":"stk_push","kind":{"drop":{"accepted":true}}}` |
//! | `DELETE /faults` | removes them |
//! | `POST /clock` | `{"advance_s":60}` |
//! | `GET /rules`, `POST /rules` | the knobs, [`Rules`]; fields that are not sent stay |
//! | `POST /revoke-tokens`, `POST /reset-initiator-lock` | what they say |

mod books;
mod call;
mod clock;
mod codes;
mod collection;
mod companion;
mod control;
mod control_http;
mod credential;
mod driver;
mod endpoint;
mod endpoints;
mod facts;
mod fault;
mod form;
mod gateway;
mod instruction;
mod journal;
mod options;
mod oracle;
mod payer;
mod result;
mod scenarios;
mod schedule;
mod seconds;
mod server;
mod shared;
mod spoiling;
mod stamp;
mod telling;
mod tokens;
mod twin;
mod wire;
mod world;

use crate::dice;
pub use companion::{Companion, Said};

pub use control::Control;
pub use endpoint::Endpoint;
pub use fault::{Fault, FaultKind};
pub use journal::{JournalEntry, JournalKind};
pub use options::{
    Credentials, Options, PhoneSpelling, QueueTimeoutBody, Rules, StatusField, UnknownOcid,
};
pub use oracle::{Oracle, Payment, Payout};
pub use payer::{Answer, Behaviour, Payer, Prompt};
pub use scenarios::{SCENARIOS, Scenario};
pub use twin::DarajaTwin;
