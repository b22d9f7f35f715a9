//! The chains' own coins (TRX, ETH), that fees are paid in and that some people send to addresses which
//! expect a token. Counted in the chain's own units, never in those of coins.

use super::Sighting;
use crate::address::Network;
use crate::ledger::LedgerAsset;

/// What a network calls its own coin.
pub fn native_coin(network: Network) -> &'static str {
    LedgerAsset::native(network).as_str()
}

/// Decimal places of the coin above its unit: sun, wei.
fn places(network: Network) -> usize {
    match network {
        Network::Tron => 6,
        Network::Ethereum => 18,
    }
}

/// Less is noise: it costs its sender next to nothing, and us more to send back. A whole TRX, and a
/// ten-thousandth of an ETH.
fn least(network: Network) -> u64 {
    match network {
        Network::Tron => 1_000_000,
        Network::Ethereum => 100_000_000_000_000,
    }
}

impl Sighting {
    /// It moved the chain's own coin: no contract is called so.
    pub fn is_native(&self) -> bool {
        self.asset.is_none() && self.token == native_coin(self.id.network)
    }

    /// The number of its units, where there can be so many.
    pub fn native_units(&self) -> Option<u64> {
        self.units.parse().ok()
    }

    pub(super) fn is_native_dust(&self) -> bool {
        self.native_units().is_some_and(|units| units < least(self.id.network))
    }
}

/// Units of a network's own coin as people write them, with all their places.
pub fn native_amount(network: Network, units: &str) -> String {
    let places = places(network);
    let digits = format!("{units:0>width$}", width = places.saturating_add(1));
    let (whole, part) = digits.split_at(digits.len().saturating_sub(places));
    format!("{whole}.{part}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_all_the_places_of_its_coin() {
        let rows = [
            (Network::Tron, "500000000", "500.000000"),
            (Network::Tron, "1", "0.000001"),
            (Network::Ethereum, "1500000000000000000", "1.500000000000000000"),
            (Network::Ethereum, "0", "0.000000000000000000"),
        ];
        for (network, units, words) in rows {
            assert_eq!(native_amount(network, units), words);
        }
    }
}
