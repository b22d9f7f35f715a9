//! The books after the orders: both twins and the ledger tell the same of every order, to the cent
//! and to the coin; every order is complete, and nothing waits.

use crate::books::{answers, broken_seals, check_nothing};
use crate::coins::{Coins, HOT, STOCK};
use crate::db::Db;
use crate::world::COINS;
use anyhow::{Context, Result};
use std::collections::HashSet;
use twins::daraja::Oracle;
use twins::tron::Address;

/// Orders of the customers; the past before them has no collections and no escrow addresses.
const OURS: &str = "(id IN (SELECT order_id FROM collections)
    OR id IN (SELECT order_id FROM escrow_addresses))";

/// What there must be nothing of.
const NOTHING_OF: [(&str, &str); 5] = [
    ("effects are left to be carried out", "SELECT count(*) FROM outbox WHERE done_at IS NULL"),
    (
        "callbacks are left to be read",
        "SELECT count(*) FROM callbacks WHERE settled_at IS NULL",
    ),
    (
        "transfers are not done at the first signature",
        "SELECT count(*) FROM chain_transfers WHERE state <> 'done' OR 1 <> (
             SELECT count(*) FROM chain_attempts
             WHERE chain_attempts.key = chain_transfers.key)",
    ),
    (
        "entries of the ledger do not balance",
        "SELECT count(*) FROM (
             SELECT 1 FROM ledger_postings GROUP BY entry_id, asset HAVING sum(amount) <> 0) AS told",
    ),
    ("things wait for an operator", "SELECT count(*) FROM reviews"),
];

/// What both rails say that happened.
pub(super) struct Truth<'a> {
    pub(super) rail: &'a Oracle,
    pub(super) coins: &'a Coins,
    pub(super) metrics: &'a str,
}

/// Everything that is wrong after so many orders; nothing when the books balance.
pub(super) fn check(db: &Db, truth: &Truth<'_>, orders: i64) -> Result<Vec<String>> {
    let mut wrong = check_nothing(db, &NOTHING_OF)?;
    wrong.extend(check_nothing(db, &crate::books::NOTHING_OF)?);
    let mut expect = |what: &str, found: i64, expected: i64| {
        if found != expected {
            wrong.push(format!("{what}: {found}, not {expected}"));
        }
    };
    let complete = |kind: &str| {
        let of = format!("order_type = '{kind}' AND state = 'completed' AND {OURS}");
        db.number(&format!("SELECT count(*) FROM orders WHERE {of}"))
    };
    let (bought, sold) = (complete("ON_RAMP_BUY")?, complete("OFF_RAMP_SELL")?);
    expect("complete orders", bought + sold, orders);
    check_rail(db, truth.rail, (bought, sold), &mut expect)?;
    check_coins(db, truth.coins, (bought, sold), &mut expect)?;
    expect("histories with a broken seal", broken_seals(db, OURS)?, 0);
    for (answer, count) in answers(truth.metrics) {
        if !answer.ends_with(" 200") && !answer.ends_with(" 201") {
            wrong.push(format!("the service answered {answer} {count} times"));
        }
    }
    Ok(wrong)
}

fn check_rail(
    db: &Db,
    oracle: &Oracle,
    (bought, sold): (i64, i64),
    expect: &mut impl FnMut(&str, i64, i64),
) -> Result<()> {
    let payers: HashSet<&str> =
        oracle.payments.iter().map(|payment| payment.account_reference.as_str()).collect();
    expect("payments that the twin has seen", i64::try_from(oracle.payments.len())?, bought);
    expect("orders that were paid for", i64::try_from(payers.len())?, bought);
    expect("payouts that the twin has made", i64::try_from(oracle.payouts.len())?, sold);
    let paid: i64 = oracle.payments.iter().map(|payment| payment.amount_cents).sum();
    expect("cents paid to us", posted(db, "mpesa_collection", "KES", "")?, paid);
    let out: i64 = oracle.payouts.iter().map(|payout| payout.amount_cents).sum();
    let by_orders = "AND cause NOT LIKE 'opening:%' AND cause NOT LIKE 'charge:%' \
                     AND cause NOT LIKE 'float:%'";
    expect("cents paid by us", posted(db, "mpesa_utility", "KES", by_orders)?, -out);
    Ok(())
}

fn check_coins(
    db: &Db,
    coins: &Coins,
    (bought, sold): (i64, i64),
    expect: &mut impl FnMut(&str, i64, i64),
) -> Result<()> {
    let (control, hot) = (coins.control(), HOT.parse::<Address>().context("an address")?);
    let (oracle, usdt) = (control.oracle(), control.token_address());
    let (ours, theirs): (Vec<_>, Vec<_>) = oracle.transfers.iter().partition(|t| t.from == hot);
    expect("transfers out of the hot wallet", i64::try_from(ours.len())?, bought);
    expect(
        "transactions of the hot wallet",
        i64::try_from(oracle.executions_by(hot).len())?,
        bought,
    );
    expect("transfers to us", i64::try_from(theirs.len())?, sold);
    let addresses: HashSet<Address> = theirs.iter().map(|transfer| transfer.to).collect();
    expect("addresses with a deposit", i64::try_from(addresses.len())?, sold);
    let units = |holder: &Address| control.balance_of(usdt, *holder);
    let minor = |units: u128| i64::try_from(units * 100).context("an amount of coin");
    let escrow: u128 = addresses.iter().map(units).sum();
    expect("coin at escrow addresses", minor(escrow)?, sold * COINS * 100_000_000);
    expect("the same in the ledger", posted(db, "tron_escrow", "USDT", "")?, minor(escrow)?);
    let left = units(&hot);
    expect("coin in the hot wallet", minor(STOCK - left)?, bought * COINS * 100_000_000);
    expect("the same in the ledger", posted(db, "tron_hot", "USDT", "")?, minor(left)?);
    Ok(())
}

fn posted(db: &Db, account: &str, asset: &str, more: &str) -> Result<i64> {
    db.number(&format!(
        "SELECT coalesce(sum(amount), 0)::bigint FROM ledger_postings
         JOIN ledger_entries ON ledger_entries.id = entry_id
         WHERE account = '{account}' AND asset = '{asset}' {more}"
    ))
}
