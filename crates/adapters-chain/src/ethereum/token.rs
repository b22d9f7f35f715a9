//! The calls and the event of a token contract that we use, as the contracts spell them.

use alloy::primitives::Address;
use alloy::sol;
use domain::offer::Asset;

sol! {
    /// USDT returns nothing and others what they like: nobody reads the return value.
    function transfer(address to, uint256 value) external;
    function balanceOf(address owner) external view returns (uint256);
    function decimals() external view returns (uint8);
    function paused() external view returns (bool);
    /// As Tether spells it: senders only.
    function isBlackListed(address user) external view returns (bool);
    /// As Circle spells it: senders and receivers.
    function isBlacklisted(address user) external view returns (bool);

    event Transfer(address indexed from, address indexed to, uint256 value);
}

/// The contracts that we know.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tokens {
    pub(super) usdt: Address,
    pub(super) usdc: Address,
}

impl Tokens {
    pub(super) fn address(&self, asset: Asset) -> Address {
        match asset {
            Asset::Usdt => self.usdt,
            Asset::Usdc => self.usdc,
        }
    }

    /// `None` for a stranger's contract, whatever it calls itself.
    pub(super) fn asset(&self, contract: Address) -> Option<Asset> {
        Asset::ALL.into_iter().find(|asset| self.address(*asset) == contract)
    }

    pub(super) fn addresses(&self) -> [Address; 2] {
        [self.usdt, self.usdc]
    }
}
