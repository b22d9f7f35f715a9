//! Bringing the data into the database: parties, offers, and blocks of orders by COPY, with the
//! holds and spendings that follow from them.

use crate::db::Db;
use crate::orders::{Purpose, Told, tell};
use crate::world::{
    BUY_OFFER_PREFIX, Block, CUSTOMER_PREFIX, CUSTOMERS, HOT_OFFER, OFFER_PREFIX, OFFERS, RATE,
    VENDOR_PREFIX, VENDORS, numbered,
};
use anyhow::Result;
use domain::order::{Evidence, HistoryEntry, HoldFate, Order};
use std::fmt::Write as _;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const ORDER_COLUMNS: &str = "orders (id, order_type, customer_id, vendor_id, offer_id, asset, \
    crypto_amount, fiat_amount, rate, network, wallet_address, state, status, state_reason, \
    state_since, evidence, expires_at, created_at, updated_at, completed_at, version, head)";
const EVENT_COLUMNS: &str = "order_events (order_id, seq, at, actor, actor_id, kind, payload, \
    state, prev_hash, hash)";
const CHUNK: i64 = 20_000;
/// Two thousand million coins: more than any run can spend.
const PLENTY: i64 = 200_000_000_000_000_000;

pub(crate) fn load_parties_and_offers(db: &Db) -> Result<()> {
    let party = |prefix, number, role: &str, phone: i64| {
        let id = numbered(prefix, number);
        format!("{id}\t{role}\t{role}{number}@bench.example\t{phone}\tA\tB\t2026-01-01T00:00:00Z\n")
    };
    let mut lines = String::new();
    for k in 0..VENDORS {
        lines += &party(VENDOR_PREFIX, k, "vendor", 254_711_000_000 + k);
    }
    for c in 0..CUSTOMERS {
        lines += &party(CUSTOMER_PREFIX, c, "customer", 254_722_000_000 + c);
    }
    db.copy("parties (id, role, email, phone, first_name, last_name, created_at)", lines)?;
    load_offers(db, "SELL", (OFFER_PREFIX, HOT_OFFER + 1))
}

/// As many offers of vendors who buy.
pub(crate) fn load_buying_offers(db: &Db) -> Result<()> {
    load_offers(db, "BUY", (BUY_OFFER_PREFIX, OFFERS))
}

fn load_offers(db: &Db, kind: &str, (prefix, count): (&str, i64)) -> Result<()> {
    let mut lines = String::new();
    for j in 0..count {
        let (id, vendor) = (numbered(prefix, j), numbered(VENDOR_PREFIX, j % VENDORS));
        writeln!(
            lines,
            "{id}\t{vendor}\t{kind}\tUSDT\t{PLENTY}\t{PLENTY}\t{RATE}.00\t100000000\t100000000000\tactive\t2026-01-01T00:00:00Z\t2026-01-01T00:00:00Z"
        )?;
    }
    db.copy(
        "offers (id, vendor_id, offer_type, asset, crypto_amount, available_amount, rate, \
         min_order, max_order, status, created_at, updated_at)",
        lines,
    )
}

/// Loads the block's orders. Triggers sleep meanwhile, foreign keys among them: the rows are right
/// by construction, and the books are checked in the end.
pub(crate) fn load_orders(
    db: &Db,
    block: &Block,
    purpose: Purpose,
    expires_at: OffsetDateTime,
    progress: impl Fn(i64),
) -> Result<()> {
    let mut offers = vec![(0_i64, 0_i64); usize::try_from(OFFERS)?];
    db.run("SET session_replication_role = replica")?;
    for first in (0..block.count).step_by(usize::try_from(CHUNK)?) {
        let (mut orders, mut events) = (String::new(), String::new());
        let end = block.count.min(first + CHUNK);
        for n in first..end {
            let Told { order, history } = tell(n, block, purpose, expires_at)?;
            let (held, spent) = &mut offers[usize::try_from(n % OFFERS)?];
            match order.state.hold_fate() {
                HoldFate::Kept => *held += order.crypto.minor(),
                HoldFate::Spent => *spent += order.crypto.minor(),
                HoldFate::Released => {}
            }
            write_order(&mut orders, &order)?;
            for entry in &history {
                write_entry(&mut events, entry)?;
            }
        }
        db.copy(ORDER_COLUMNS, orders)?;
        db.copy(EVENT_COLUMNS, events)?;
        progress(end);
    }
    db.run("RESET session_replication_role")?;
    settle(db, &offers)
}

fn settle(db: &Db, offers: &[(i64, i64)]) -> Result<()> {
    let mut rows = Vec::new();
    for (j, (held, spent)) in (0..).zip(offers) {
        let id = numbered(OFFER_PREFIX, j);
        rows.push(format!("('{id}'::uuid, {held}::bigint, {spent}::bigint)"));
    }
    db.run(&format!(
        "UPDATE offers SET held_amount = held_amount + told.held, \
         available_amount = available_amount - told.spent \
         FROM (VALUES {}) AS told (id, held, spent) WHERE offers.id = told.id",
        rows.join(", ")
    ))
}

fn write_order(out: &mut String, order: &Order) -> Result<()> {
    let time = |at: OffsetDateTime| at.format(&Rfc3339);
    let evidence = match &order.evidence {
        none if *none == Evidence::default() => "\\N".to_owned(),
        some => serde_json::to_string(some)?,
    };
    let completed_at = order.completed_at.map(time).transpose()?;
    writeln!(
        out,
        "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
        order.id,
        order.order_type.as_str(),
        order.customer_id,
        order.vendor_id,
        order.offer_id,
        order.asset.as_str(),
        order.crypto.minor(),
        order.fiat.minor(),
        order.rate,
        order.wallet.network().as_str(),
        order.wallet.as_str(),
        order.state.label(),
        order.status().as_str(),
        order.state.reason().unwrap_or("\\N"),
        time(order.state_since)?,
        evidence,
        time(order.expires_at)?,
        time(order.created_at)?,
        time(order.updated_at)?,
        completed_at.as_deref().unwrap_or("\\N"),
        order.version,
        bytea(&order.head),
    )?;
    Ok(())
}

fn write_entry(out: &mut String, entry: &HistoryEntry) -> Result<()> {
    let party = entry.actor.party().map(|id| id.to_string());
    writeln!(
        out,
        "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
        entry.order_id,
        entry.seq,
        entry.at.format(&Rfc3339)?,
        entry.actor.as_str(),
        party.as_deref().unwrap_or("\\N"),
        entry.kind,
        entry.payload,
        entry.state,
        bytea(&entry.prev_hash),
        bytea(&entry.hash),
    )?;
    Ok(())
}

/// Bytes as COPY's text format wants them.
fn bytea(bytes: &[u8]) -> String {
    let mut text = "\\\\x".to_owned();
    for byte in bytes {
        let _strings_take_everything = write!(text, "{byte:02x}");
    }
    text
}
