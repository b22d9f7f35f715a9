//! What the domain knows of the chain rail: what a block is, what arrived at our addresses and what
//! becomes of it ([`arrival`]), how a chain is followed ([`cursor`]), and coin going out, from the intent
//! to finality ([`transfer`]).
//!
//! Pure, like the order's table. Encodings, nodes and keys are the adapter's.

pub mod arrival;
mod block;
pub mod cursor;
mod native;
mod tempo;
pub mod transfer;
mod value;

pub use arrival::{Arrival, Disposition};
pub use block::{Block, BlockRef, Scan, Sighting, Tip};
pub use cursor::Cursor;
pub use native::{native_amount, native_coin};
pub use tempo::ChainTempo;
pub use transfer::{Attempt, Transfer};
pub use value::{UNITS_PER_COIN, Value, chain_units, from_chain_units};
