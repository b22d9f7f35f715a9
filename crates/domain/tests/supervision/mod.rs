//! The supervisor: each dead end that can be built is found, and none that is none.

mod dead_ends;
mod enumeration;
