//! The account keys of a mnemonic the whole world knows, `test test test test test test test test
//! test test test junk`, and the means to recognise them. Whoever knows the mnemonic can empty
//! their addresses, so they are for local runs and tests; refusing them elsewhere is the service's
//! part.

use coins_bip32::primitives::ChainCode;

use super::xpub;

/// m/44'/195'/0'
pub const TRON_XPUB: &str = "xpub6BuRy7ZmkGfP2RWhoor1kWB1w9DvrtmJbFBvnC1bQ4SB5NbCHTyQYCJSXZtxDbFyHTmC7wkU2he3nYYdpZ3Vf6qUAkXSnL6RPif4BDtDEKr";

/// m/44'/60'/0'
pub const ETHEREUM_XPUB: &str = "xpub6Ce9NcJvTk36xtLSrJLZqE7wtgA5deCeYs7rSQtreh4cj6ByPtrg9sD7V2FNFLPnf8heNP3FGkeV9qwfzvZNSd54JoNXVsXFYSYwHsnJxqP";

/// Compares what children are derived from. Depth, index and parent are labels: changing them
/// changes the text of an xpub and none of its addresses.
pub fn is_test_key(xpub: &str) -> bool {
    let asked = material(xpub);
    asked.is_some() && [TRON_XPUB, ETHEREUM_XPUB].map(material).contains(&asked)
}

fn material(xpub: &str) -> Option<([u8; 33], ChainCode)> {
    let xpub = xpub::decode(xpub)?;
    Some((xpub.to_sec1_bytes(), xpub::info(&xpub).chain_code))
}
