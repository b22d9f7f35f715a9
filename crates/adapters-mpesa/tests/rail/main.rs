//! The adapter against a scripted server: what it sends, what it makes of every answer and callback,
//! and what it does when the connection fails it.

mod answers;
mod credential;
mod faults;
mod limits;
mod never_panics;
mod notices;
mod requests;
mod secrets;
mod settings;
mod sharing;
mod statements;
mod support;
mod tokens;
