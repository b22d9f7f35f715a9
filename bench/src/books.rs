//! The books after the run: no order lost, no hold leaked, every history whole, nothing failed.
//! A run whose books do not balance does not count.

use crate::capture;
use crate::db::Db;
use crate::world::{CALLERS, CUSTOMER_PREFIX, numbered};
use anyhow::{Context, Result};
use domain::ids::{OrderId, PartyId};
use domain::order::{Actor, HistoryEntry};
use serde::Serialize;
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};
use tokio_postgres::Row;

/// What the load generators claim to have done.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Claims {
    /// Orders that were loaded, before and between the runs.
    pub(crate) loaded: i64,
    pub(crate) placed_by_pgbench: i64,
    pub(crate) cancelled_by_pgbench: i64,
    /// Requests that may have been under way when a run ended: one per connection.
    pub(crate) placing_cut_off: i64,
    pub(crate) cancelling_cut_off: i64,
    /// Answers of the service by `METHOD route status`, as it counted them itself.
    pub(crate) answers: BTreeMap<String, i64>,
}

impl Claims {
    fn answered(&self, wanted: &str) -> i64 {
        self.answers.get(wanted).copied().unwrap_or(0)
    }
}

/// Reads the answers out of the service's metrics.
pub(crate) fn answers(metrics: &str) -> BTreeMap<String, i64> {
    let mut answers = BTreeMap::new();
    for line in metrics.lines() {
        let Some((labels, count)) =
            line.strip_prefix("http_requests_total{").and_then(|rest| rest.rsplit_once("} "))
        else {
            continue;
        };
        let label = |name: &str| {
            let (_, value) = labels.split_once(&format!("{name}=\""))?;
            Some(value.split_once('"')?.0)
        };
        let name = ["method", "route", "status"].map(|name| label(name).unwrap_or("?"));
        let count: i64 = count.trim().parse().unwrap_or(0);
        *answers.entry(name.join(" ")).or_default() += count;
    }
    answers
}

/// Everything that is wrong; nothing when the books balance.
pub(crate) fn check(db: &Db, claims: &Claims, since: OffsetDateTime) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for (answer, count) in &claims.answers {
        if !answer.ends_with(" 200") && !answer.ends_with(" 201") {
            wrong.push(format!("the service answered {answer} {count} times"));
        }
    }
    wrong.extend(check_nothing(db, &NOTHING_OF)?);
    let since = since.unix_timestamp();
    let new = format!("created_at >= to_timestamp({since})");
    let service = format!("customer_id < '{}'", numbered(CUSTOMER_PREFIX, CALLERS));
    let cancelled = "state_reason = 'cancelled_by_customer'";
    let count = |of: &str| db.number(&format!("SELECT count(*) FROM orders WHERE {of}"));
    let mut expect = |what: &str, found: i64, least: i64, slack: i64| {
        if !(least..=least + slack).contains(&found) {
            wrong.push(format!("{what}: {found}, not {least} to {}", least + slack));
        }
    };
    expect("orders loaded", count(&format!("NOT {new}"))?, claims.loaded, 0);
    let placed = claims.answered("POST /api/v1/auth/orders 201") + capture::PLACED;
    let found = count(&format!("{new} AND {service}"))?;
    expect("orders placed over HTTP", found, placed, claims.placing_cut_off);
    let found = count(&format!("{new} AND NOT {service}"))?;
    expect("orders placed by pgbench", found, claims.placed_by_pgbench, 0);
    let asked = claims.answered("PUT /api/v1/auth/order/id/{id}/cancel 200") + capture::CANCELLED;
    let found = count(&format!("{cancelled} AND {service}"))?;
    expect("orders cancelled over HTTP", found, asked, claims.cancelling_cut_off);
    let found = count(&format!("{cancelled} AND NOT {service}"))?;
    expect("orders cancelled by pgbench", found, claims.cancelled_by_pgbench, 0);
    for which in [new, cancelled.to_owned()] {
        let broken = broken_seals(db, &format!("{which} AND {service}"))?;
        expect("histories with a broken seal", broken, 0, 0);
    }
    Ok(wrong)
}

