//! A plan in Ethereum's own words: who moves what to whom, read once and strictly. Nothing is asked of
//! the chain here.

use alloy::primitives::{Address, U256};
use domain::address::Network;
use domain::chain::Value;
use domain::chain::transfer::{Plan, Purpose};
use domain::ports::{SourceError, Unprepared};

use super::Ethereum;
use super::error::contradiction;
use super::spelling::parse_address;
use super::transaction::Movement;

/// What a transfer of ours is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Intent {
    pub(super) from: Address,
    pub(super) to: Address,
    pub(super) movement: Movement,
}

impl Ethereum {
    /// # Errors
    /// When the plan is none that we could have made.
    pub(super) fn intent(&self, plan: &Plan) -> Result<Intent, SourceError> {
        if plan.network != Network::Ethereum {
            return Err(contradiction("a plan is of another network"));
        }
        let from = parse_address(&plan.from).map_err(contradiction)?;
        if from != self.wallet(plan.wallet)? {
            return Err(contradiction("a plan's sender is not the address of its wallet"));
        }
        let to = parse_address(&plan.to).map_err(contradiction)?;
        let units = plan.value.units().map(U256::from);
        let units = units.ok_or_else(|| contradiction("an amount has too many places"))?;
        let movement = match plan.value {
            Value::Coin { asset, .. } => {
                Movement::Token { token: self.tokens.address(asset), to, units }
            }
            Value::Native { .. } => Movement::Ether { to, wei: units },
        };
        Ok(Intent { from, to, movement })
    }

    /// Whom nothing can sensibly be sent to.
    pub(super) fn check_receiver(&self, plan: &Plan) -> Result<(), Unprepared> {
        let no = |why: &str| Err(Unprepared::Receiver(why.to_owned()));
        let to = match parse_address(&plan.to) {
            Ok(to) => to,
            Err(why) => return no(&why),
        };
        match to {
            _ if self.tokens.asset(to).is_some() => no("it is the contract of a token"),
            _ if to == self.hot && plan.purpose != Purpose::Sweep => no("it is our hot wallet"),
            _ if parse_address(&plan.from) == Ok(to) => no("it is the sender"),
            _ => Ok(()),
        }
    }
}
