//! The local signer, as whoever asks it for signatures sees it: files, bytes and answers.

mod bytes;
mod crashes;
mod ethereum;
mod generations;
mod guards;
mod journal;
mod keys;
mod limits;
mod plans;
mod support;
mod together;
mod tron;
