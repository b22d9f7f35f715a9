//! Addresses of both chains behind the domain's `AddressBook`: wallet addresses are verified here and
//! escrow addresses derived from public keys. Nothing here holds a private key or speaks to a node,
//! and which address belongs to which order is not decided here.

mod book;
pub(crate) mod ethereum;
pub(crate) mod owner;
pub mod test_keys;
pub(crate) mod tron;
mod wallet;
mod xpub;

pub use book::XpubBook;
pub use wallet::parse_address;
pub use xpub::XpubError;
