//! Who is calling: bearer tokens verified against configured keys. The service issues none, except
//! for local work, where everybody knows the key.

mod keys;
mod local;
mod source;
mod verify;

pub use keys::Keys;
pub use local::local_token;
pub use verify::{TokenFault, Verifier};
