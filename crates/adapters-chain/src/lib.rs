//! Addresses on the chains, behind the domain's `AddressBook`: wallet addresses are verified and
//! escrow addresses derived here. Nothing here holds a private key or speaks to a node, and which
//! address belongs to which order is not decided here.

mod book;
mod ethereum;
mod owner;
pub mod test_keys;
mod tron;
mod wallet;
mod xpub;

pub use book::XpubBook;
pub use wallet::parse_address;
pub use xpub::XpubError;
