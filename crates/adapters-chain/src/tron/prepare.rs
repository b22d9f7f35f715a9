//! Whether a transfer can be made now, and on what terms. Everything is asked of the node that sees
//! furthest, and counted by the time of its solid block; no clock of ours is read.

use alloy::primitives::U256;
use domain::chain::transfer::{Plan, Purpose, Terms, Wallet};
use domain::ports::{ChainSender as _, Prepared, SourceError, Unprepared};

use super::answers::clip;
use super::contract::Called;
use super::fees::{ACTIVATION, Prices, with_margin};
use super::header::Header;
use super::node::Node;
use super::transaction::{self, Act, Transaction};
use super::{Tron, spelling};
use crate::address::owner::{self, Owner};

/// What every signed transaction is charged for beyond its own bytes, for its result.
const RESULT_BYTES: u64 = 64;

type Ready<T> = Result<T, Unprepared>;

/// What a transfer may use.
struct Cost {
    energy: u64,
    fee_limit: u64,
    /// Sun that must be there beside the fees.
    value: u64,
}

/// Everything that a sender's balance depends on.
struct Needed {
    prices: Prices,
    cost: Cost,
    transaction: Transaction,
}

pub(crate) async fn prepare(tron: &Tron, plan: &Plan) -> Ready<Prepared> {
    let act = check_plan(tron, plan)?;
    let mut failure = SourceError::Away("no node".to_owned());
    for (node, head) in tron.nodes.freshest().await.map_err(Unprepared::Away)? {
        match prepare_on(tron, (node, &head), plan, act).await {
            Err(Unprepared::Away(why)) => failure = why,
            decided => return decided,
        }
    }
    Err(Unprepared::Away(failure))
}

/// By the word of one node; another one is asked only where it has none.
async fn prepare_on(
    tron: &Tron,
    (node, head): (&Node, &Header),
    plan: &Plan,
    act: Act,
) -> Ready<Prepared> {
    let prices = node.prices().await.map_err(Unprepared::Away)?;
    let owner = address(&plan.from)?;
    let cost = match act {
        Act::Token { contract, to, units } => {
            check_token(node, contract, owner, units).await?;
            let energy = simulate(node, (contract, owner), (to, units)).await?;
            cost_of_call(tron, prices, energy)?
        }
        Act::Native { to, sun } => {
            let is_active = node.is_active(to).await.map_err(Unprepared::Away)?;
            let activation = if is_active { 0 } else { ACTIVATION };
            Cost { energy: 0, fee_limit: 0, value: sun.saturating_add(activation) }
        }
    };
    let terms = terms(tron, head, cost.fee_limit);
    let transaction = Transaction::of(plan, &terms, head.time_ms, tron.usdt);
    let needed = Needed { prices, cost, transaction: transaction.map_err(blocked)? };
    check_purse(node, plan, owner, &needed).await?;
    Ok(Prepared { terms, sequence: head.time_ms })
}

fn terms(tron: &Tron, head: &Header, fee_limit: u64) -> Terms {
    let life_ms = u64::from(tron.config.expiration_s).saturating_mul(1_000);
    Terms::Tron {
        ref_height: head.height,
        ref_hash: head.id.to_string(),
        expiration_ms: head.time_ms.saturating_add(life_ms),
        fee_limit,
    }
}

/// What can be known of a plan without asking anybody.
fn check_plan(tron: &Tron, plan: &Plan) -> Ready<Act> {
    check_receiver(tron, plan)?;
    let own = tron.address(plan.wallet).map_err(Unprepared::Away)?;
    if own != plan.from {
        return Err(Unprepared::Blocked("the sender is not the wallet's address".to_owned()));
    }
    if plan.value.units() == Some(0) {
        return Err(Unprepared::Blocked("nothing is to be moved".to_owned()));
    }
    transaction::act(plan, tron.usdt).map_err(blocked)
}

