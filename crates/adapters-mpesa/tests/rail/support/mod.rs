//! A scripted server, and the rail that talks to it.

mod logs;
mod rail;
mod server;

pub(crate) use logs::Logs;
pub(crate) use rail::{
    CREDENTIAL, PASSKEY, at, config, fiat, payout, phone, push, rail, reversal, status, token,
};
pub(crate) use server::{Request, Server, Step};
