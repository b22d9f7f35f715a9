//! What goes over the wire: names, order and spelling of every field, and nothing that decides.

pub mod deposit;
pub mod event;
pub mod nulls;
pub mod offer;
pub mod order;
pub mod party;
pub mod payment;
pub mod shown;
pub mod words;
