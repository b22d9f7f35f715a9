//! Twins of foreign services, for tests and demonstrations: loopback servers that an adapter,
//! configured only by a base URL, cannot tell from the real ones.
//!
//! A twin is a second opinion. It shares no code with the adapters it is talked to by, keeps its
//! own books of what really happened to the money, and never calls out of this machine.

pub mod anvil;
pub mod daraja;
mod dice;
mod http;
mod keeping;
mod shared;
pub mod tron;
