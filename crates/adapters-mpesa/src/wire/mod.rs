//! JSON as Daraja writes and wants it: [`requests`] with its own spelling of every field, and
//! [`reading`] that forgives what its answers vary in. What anything means is not decided here.

pub(crate) mod reading;
pub(crate) mod requests;
