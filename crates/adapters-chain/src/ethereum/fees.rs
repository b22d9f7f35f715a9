//! What a transaction offers for its gas (EIP-1559): pure arithmetic on what blocks cost lately. Every
//! number is in wei per gas.

use domain::chain::transfer::Terms;

use super::config::EthereumConfig;
use super::wire::FeeHistory;

const WEI_PER_GWEI: u64 = 1_000_000_000;
/// A replacement pays so much of what it replaces, in percent: nodes ask for 110.
const DEARER_PERCENT: u64 = 115;

/// An offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fees {
    /// At most, tip included.
    pub(super) max_fee: u64,
    /// To the validator.
    pub(super) max_tip: u64,
}

/// Why no offer is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoFees {
    /// The node's numbers are none.
    Unreadable,
    /// The next block would take only more than we give.
    Dear { needed: u64, cap: u64 },
}

/// The market's price: room for the base fee to double, within our cap.
pub(super) fn market(history: &FeeHistory, config: &EthereumConfig) -> Result<Fees, NoFees> {
    let base = history.base_fee_per_gas.last().copied().and_then(|base| u64::try_from(base).ok());
    let base = base.ok_or(NoFees::Unreadable)?;
    let max_tip = median_tip(history).max(config.min_tip_wei);
    let needed = base.saturating_add(max_tip);
    let roomy = base.saturating_add(needed);
    let cap = cap(config);
    if needed > cap {
        return Err(NoFees::Dear { needed, cap });
    }
    Ok(Fees { max_fee: roomy.min(cap), max_tip })
}

/// For the same nonce once more: dearer than the last by what every node accepts, and not below the
/// market.
pub(super) fn dearer(
    market: Fees,
    living: &Terms,
    config: &EthereumConfig,
) -> Result<Fees, NoFees> {
    let Terms::Ethereum { max_fee, max_tip, .. } = *living else { return Err(NoFees::Unreadable) };
    let fees = Fees {
        max_fee: market.max_fee.max(raised(max_fee)),
        max_tip: market.max_tip.max(raised(max_tip)),
    };
    let (needed, cap) = (fees.max_fee.max(fees.max_tip), cap(config));
    if needed > cap { Err(NoFees::Dear { needed, cap }) } else { Ok(fees) }
}

fn cap(config: &EthereumConfig) -> u64 {
    config.max_fee_gwei.saturating_mul(WEI_PER_GWEI)
}

fn raised(last: u64) -> u64 {
    last.saturating_mul(DEARER_PERCENT).div_ceil(100)
}

/// The middle one of what the last blocks paid; none in an empty chain.
fn median_tip(history: &FeeHistory) -> u64 {
    let rewards = history.reward.iter().flatten().filter_map(|block| block.first());
    let mut tips: Vec<u64> = rewards.map(|tip| u64::try_from(*tip).unwrap_or(u64::MAX)).collect();
    tips.sort_unstable();
    tips.get(tips.len() / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use alloy::primitives::U256;

    use super::super::config::EthereumCoins;
    use super::*;

    const GWEI: u64 = WEI_PER_GWEI;

    fn config() -> EthereumConfig {
        let coins = EthereumCoins { usdt: String::new(), usdc: String::new() };
        let config = EthereumConfig::new(vec![], 1, coins, String::new());
        EthereumConfig { max_fee_gwei: 100, ..config }
    }

    fn history(base: u64, tips: &[u64]) -> FeeHistory {
        let reward = tips.iter().map(|tip| vec![U256::from(*tip)]).collect();
        FeeHistory { base_fee_per_gas: vec![1, base.into()], reward: Some(reward) }
    }

    #[test]
    fn the_market_is_the_next_base_fee_twice_and_the_median_tip() {
        let fees = market(&history(10 * GWEI, &[5 * GWEI, GWEI, 2 * GWEI]), &config());
        assert_eq!(fees, Ok(Fees { max_fee: 22 * GWEI, max_tip: 2 * GWEI }));
        let fees = market(&history(10 * GWEI, &[]), &config());
        assert_eq!(fees, Ok(Fees { max_fee: 20 * GWEI + GWEI / 10, max_tip: GWEI / 10 }));
    }

    #[test]
    fn the_cap_takes_the_room_first_and_then_forbids() {
        let fees = market(&history(60 * GWEI, &[GWEI]), &config());
        assert_eq!(fees, Ok(Fees { max_fee: 100 * GWEI, max_tip: GWEI }));
        let dear = NoFees::Dear { needed: 101 * GWEI, cap: 100 * GWEI };
        assert_eq!(market(&history(100 * GWEI, &[GWEI]), &config()), Err(dear));
        assert!(market(&history(u64::MAX, &[u64::MAX]), &config()).is_err());
        let empty = FeeHistory { base_fee_per_gas: vec![], reward: None };
        assert_eq!(market(&empty, &config()), Err(NoFees::Unreadable));
    }

    #[test]
    fn a_dearer_variant_is_dearer_in_both_and_keeps_up_with_the_market() {
        let living = Terms::Ethereum { gas_limit: 1, max_fee: 101, max_tip: 10 };
        let cheap = Fees { max_fee: 50, max_tip: 5 };
        let fees = dearer(cheap, &living, &config());
        assert_eq!(fees, Ok(Fees { max_fee: 117, max_tip: 12 }));
        let rising = Fees { max_fee: 500, max_tip: 5 };
        let fees = dearer(rising, &living, &config());
        assert_eq!(fees, Ok(Fees { max_fee: 500, max_tip: 12 }));
        let at_cap = Terms::Ethereum { gas_limit: 1, max_fee: 90 * GWEI, max_tip: 10 };
        assert!(matches!(dearer(cheap, &at_cap, &config()), Err(NoFees::Dear { .. })));
    }
}
