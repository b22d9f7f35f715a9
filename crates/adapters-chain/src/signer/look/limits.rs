//! What each wallet may do, and how much. The plan may be wrong as well: these rules hold whatever it
//! says.

use domain::address::Network;
use domain::chain::transfer::{Plan, Purpose, Wallet};
use domain::chain::{Value, chain_units};
use domain::ports::SignerError;

use super::{Promise, Seen, ensure, mismatch};
use crate::address::owner::Owner;
use crate::signer::config::{Limits, NativeLimits};

pub(in crate::signer) fn limits(
    plan: &Plan,
    seen: &Seen,
    hot: Owner,
    limits: &Limits,
) -> Result<(), SignerError> {
    let native = match plan.network {
        Network::Tron => limits.tron,
        Network::Ethereum => limits.ethereum,
    };
    purpose(plan, seen, hot, limits, native)?;
    within(highest_fee(seen), native.max_fee, "the fee")
}

fn purpose(
    plan: &Plan,
    seen: &Seen,
    hot: Owner,
    limits: &Limits,
    native: NativeLimits,
) -> Result<(), SignerError> {
    match (&plan.purpose, plan.wallet, plan.value) {
        (Purpose::Delivery | Purpose::Refund { .. }, Wallet::Hot, Value::Coin { asset, .. }) => {
            let most = chain_units(limits.coin(asset)).unwrap_or(0);
            within(u128::from(seen.units), most, "the amount")
        }
        (Purpose::Sweep, Wallet::Escrow(_), _) => {
            ensure(seen.to == hot, "a sweep goes to the hot wallet and nowhere else")
        }
        (Purpose::Gas, Wallet::Hot, Value::Native { .. }) => {
            within(u128::from(seen.units), native.max_top_up, "the top-up")
        }
        // What came there is all that can leave: no more lies at that address than people sent.
        (Purpose::Return { .. }, Wallet::Escrow(_), Value::Native { .. }) => Ok(()),
        (
            Purpose::Delivery
            | Purpose::Refund { .. }
            | Purpose::Sweep
            | Purpose::Gas
            | Purpose::Return { .. },
            _,
            _,
        ) => Err(mismatch("the purpose is not this wallet's, or not with this coin")),
    }
}

fn highest_fee(seen: &Seen) -> u128 {
    match seen.promise {
        Promise::Tron { fee_limit, .. } => u128::from(fee_limit),
        Promise::Ethereum { gas_limit, max_fee, .. } => {
            u128::from(gas_limit).saturating_mul(max_fee)
        }
    }
}

fn within(asked: u128, most: u64, what: &str) -> Result<(), SignerError> {
    if asked <= u128::from(most) {
        return Ok(());
    }
    Err(SignerError::Limit(format!("{what} is {asked}, the most is {most}")))
}
