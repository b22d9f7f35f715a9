//! Whether a transfer can be made now, and on what terms. Every reason against it is found before
//! anything is signed.

use alloy::primitives::{Address, U256};
use domain::chain::transfer::{Plan, Signed, Terms, Wallet};
use domain::ports::{Prepared, SourceError, Unprepared};

use super::Ethereum;
use super::error::away;
use super::fees::{self, Fees, NoFees};
use super::intent::Intent;
use super::node::{At, Node, trial};
use super::rpc::RpcError;
use super::standing::Standing;
use super::transaction::Movement;

/// What an escrow address is given above what its sweep costs now, in percent of that.
const GAS_PERCENT: u64 = 120;

/// One preparation, on one node.
pub(super) struct Preparation<'a> {
    pub(super) ethereum: &'a Ethereum,
    pub(super) node: &'a Node,
    pub(super) plan: &'a Plan,
    pub(super) intent: Intent,
    /// What was signed last under the same nonce.
    pub(super) living: Option<&'a Signed>,
}

impl Preparation<'_> {
    pub(super) async fn run(&self) -> Result<Prepared, Unprepared> {
        let sequence = self.sequence().await?;
        let fees = self.fees().await?;
        self.check_value().await?;
        let gas_limit = self.gas_limit().await?;
        self.check_gas_money(gas_limit, fees).await?;
        let (max_fee, max_tip) = (fees.max_fee, fees.max_tip);
        Ok(Prepared { terms: Terms::Ethereum { gas_limit, max_fee, max_tip }, sequence })
    }

    /// A dearer variant keeps the nonce of the first, as long as that is free.
    async fn sequence(&self) -> Result<u64, Unprepared> {
        let next = self.node.count(self.intent.from, At::Latest).await.map_err(lost)?;
        match self.living {
            None => Ok(next),
            Some(living) if living.sequence >= next => Ok(living.sequence),
            Some(_) => Err(Unprepared::Away(away("the nonce is in a block already: look there"))),
        }
    }

    async fn fees(&self) -> Result<Fees, Unprepared> {
        let (history, config) = (self.node.fee_history().await, &self.ethereum.config);
        let market = fees::market(&history.map_err(lost)?, config);
        let fees = market.and_then(|market| match self.living {
            Some(living) => fees::dearer(market, &living.terms, config),
            None => Ok(market),
        });
        fees.map_err(|error| match error {
            NoFees::Unreadable => Unprepared::Away(away("the fees of late cannot be read")),
            NoFees::Dear { needed, cap } => {
                Unprepared::Blocked(format!("gas costs {needed} wei, and we give {cap} at most"))
            }
        })
    }

    async fn check_value(&self) -> Result<(), Unprepared> {
        match self.intent.movement {
            Movement::Token { token, units, .. } => self.check_token(token, units).await,
            Movement::Ether { .. } => Ok(()),
        }
    }

    async fn check_token(&self, token: Address, units: U256) -> Result<(), Unprepared> {
        let standing = Standing { node: self.node, token };
        let Intent { from, to, .. } = self.intent;
        if standing.is_paused().await.map_err(Unprepared::Away)? {
            return Err(Unprepared::Blocked("the token is paused".to_owned()));
        }
        if standing.shuts_out_sender(from).await.map_err(Unprepared::Away)? {
            return Err(Unprepared::Blocked("the token has blacklisted our address".to_owned()));
        }
        if standing.shuts_out_receiver(to).await.map_err(Unprepared::Away)? {
            return Err(Unprepared::Receiver("the token has blacklisted it".to_owned()));
        }
        let held = self.node.balance_of(token, from, At::Latest).await;
        let held = held.map_err(Unprepared::Away)?;
        if held < units {
            return Err(Unprepared::Short(format!(
                "{units} units are to go, and {held} are there"
            )));
        }
        Ok(())
    }

    /// Tried twice: the call says whether it works, the estimate what it takes.
    async fn gas_limit(&self) -> Result<u64, Unprepared> {
        if let Movement::Ether { wei, .. } = self.intent.movement {
            self.check_ether(wei, "to go").await?;
        }
        let call = trial(self.intent.from, &self.intent.movement.call());
        self.node.simulate(&call).await.map_err(undone)?;
        let estimate = self.node.estimate_gas(&call).await.map_err(undone)?;
        let config = &self.ethereum.config;
        let roomy = percent(estimate, config.gas_margin_percent);
        let gas_limit = match self.living.map(|living| &living.terms) {
            Some(Terms::Ethereum { gas_limit, .. }) => roomy.max(*gas_limit),
            Some(Terms::Tron { .. }) | None => roomy,
        };
        if gas_limit > config.gas_cap {
            let why = format!("it takes {gas_limit} gas, and we give {} at most", config.gas_cap);
            return Err(Unprepared::Blocked(why));
        }
        Ok(gas_limit)
    }

    /// An escrow address without ether is given some; a hot wallet is filled by an operator.
    async fn check_gas_money(&self, gas_limit: u64, fees: Fees) -> Result<(), Unprepared> {
        let cost = gas_limit.saturating_mul(fees.max_fee);
        let wei = match self.intent.movement {
            Movement::Ether { wei, .. } => wei,
            Movement::Token { .. } => U256::ZERO,
        };
        if let Wallet::Hot = self.plan.wallet {
            return self
                .check_ether(wei.saturating_add(U256::from(cost)), "to go or to be paid")
                .await;
        }
        let held = self.node.ether(self.intent.from, At::Latest).await.map_err(lost)?;
        if held >= wei.saturating_add(U256::from(cost)) {
            return Ok(());
        }
        let wanted = wei.saturating_add(U256::from(percent(cost, GAS_PERCENT)));
        let missing = u64::try_from(wanted.saturating_sub(held)).unwrap_or(u64::MAX);
        Err(Unprepared::NeedsGas { missing })
    }

    async fn check_ether(&self, wei: U256, what: &str) -> Result<(), Unprepared> {
        let held = self.node.ether(self.intent.from, At::Latest).await.map_err(lost)?;
        if held < wei {
            return Err(Unprepared::Short(format!("{wei} wei are {what}, and {held} are there")));
        }
        Ok(())
    }
}

/// Rounded up, computed wide.
fn percent(number: u64, percent: u64) -> u64 {
    let wide = u128::from(number).saturating_mul(percent.into()).div_ceil(100);
    u64::try_from(wide).unwrap_or(u64::MAX)
}

fn lost(error: RpcError) -> Unprepared {
    Unprepared::Away(SourceError::from(error))
}

fn undone(error: RpcError) -> Unprepared {
    if error.is_revert() {
        Unprepared::Blocked(format!("a trial of it is undone: {error}"))
    } else {
        lost(error)
    }
}
