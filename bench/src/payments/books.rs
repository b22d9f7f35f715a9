//! The books after the payments: the ledger says what the twin's oracle says, to the cent; every
//! order is paid for and confirmed exactly once.

use crate::books::{answers, broken_seals, check_nothing};
use crate::db::Db;
use anyhow::Result;
use std::collections::HashMap;
use twins::daraja::Oracle;

/// What customers have paid, as we say.
const COLLECTED: &str = "SELECT coalesce(sum(amount), 0)::bigint FROM ledger_postings
    WHERE account = 'mpesa_collection' AND asset = 'KES'";

/// What there must be nothing of.
const NOTHING_OF: [(&str, &str); 4] = [
    ("collections are not paid", "SELECT count(*) FROM collections WHERE state <> 'paid'"),
    (
        "paid orders are not in processing by exactly one confirmation",
        "SELECT count(*) FROM orders JOIN collections ON collections.order_id = orders.id
         WHERE status <> 'processing' OR 1 <> (
             SELECT count(*) FROM order_events
             WHERE order_events.order_id = orders.id AND kind = 'payment_confirmed')",
    ),
    (
        "entries of the ledger do not balance",
        "SELECT count(*) FROM (
             SELECT 1 FROM ledger_postings GROUP BY entry_id, asset HAVING sum(amount) <> 0) AS told",
    ),
    ("things wait for an operator", "SELECT count(*) FROM reviews"),
];

/// Everything that is wrong after so many payments; nothing when the books balance.
pub(super) fn check(db: &Db, oracle: &Oracle, flows: i64, metrics: &str) -> Result<Vec<String>> {
    let mut wrong = check_nothing(db, &NOTHING_OF)?;
    wrong.extend(check_nothing(db, &crate::books::NOTHING_OF)?);
    let mut expect = |what: &str, found: i64, expected: i64| {
        if found != expected {
            wrong.push(format!("{what}: {found}, not {expected}"));
        }
    };
    let paid: i64 = oracle.payments.iter().map(|payment| payment.amount_cents).sum();
    expect("cents in the ledger", db.number(COLLECTED)?, paid);
    expect("payments that the twin has seen", i64::try_from(oracle.payments.len())?, flows);
    expect("collections", db.number("SELECT count(*) FROM collections")?, flows);
    let orders = "SELECT count(DISTINCT order_id) FROM collections";
    expect("orders that were paid for", db.number(orders)?, flows);
    expect("payments that are not ours", strangers(db, oracle)?, 0);
    let which = "id IN (SELECT order_id FROM collections)";
    expect("histories with a broken seal", broken_seals(db, which)?, 0);
    for (answer, count) in answers(metrics) {
        if !answer.ends_with(" 200") && !answer.ends_with(" 201") {
            wrong.push(format!("the service answered {answer} {count} times"));
        }
    }
    Ok(wrong)
}

/// How many of the twin's payments have no collection with their receipt and amount, or were given
/// back.
fn strangers(db: &Db, oracle: &Oracle) -> Result<i64> {
    let rows =
        db.rows("SELECT account_reference::text, receipt::text, amount::bigint FROM collections")?;
    let mut known = HashMap::new();
    for row in &rows {
        let (reference, receipt): (String, Option<String>) = (row.try_get(0)?, row.try_get(1)?);
        known.insert(reference, (receipt.unwrap_or_default(), row.try_get::<_, i64>(2)?));
    }
    let mut strangers = 0;
    for payment in &oracle.payments {
        let collection = known.remove(&payment.account_reference);
        let is_it = collection.is_some_and(|(receipt, cents)| {
            receipt == payment.receipt && cents == payment.amount_cents
        });
        strangers += i64::from(!is_it || payment.reversed);
    }
    Ok(strangers)
}