/// What there is of `things` though there must be nothing.
pub(crate) fn check_nothing(db: &Db, things: &[(&str, &str)]) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for (what, sql) in things {
        let count = db.number(sql)?;
        if count != 0 {
            wrong.push(format!("{count} {what}"));
        }
    }
    Ok(wrong)
}

/// What there must be nothing of.
pub(crate) const NOTHING_OF: [(&str, &str); 3] = [
    (
        "offers hold more or less than their open orders",
        "SELECT count(*) FROM offers LEFT JOIN (
             SELECT offer_id,
                    sum(crypto_amount) FILTER (WHERE state NOT IN ('completed', 'cancelled', 'refunded')) AS held,
                    sum(crypto_amount) FILTER (WHERE state = 'completed') AS spent
             FROM orders GROUP BY offer_id) AS told ON told.offer_id = offers.id
         WHERE held_amount <> coalesce(held, 0)
            OR available_amount <> crypto_amount - coalesce(spent, 0)",
    ),
    (
        "orders do not have exactly the events 1 to version, the last with their head",
        "SELECT count(*) FROM orders LEFT JOIN (
             SELECT order_id, count(*) AS events, min(seq) AS first, max(seq) AS last
             FROM order_events GROUP BY order_id) AS told ON told.order_id = orders.id
         LEFT JOIN order_events AS e ON e.order_id = orders.id AND e.seq = orders.version
         WHERE events IS DISTINCT FROM version OR first <> 1 OR last <> version
            OR e.hash IS DISTINCT FROM head OR e.state <> orders.state",
    ),
    (
        "events do not name their predecessor's hash",
        "SELECT count(*) FROM order_events AS e JOIN order_events AS before
             ON before.order_id = e.order_id AND before.seq = e.seq - 1
         WHERE e.prev_hash <> before.hash AND e.actor_id < '00000000-0000-7000-b000-000000000064'",
    ),
];

/// Of the newest thousand orders `which`: how many entries the domain finds tampered with.
pub(crate) fn broken_seals(db: &Db, which: &str) -> Result<i64> {
    let rows = db.rows(&format!(
        "SELECT order_id::text, seq, (extract(epoch FROM at) * 1000000)::bigint, actor,
                actor_id::text, kind, payload, state, prev_hash, hash
         FROM order_events
         WHERE order_id IN (SELECT id FROM orders WHERE {which} ORDER BY id DESC LIMIT 1000)"
    ))?;
    let mut broken = 0;
    for row in &rows {
        broken += i64::from(!entry(row)?.is_intact());
    }
    Ok(broken)
}

fn entry(row: &Row) -> Result<HistoryEntry> {
    let micros: i64 = row.try_get(2)?;
    let party: Option<String> = row.try_get(4)?;
    let party = party.map(|id| id.parse().map(PartyId)).transpose()?;
    let hash = |column| -> Result<[u8; 32]> {
        let bytes: Vec<u8> = row.try_get(column)?;
        bytes.try_into().ok().context("a hash of another length")
    };
    Ok(HistoryEntry {
        order_id: OrderId(row.try_get::<_, String>(0)?.parse()?),
        seq: row.try_get(1)?,
        at: OffsetDateTime::UNIX_EPOCH + Duration::microseconds(micros),
        actor: Actor::from_parts(row.try_get(3)?, party).context("an unknown actor")?,
        kind: row.try_get(5)?,
        payload: row.try_get(6)?,
        state: row.try_get(7)?,
        prev_hash: hash(8)?,
        hash: hash(9)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_route_and_status() {
        let metrics = "# TYPE http_requests_total counter\n\
            http_requests_total{method=\"GET\",route=\"/a/{id}\",status=\"200\"} 41\n\
            http_requests_total{method=\"POST\",route=\"/a\",status=\"201\"} 7\n\
            http_request_seconds_count{method=\"GET\",route=\"/a\",status=\"200\"} 9\n";
        let answers = answers(metrics);
        assert_eq!(answers.get("GET /a/{id} 200"), Some(&41));
        assert_eq!(answers.get("POST /a 201"), Some(&7));
        assert_eq!(answers.len(), 2);
    }
}
