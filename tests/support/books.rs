//! The books: what must be true of the stored money and histories, whatever has happened.

use domain::ids::{OrderId, PartyId};
use domain::order::{Actor, HistoryEntry};
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::sql::Sql;

/// Offers hold what their open orders need, to the last unit.
const WRONG_HOLDS: &str = "
    SELECT offers.id::text || ' holds ' || held_amount
    FROM offers LEFT JOIN orders ON orders.offer_id = offers.id
        AND orders.state NOT IN ('completed', 'cancelled', 'refunded')
    GROUP BY offers.id HAVING held_amount <> coalesce(sum(orders.crypto_amount), 0)";

/// Histories count 1, 2, 3, …, and every entry names its predecessor's hash.
const BROKEN_CHAINS: &str = "
    SELECT order_id::text || ' at ' || seq FROM (
        SELECT order_id, seq, prev_hash, row_number() OVER history AS place,
            coalesce(lag(hash) OVER history, decode(repeat('00', 32), 'hex')) AS before
        FROM order_events WINDOW history AS (PARTITION BY order_id ORDER BY seq)
    ) AS entries WHERE seq <> place OR prev_hash <> before";

/// Orders know their last entry.
const WRONG_HEADS: &str = "
    SELECT orders.id::text FROM orders LEFT JOIN LATERAL (
        SELECT seq, hash, state FROM order_events WHERE order_id = orders.id ORDER BY seq DESC LIMIT 1
    ) AS last ON true
    WHERE (last.seq, last.hash, last.state) IS DISTINCT FROM (version, head, orders.state)";

/// Every off-ramp order has its own escrow address, and nothing else has one.
const WRONG_ESCROWS: &str = "
    SELECT coalesce(orders.id, escrow.order_id)::text
    FROM (SELECT * FROM orders WHERE order_type = 'OFF_RAMP_SELL') AS orders
    FULL JOIN escrow_addresses AS escrow ON escrow.order_id = orders.id
    WHERE (orders.network, orders.escrow_address, orders.escrow_index)
        IS DISTINCT FROM (escrow.network, escrow.address, escrow.escrow_index)";

/// Every entry of the ledger sums to zero in each asset.
const UNBALANCED: &str = "
    SELECT entry_id::text || ' ' || asset FROM ledger_postings
    GROUP BY entry_id, asset HAVING sum(amount) <> 0";

/// Nothing is stuck in silence: every order that waits for the rail has a job or an operator.
const STUCK: &str = "
    SELECT orders.id::text || ' ' || state FROM orders
    WHERE (state = 'paying_out' OR (state = 'awaiting_payment' AND collection_id IS NOT NULL))
        AND NOT EXISTS (SELECT FROM outbox WHERE outbox.order_id = orders.id AND done_at IS NULL)
        AND NOT EXISTS (SELECT FROM reviews WHERE reviews.order_id = orders.id AND closed_at IS NULL)";

const ENTRIES: &str = "
    SELECT order_id::text, seq, (extract(epoch FROM at) * 1000000)::bigint, actor, actor_id::text,
        kind, payload, state, prev_hash, hash
    FROM order_events ORDER BY order_id, seq";

/// Fails when the books do not balance.
pub async fn check_books(sql: &Sql) {
    for (what, query) in [
        ("holds", WRONG_HOLDS),
        ("chains", BROKEN_CHAINS),
        ("heads", WRONG_HEADS),
        ("escrows", WRONG_ESCROWS),
        ("ledger entries", UNBALANCED),
        ("waits", STUCK),
    ] {
        let wrong = sql.rows(query, &[]).await;
        let wrong: Vec<String> = wrong.iter().map(|row| row.get(0)).collect();
        assert!(wrong.is_empty(), "wrong {what}: {wrong:?}");
    }
    for row in sql.rows(ENTRIES, &[]).await {
        let entry = entry(&row);
        assert!(entry.is_intact(), "a broken seal: {entry:?}");
    }
}

fn entry(row: &Row) -> HistoryEntry {
    let micros: i64 = row.get(2);
    let (actor, party): (&str, Option<&str>) = (row.get(3), row.get(4));
    let party = party.map(|id| PartyId(uuid(id)));
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000);
    let hash = |at| <[u8; 32]>::try_from(row.get::<_, &[u8]>(at)).expect("32 bytes");
    HistoryEntry {
        order_id: OrderId(uuid(row.get(0))),
        seq: row.get(1),
        at: at.expect("a time of ours"),
        actor: Actor::from_parts(actor, party).expect("an actor"),
        kind: row.get(5),
        payload: row.get(6),
        state: row.get(7),
        prev_hash: hash(8),
        hash: hash(9),
    }
}

fn uuid(text: &str) -> Uuid {
    text.parse().expect("the database's own UUIDs")
}
