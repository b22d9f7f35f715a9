//! Loopback HTTP, which every twin speaks: reading requests, and giving answers in every manner,
//! the bad ones included. What an answer says is not known here.

mod answer;
mod bind;
mod call;
mod server;

pub(crate) use answer::{Answer, Manner};
pub(crate) use bind::bind;
pub(crate) use call::Call;
pub(crate) use server::accept;
