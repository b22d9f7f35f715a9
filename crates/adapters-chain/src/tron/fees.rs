//! What a transfer costs: energy and bandwidth by the chain's own prices, less what the sender has
//! of both. Fee limits and balances in sun. Whether that is too dear is decided elsewhere.

use serde_json::json;

use super::answers::{AccountAnswer, Parameters, Resources};
use super::node::{Answer, Node};
use super::spelling;
use crate::address::owner::Owner;

/// A transfer to an address that no block knows pays 1 TRX for its activation, and 0.1 for the
/// bandwidth.
pub(crate) const ACTIVATION: u64 = 1_100_000;

/// Sun per unit of energy, and per byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Prices {
    pub(crate) energy: u64,
    pub(crate) byte: u64,
}

/// An account as its fees are paid from it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Purse {
    pub(crate) is_active: bool,
    /// Sun, in solid state.
    pub(crate) balance: u64,
    pub(crate) free_energy: u64,
    pub(crate) free_bytes: u64,
}

impl Node {
    pub(crate) async fn prices(&self) -> Answer<Prices> {
        let path = "wallet/getchainparameters";
        let parameters: Parameters = self.ask(path, &json!({})).await?;
        let find = |key: &str| {
            let found = parameters.list.iter().find(|one| one.key == key);
            let value = found.and_then(|one| u64::try_from(one.value).ok());
            value.filter(|value| *value > 0).ok_or_else(|| self.away(path, &format!("no {key}")))
        };
        Ok(Prices { energy: find("getEnergyFee")?, byte: find("getTransactionFee")? })
    }

    pub(crate) async fn is_active(&self, owner: Owner) -> Answer<bool> {
        Ok(self.account(owner).await?.address.is_some())
    }

    pub(crate) async fn purse(&self, owner: Owner) -> Answer<Purse> {
        let account = self.account(owner).await?;
        if account.address.is_none() {
            return Ok(Purse::default());
        }
        let address = json!({ "address": spelling::hex21(owner) });
        let left: Resources = self.ask("wallet/getaccountresource", &address).await?;
        // A transaction takes all of its bytes from the one or from the other.
        let staked = left.net_limit.saturating_sub(left.net_used);
        Ok(Purse {
            is_active: true,
            balance: account.balance,
            free_energy: left.energy_limit.saturating_sub(left.energy_used),
            free_bytes: left.free_limit.saturating_sub(left.free_used).max(staked),
        })
    }

    /// What a solid block says that an address holds of TRX.
    pub(crate) async fn sun(&self, owner: Owner) -> Answer<u64> {
        Ok(self.account(owner).await?.balance)
    }

    async fn account(&self, owner: Owner) -> Answer<AccountAnswer> {
        let address = json!({ "address": spelling::hex21(owner) });
        self.ask("walletsolidity/getaccount", &address).await
    }
}

/// The energy that a transfer may use, where its simulation used `energy`.
pub(crate) fn with_margin(energy: u64, percent: u32) -> u64 {
    energy.saturating_mul(percent.into()).div_ceil(100)
}

impl Purse {
    /// Sun that must be there for a transaction of so many bytes that may use so much energy.
    pub(crate) fn burnt(&self, prices: Prices, bytes: u64, energy: u64) -> u64 {
        let bytes = if bytes <= self.free_bytes { 0 } else { bytes };
        let energy = energy.saturating_sub(self.free_energy);
        let of_energy = energy.saturating_mul(prices.energy);
        bytes.saturating_mul(prices.byte).saturating_add(of_energy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_margin_is_rounded_up() {
        assert_eq!(with_margin(64_285, 125), 80_357);
        assert_eq!(with_margin(100, 125), 125);
        assert_eq!(with_margin(0, 125), 0);
    }

    #[test]
    fn bandwidth_is_free_as_a_whole_or_not_at_all() {
        let prices = Prices { energy: 100, byte: 1_000 };
        let purse = Purse { is_active: true, balance: 0, free_energy: 10, free_bytes: 345 };
        assert_eq!(purse.burnt(prices, 345, 110), 10_000);
        assert_eq!(purse.burnt(prices, 346, 5), 346_000);
    }
}