/// Where coin would be lost, or would only go round in a circle.
fn check_receiver(tron: &Tron, plan: &Plan) -> Ready<()> {
    let never = |why: &str| Err(Unprepared::Receiver(why.to_owned()));
    match spelling::owner(&plan.to) {
        None => never("no Tron address"),
        Some(owner::ZERO) => never("the zero address"),
        Some(to) if to == tron.usdt => never("the token's own contract"),
        Some(to) if to == tron.hot && plan.purpose != Purpose::Sweep => never("our own hot wallet"),
        Some(_) if plan.to == plan.from => never("the sender itself"),
        Some(_) => Ok(()),
    }
}

/// The token's own obstacles. A token without a pause or a blacklist has none.
async fn check_token(node: &Node, token: Owner, from: Owner, units: u64) -> Ready<()> {
    let away = Unprepared::Away;
    let word = spelling::word(from);
    if node.flag(from, token, "paused()", &[]).await.map_err(away)? == Some(true) {
        return Err(Unprepared::Blocked("the token is paused".to_owned()));
    }
    let listed = node.flag(from, token, "isBlackListed(address)", &word).await.map_err(away)?;
    if listed == Some(true) {
        return Err(Unprepared::Blocked("the sender is on the token's blacklist".to_owned()));
    }
    let held = node.token_balance(token, from).await.map_err(away)?;
    if held < U256::from(units) {
        return Err(Unprepared::Short(format!("it holds {held} of {units} units")));
    }
    Ok(())
}

/// The energy that the transfer would use as things are.
async fn simulate(
    node: &Node,
    (token, from): (Owner, Owner),
    (to, units): (Owner, u64),
) -> Ready<u64> {
    let call = transaction::transfer_call(to, units);
    let called = node.call(from, token, "transfer(address,uint256)", &call[4..]).await;
    match called.map_err(Unprepared::Away)? {
        Called::Returned { energy, .. } if energy > 0 => Ok(energy),
        Called::Returned { .. } => {
            Err(Unprepared::Away(node.away("simulation", "it uses no energy")))
        }
        Called::Reverted(why) => {
            Err(Unprepared::Blocked(format!("the transfer would revert: {}", clip(&why))))
        }
    }
}

/// The fee limit caps all energy, that from stakes too.
fn cost_of_call(tron: &Tron, prices: Prices, energy: u64) -> Ready<Cost> {
    let energy = with_margin(energy, tron.config.energy_margin_percent);
    let fee_limit = energy.saturating_mul(prices.energy);
    let most = tron.config.max_fee_sun;
    if fee_limit > most {
        return Err(Unprepared::Blocked(format!("it costs up to {fee_limit} sun, not {most}")));
    }
    Ok(Cost { energy, fee_limit, value: 0 })
}

/// The sender pays: with less, the transfer would fail in its block and burn what there is.
async fn check_purse(node: &Node, plan: &Plan, from: Owner, needed: &Needed) -> Ready<()> {
    let Needed { prices, cost, transaction } = needed;
    let raw = transaction.encode().map_err(blocked)?;
    let bytes = transaction::assemble(&raw, [0; 65]).len();
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_add(RESULT_BYTES);
    let purse = node.purse(from).await.map_err(Unprepared::Away)?;
    let sun = purse.burnt(*prices, bytes, cost.energy).saturating_add(cost.value);
    let missing = sun.saturating_sub(purse.balance);
    match plan.wallet {
        _ if missing == 0 && purse.is_active => Ok(()),
        Wallet::Escrow(_) => Err(Unprepared::NeedsGas { missing: missing.max(1) }),
        Wallet::Hot => {
            Err(Unprepared::Short(format!("the hot wallet lacks {missing} of {sun} sun")))
        }
    }
}

fn address(text: &str) -> Ready<Owner> {
    let wrong = || SourceError::Contradiction("the sender is no Tron address".to_owned());
    spelling::owner(text).ok_or_else(|| Unprepared::Away(wrong()))
}

fn blocked(why: impl std::fmt::Display) -> Unprepared {
    Unprepared::Blocked(why.to_string())
}
