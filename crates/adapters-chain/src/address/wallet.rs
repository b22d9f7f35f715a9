//! Which chain a wallet address claims to be of. Whether the claim holds is for `tron` and
//! `ethereum` to say.

use domain::address::{AddressError, ChainAddress};

use super::{ethereum, tron};

/// Anyone may send a text of any length; past this one nothing is decoded. It leaves room for the
/// addresses of other chains, so that they are named for what is wrong with them.
const LONGEST_BYTES: usize = 64;

/// Verifies a wallet address and reads its network off it.
pub fn parse_address(text: &str) -> Result<ChainAddress, AddressError> {
    let too_long = text.len() > LONGEST_BYTES;
    match text.as_bytes() {
        [] => Err(AddressError::Empty),
        [b'0', b'x' | b'X', ..] if too_long => Err(AddressError::EthereumLength),
        [b'0', b'x' | b'X', ..] => ethereum::parse(text),
        _ if !too_long && (is_nearly_tron(text) || tron::has_checksum(text)) => tron::parse(text),
        _ => Err(AddressError::UnknownForm),
    }
}

/// Somebody who mistyped an address of Tron is told where to look; whoever sent something else is not
/// given a lesson in Tron's spelling.
fn is_nearly_tron(text: &str) -> bool {
    let near = if text.starts_with('T') { 30..=38 } else { 33..=35 };
    near.contains(&text.len()) && (text.starts_with('T') || tron::is_base58(text))
}
