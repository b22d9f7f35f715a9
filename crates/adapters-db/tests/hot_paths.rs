//! The statements that requests and workers live on use their indexes, once there are some thousand
//! rows. The store is asked; then the server is asked how it would do what the store has sent.

use domain::access::Visibility;
use domain::ids::{OfferId, OrderId, PartyId};
use domain::order::OrderStatus;
use domain::ports::{OrderFilter, OrderQueries, Overdue, PageRequest, Placements, Start, Store};
use domain::testing::samples::{self, NOW};
use time::Duration;
use uuid::Uuid;

use crate::support::{Database, Sql};

/// A thousand parties with an offer each, and twenty orders of each offer: most are over, a tenth wait
/// for their payment. Ids count upwards, like those of real orders.
const CROWD: &str = "
    CREATE FUNCTION id(n bigint) RETURNS uuid IMMUTABLE LANGUAGE sql
        AS $$ SELECT lpad(to_hex(n), 32, '0')::uuid $$;
    INSERT INTO parties SELECT id(n), 'vendor', n || '@example.com', '254727648169', 'Amina',
            'Otieno', '2026-11-21Z'
        FROM generate_series(1, 1000) n;
    INSERT INTO offers (id, vendor_id, offer_type, asset, crypto_amount, available_amount, rate,
            min_order, max_order, status, created_at, updated_at)
        SELECT id(n), id(n), 'SELL', 'USDT', 1000000, 1000000, 146, 1, 1000000, 'active',
            '2026-11-21Z', '2026-11-21Z'
        FROM generate_series(1, 1000) n;
    INSERT INTO orders (id, order_type, customer_id, vendor_id, offer_id, asset, crypto_amount,
            fiat_amount, rate, network, wallet_address, state, status, state_reason, state_since,
            expires_at, created_at, updated_at, version, head)
        SELECT id(n), 'ON_RAMP_BUY', id(1 + (n + 7) % 1000), id(1 + n % 1000), id(1 + n % 1000),
            'USDT', 1, 1, 146, 'tron', 'T', state, status, reason, '2026-11-21Z',
            '2026-11-21 12:00Z'::timestamptz + n * interval '1 second', '2026-11-21Z',
            '2026-11-21Z', 1, decode(repeat('00', 32), 'hex')
        FROM generate_series(1, 20000) n, LATERAL (VALUES
            (n % 20 < 18, 'cancelled', 'cancelled', 'expired'),
            (n % 20 >= 18, 'awaiting_payment', 'pending', NULL)) kind (is_it, state, status, reason)
        WHERE is_it;
    INSERT INTO order_events SELECT id, 1, created_at, 'system', NULL, 'place', '{}', state, head, head
        FROM orders;
    INSERT INTO outbox (order_id, kind, payload, idempotency_key, available_at, created_at)
        SELECT id, 'open_review', '{}', id, created_at, created_at FROM orders;
    UPDATE outbox SET done_at = created_at WHERE id % 4 > 0 OR order_id = id(15000);
    INSERT INTO idempotency_keys SELECT id, 'key', head, 201, '{}', NULL, created_at FROM orders;
    ANALYZE";

/// Ten thousand addresses that were given out, and some thousand of ours besides.
const ADDRESSES: &str = "
    INSERT INTO escrow_addresses
        SELECT 'tron', row_number() OVER (), 'T-' || id, id, created_at FROM orders
        ORDER BY id LIMIT 10000;
    INSERT INTO own_addresses
        SELECT 'ethereum', '0x-' || n, 'hot_wallet', '2026-11-21Z' FROM generate_series(1, 3000) n;
    ANALYZE";

const PARTY: Uuid = Uuid::from_u128(500);
pub(crate) const ORDER: OrderId = OrderId(Uuid::from_u128(15_000));

pub(crate) async fn crowd() -> Database {
    let database = Database::fresh().await;
    database.owner().await.run(CROWD).await;
    database
}

/// The crowd, and what these statements add to it: each by itself, as `VACUUM` wants it.
pub(crate) async fn crowd_and(more: &str) -> Database {
    let database = crowd().await;
    let owner = database.owner().await;
    for statement in more.split_inclusive(';') {
        owner.run(statement).await;
    }
    database
}

/// What finds the orders that are overdue: both hold only what is open, and few orders are.
pub(crate) const OVERDUE: &str = "orders_with_deadline|orders_open";

/// The statement that the service has sent last.
async fn last_statement(owner: &Sql) -> String {
    let sent = "SELECT query FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'kivuko'";
    let mut sent = owner.column(sent).await;
    assert_eq!(sent.len(), 1, "one connection");
    sent.remove(0)
}

/// How the server does `statement` with these values, and without knowing them.
async fn plans(owner: &Sql, statement: &str, values: &str) -> Vec<String> {
    owner.run(&format!("PREPARE it AS {statement}")).await;
    let mut plans = Vec::new();
    for mode in ["force_custom_plan", "force_generic_plan"] {
        owner.run(&format!("SET plan_cache_mode = {mode}")).await;
        let plan = owner.column(&format!("EXPLAIN EXECUTE it {values}")).await;
        plans.push(format!("{mode}\n{}", plan.join("\n")));
    }
    owner.run("DEALLOCATE it").await;
    plans
}

/// Like [`assert_indexed`], of a statement about a span of time: without knowing how long it is, the
/// server may well read everything, so only the plan for these values counts.
pub(crate) async fn assert_indexed_for(owner: &Sql, values: &str, index: &str) {
    let statement = last_statement(owner).await;
    let plans = plans(owner, &statement, values).await;
    let by_index = plans[0].contains(index) && !plans[0].contains("Seq Scan");
    assert!(by_index, "{index}: {statement} {values}\n{}", plans[0]);
}

