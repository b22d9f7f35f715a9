//! The quiet time, and what must be true after it.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use anyhow::Result;
use e2e::{check_books, check_coin_books, check_positions, check_rail_books, hot_address};
use futures_util::FutureExt as _;

use crate::parties::close_breaker;
use crate::site::{NETWORKS, Site};

/// Orders that nobody has an end for: not final, not on hold, and before no operator.
const LEFT: &str = "SELECT id::text || ' ' || order_type || ' ' || network || ' ' || state
        || ' since ' || state_since || ' ' || coalesce(evidence::text, '')
    FROM orders WHERE state NOT IN ('completed', 'cancelled', 'refunded', 'on_hold')
        AND NOT EXISTS (SELECT FROM reviews WHERE order_id = orders.id AND closed_at IS NULL)";
/// Work that is not done and not before an operator.
const JOBS: &str = "SELECT idempotency_key || ' attempts ' || attempts || ' due ' || available_at
        || ' ' || coalesce(last_error, '')
    FROM outbox WHERE done_at IS NULL
        AND NOT EXISTS (SELECT FROM reviews WHERE order_id = outbox.order_id AND closed_at IS NULL)";
const UNREAD: &str =
    "SELECT id::text || ' attempts ' || attempts FROM callbacks WHERE settled_at IS NULL";
/// Chains whose cursor stands still, or that do not count any more.
const STANDING: &str = "SELECT network::text || ' at ' || last_height || ' of ' || head || ' '
        || coalesce(halted, '') FROM chain_cursors
    WHERE updated_at < now() - interval '20 seconds' OR head - last_height > 200 OR halted IS NOT NULL";

/// Waits until nothing is left to do, or the time is over; what it was.
pub(crate) async fn calm_down(site: &Site, until: Instant) -> String {
    let began = Instant::now();
    let mut beat = tokio::time::interval(Duration::from_secs(1));
    loop {
        beat.tick().await;
        close_breaker(site).await;
        let (orders, jobs) = (list(site, LEFT).await.len(), list(site, JOBS).await.len());
        let unread = list(site, UNREAD).await.len();
        let spent = began.elapsed().as_secs();
        if orders + jobs + unread == 0 {
            return format!("quiet after {spent} s");
        }
        if Instant::now() > until {
            return format!("after {spent} s: {orders} orders, {jobs} jobs, {unread} callbacks");
        }
    }
}

async fn list(site: &Site, query: &str) -> Vec<String> {
    site.sql.rows(query, &[]).await.iter().map(|row| row.get(0)).collect()
}

/// Everything that is wrong.
pub(crate) async fn judge(site: &Site) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for (what, query) in [
        ("an order without an end", LEFT),
        ("a job without an end", JOBS),
        ("an unread callback", UNREAD),
        ("a chain that stands still", STANDING),
    ] {
        wrong.extend(list(site, query).await.into_iter().map(|row| format!("{what}: {row}")));
    }
    wrong.extend(paid_twice(site).await);
    let engine = site.engine()?;
    let oracle = site.rail.control().oracle();
    let checks: [(&str, futures_util::future::LocalBoxFuture<'_, ()>); 5] = [
        ("books", check_books(&site.sql).boxed_local()),
        ("positions", check_positions(&site.sql, &engine).boxed_local()),
        ("rail and ledger", check_rail_books(&site.sql, &oracle).boxed_local()),
        ("Tron and ledger", check_coin_books(&site.sql, &site.tron).boxed_local()),
        ("Ethereum and ledger", check_coin_books(&site.sql, &site.ethereum).boxed_local()),
    ];
    for (what, check) in checks {
        if let Err(panic) = AssertUnwindSafe(check).catch_unwind().await {
            let text = panic.downcast_ref::<String>().map_or("?", String::as_str);
            wrong.push(format!("{what}: {}", text.chars().take(600).collect::<String>()));
        }
    }
    Ok(wrong)
}

/// What reached each wallet from us, with the money of its order held against it.
async fn paid_twice(site: &Site) -> Vec<String> {
    let mut received = BTreeMap::<String, Vec<u128>>::new();
    for network in NETWORKS {
        let hot = hot_address(network).to_lowercase();
        for (_, from, to, units) in site.coins(network).transfers().await {
            if from.to_lowercase() == hot {
                received.entry(to.to_lowercase()).or_default().push(units);
            }
        }
    }
    let oracle = site.rail.control().oracle();
    let query =
        "SELECT orders.id::text, order_type, lower(wallet_address), coalesce(escrow_address, ''),
            coalesce((SELECT array_agg(account_reference::text) FROM collections
                WHERE order_id = orders.id), '{}'),
            coalesce((SELECT array_agg(id::text) FROM disbursements
                WHERE order_id = orders.id AND kind = 'payout'), '{}')
        FROM orders";
    let mut wrong = Vec::new();
    for row in site.sql.rows(query, &[]).await {
        let (id, kind): (&str, &str) = (row.get(0), row.get(1));
        let wallet: &str = row.get(2);
        let coin = received.get(wallet).cloned().unwrap_or_default();
        let references: Vec<String> = row.get(4);
        let payouts: Vec<String> = row.get(5);
        let paid = oracle.payments.iter().filter(|it| references.contains(&it.account_reference));
        let kept = paid.filter(|payment| !payment.reversed).count();
        let out = oracle.payouts.iter().filter(|payout| {
            payouts.iter().any(|id| payout.originator_conversation_id.eq_ignore_ascii_case(id))
        });
        let out = out.count();
        if kind == "ON_RAMP_BUY" && (coin.len() > 1 || coin.len() > kept) {
            wrong.push(format!("buy {id}: {kept} payments kept, delivered {coin:?}"));
        }
        if out > 1 {
            wrong.push(format!("sell {id}: {out} payouts"));
        }
    }
    wrong
}
