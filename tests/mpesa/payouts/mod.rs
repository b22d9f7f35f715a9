//! Money out: payouts, refunds, the breaker that stops them, and what is held against the rail's books.

mod breaker;
mod crowd;
mod doubt;
mod failures;
mod float;
mod forged;
mod gateway;
mod ground;
mod independence;
mod lies;
mod operators;
mod refunds;
mod spellings;
mod table;
mod unkeyed;