/// Asserts that the last statement goes by `index`, or by one of those in `a|b`, and reads no table from
/// end to end.
pub(crate) async fn assert_indexed(owner: &Sql, values: &str, index: &str) {
    let statement = last_statement(owner).await;
    for plan in plans(owner, &statement, values).await {
        let by_index = index.split('|').any(|one| plan.contains(one)) && !plan.contains("Seq Scan");
        assert!(by_index, "{index}: {statement} {values}\n{plan}");
    }
}

#[tokio::test]
#[rustfmt::skip] // Its middle is a table: keep it a table.
async fn pages_of_orders_are_read_by_index_for_whoever_asks() {
    use Visibility::{All, AsCustomer, AsEitherParty};
    let database = crowd().await;
    let (store, owner) = (database.store(), database.owner().await);
    let party = PartyId(PARTY);
    let any = OrderFilter::default();
    let of_vendor = OrderFilter { vendor_id: Some(party), ..any.clone() };
    let pending = OrderFilter { statuses: vec![OrderStatus::Pending], unexpired_at: Some(NOW), ..any.clone() };
    let (first, next, third) = (Start::Offset(0), Start::After(ORDER.0), Start::Offset(40));
    let (id, after, now) = (format!("'{PARTY}'"), format!("'{ORDER}'"), "'2026-11-21 12:00Z'");
    // Who sees either side is asked about the vendor's first: that statement is `of_vendor`'s.
    let cases = [
        (All, &any, first, "(21)".to_owned(), "orders_pkey"),
        (All, &any, next, format!("({after}, 21)"), "orders_pkey"),
        (All, &of_vendor, first, format!("({id}, 21)"), "orders_by_vendor"),
        (All, &of_vendor, next, format!("({id}, {after}, 21)"), "orders_by_vendor"),
        (All, &pending, first, format!("({now}, 21)"), "orders_pending"),
        (All, &pending, next, format!("({now}, {after}, 21)"), "orders_pending"),
        (AsCustomer(party), &any, first, format!("({id}, 21)"), "orders_by_customer"),
        (AsCustomer(party), &any, next, format!("({id}, {after}, 21)"), "orders_by_customer"),
        (AsCustomer(party), &any, third, format!("({id}, 21, 40)"), "orders_by_customer"),
        (AsCustomer(party), &pending, first, format!("({id}, {now}, 21)"), "orders_by_customer"),
        (AsEitherParty(party), &any, first, format!("({id}, 21)"), "orders_by_customer"),
        (AsEitherParty(party), &any, next, format!("({id}, {after}, 21)"), "orders_by_customer"),
        (AsEitherParty(party), &any, third, format!("({id}, {id}, 21, 40)"), "orders_by_vendor"),
        (AsEitherParty(party), &pending, first, format!("({id}, {now}, 21)"), "orders_by_customer"),
    ];
    for (sees, filter, start, values, index) in cases {
        let page = PageRequest { start, size: 20 };
        store.list_orders(sees, filter, page).await.expect("a page");
        assert_indexed(&owner, &values, index).await;
    }
}

#[tokio::test]
async fn one_order_or_answer_or_offer_is_read_by_index() {
    let database = crowd_and(ADDRESSES).await;
    let (store, owner) = (database.store(), database.owner().await);
    store.find_details(Visibility::All, ORDER).await.expect("it works");
    assert_indexed(&owner, &format!("('{ORDER}', 1)"), "orders_pkey").await;
    store.find_history(Visibility::All, ORDER).await.expect("it works");
    assert_indexed(&owner, &format!("('{ORDER}')"), "order_events_pkey").await;
    let claim = samples::claim(PartyId(PARTY), "key", 1);
    store.find_answer(&claim).await.expect("it works");
    let key = format!("('{PARTY}', 'key', 1)");
    assert_indexed(&owner, &key, "idempotency_keys_pkey").await;
    let wallet = samples::wallet(&samples::place_buy());
    store.terms(OfferId(PARTY), PartyId(PARTY), &wallet).await.expect("it works");
    let places = "'tron', 'T-1', 'ethereum', '0x1'";
    let values = format!("('{PARTY}', {places}, {places}, '{PARTY}', 1)");
    for index in ["parties_pkey", "escrow_addresses_network_address_key", "own_addresses_pkey"] {
        assert_indexed(&owner, &values, index).await;
    }
}

#[tokio::test]
async fn overdue_orders_are_found_and_locked_by_index() {
    let database = crowd().await;
    let (store, owner) = (database.store(), database.owner().await);
    let expires_at = NOW + Duration::hours(1);
    let (now, at, id) = ("'2026-11-21 14:00Z'", "'2026-11-21 13:00Z'", format!("'{ORDER}'"));
    let after = Overdue { expires_at, id: ORDER };
    let cases =
        [(None, format!("({now}, 100)")), (Some(after), format!("({now}, {at}, {at}, {id}, 100)"))];
    for (after, values) in cases {
        let overdue = store.list_overdue(NOW + Duration::hours(2), after, 100).await;
        assert!(!overdue.expect("it works").is_empty());
        assert_indexed(&owner, &values, OVERDUE).await;
    }
    let mut uow = store.begin().await.expect("a unit of work");
    uow.lock_free_orders(&[ORDER]).await.expect("it works");
    assert_indexed(&owner, &format!("(ARRAY[{id}]::uuid[])"), "orders_pkey").await;
    uow.lock_order(ORDER).await.expect("it works");
    assert_indexed(&owner, &format!("({id}, 1)"), "orders_pkey").await;
    uow.pending_effects(ORDER).await.expect("it works");
    assert_indexed(&owner, &format!("({id})"), "outbox_open").await;
}
