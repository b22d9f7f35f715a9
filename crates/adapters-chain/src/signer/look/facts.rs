//! Whether bytes move what the plan says, from whom and to whom.

use domain::chain::Value;
use domain::chain::transfer::Plan;
use domain::ports::SignerError;

use super::{Contracts, Seen, ensure, mismatch};
use crate::address::owner::Owner;
use crate::signer::account;

/// `from` is the owner of the key that signs, or has signed.
pub(in crate::signer) fn facts(
    plan: &Plan,
    seen: &Seen,
    from: Owner,
    contracts: &Contracts,
) -> Result<(), SignerError> {
    let named = |text| account::owner(plan.network, text);
    ensure(named(&plan.from) == Some(from), "the plan's sender is not the wallet's address")?;
    ensure(seen.from.is_none_or(|seen| seen == from), "the sender is another")?;
    ensure(named(&plan.to) == Some(seen.to), "the receiver is another")?;
    ensure(seen.to != from, "sender and receiver are the same")?;
    ensure(!contracts.is_token(plan.network, seen.to), "the receiver is a token's own contract")?;
    ensure(token(plan, contracts)? == seen.token, "the coin is another")?;
    ensure(plan.value.units() == Some(seen.units), "the amount is another")?;
    ensure(seen.units > 0, "nothing is moved")
}

/// The contract that is to be called, if any.
fn token(plan: &Plan, contracts: &Contracts) -> Result<Option<Owner>, SignerError> {
    match plan.value {
        Value::Native { .. } => Ok(None),
        Value::Coin { asset, .. } => contracts
            .token(plan.network, asset)
            .map(Some)
            .ok_or_else(|| mismatch("the coin does not live on this network")),
    }
}
