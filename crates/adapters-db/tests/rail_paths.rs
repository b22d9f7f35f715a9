//! The statements that the rail's workers live on use their indexes too, beside years of what is over.

use domain::party::Msisdn;
use domain::ports::{JobEnd, RailStore, ReviewQueries, Store, SupervisionQueries};
use domain::rail::Hook;
use domain::testing::samples::NOW;
use time::Duration;
use uuid::Uuid;

use crate::hot_paths::{ORDER, assert_indexed, assert_indexed_for, crowd_and};
use crate::support::pay_out;

const LEASE: Duration = Duration::HOUR;

/// Beside the crowd's orders: most is settled, one in a hundred is not.
const RAIL: &str = "
    UPDATE outbox SET payload = '{\"effect\": \"open_review\", \"kind\": \"held\", \"cause\": \"c\"}';
    INSERT INTO collections (id, order_id, phone, amount, account_reference, state, receipt, evidence,
            created_at, sent_at, updated_at)
        SELECT id(n), id(1 + n % 9000), '254727648169', 1, lpad(n::text, 12, '0'), state,
            CASE state WHEN 'paid' THEN 'R' || n END, '{}', '2026-11-21Z',
            '2026-11-21Z'::timestamptz + n * interval '1 second', '2026-11-21Z'
        FROM generate_series(1, 5000) n,
            LATERAL (VALUES (CASE WHEN n % 100 = 0 THEN 'awaiting' ELSE 'paid' END)) kind (state);
    INSERT INTO disbursements (id, key, generation, order_id, kind, purpose, phone, amount, state,
            receipt, evidence, created_at, sent_at, updated_at)
        SELECT order_id, idempotency_key, 1, order_id, 'payout', '{\"purpose\": \"payout\"}',
            '254727648169', 1, state, CASE state WHEN 'paid' THEN 'R' END, '{}', '2026-11-21Z',
            '2026-11-21Z', '2026-11-21Z'::timestamptz + id * interval '1 second'
        FROM outbox,
            LATERAL (VALUES (CASE WHEN id % 100 = 0 THEN 'accepted' ELSE 'paid' END)) kind (state);
    INSERT INTO mpesa_receipts SELECT receipt, id, created_at FROM collections WHERE receipt IS NOT NULL;
    INSERT INTO phone_prompts SELECT (254700000000 + n)::text, '2026-11-21Z' FROM generate_series(1, 5000) n;
    INSERT INTO callback_tokens SELECT sha256(n::text::bytea), 'c', 'collection', id(n), '2026-11-21Z'
        FROM generate_series(1, 5000) n;
    INSERT INTO callbacks (hook, token_hash, source, from_rail, body, dedupe, received_at, settled_at,
            outcome)
        SELECT 'c', sha256(n::text::bytea), '', true, '{}', sha256(n::text::bytea), '2026-11-21Z',
            settled, CASE WHEN settled IS NOT NULL THEN 'applied' END
        FROM generate_series(1, 5000) n,
            LATERAL (VALUES (CASE WHEN n % 100 > 0 THEN '2026-11-21Z'::timestamptz END)) it (settled);
    INSERT INTO reviews (kind, subject, items, detail, opened_at, last_at, closed_at, resolution)
        SELECT 'held', n::text, 1, '', '2026-11-21Z', '2026-11-21Z', closed,
            CASE WHEN closed IS NOT NULL THEN 'done' END
        FROM generate_series(1, 5000) n,
            LATERAL (VALUES (CASE WHEN n % 100 > 0 THEN '2026-11-21Z'::timestamptz END)) it (closed);
    INSERT INTO review_items SELECT 'c' || id, id, NULL, '', '2026-11-21Z' FROM reviews;
    WITH entries AS (
        INSERT INTO ledger_entries (cause, at)
            SELECT 'e' || n, '2026-11-21Z' FROM generate_series(1, 5000) n RETURNING id)
    INSERT INTO ledger_postings (entry_id, account, asset, amount)
        SELECT id, account, 'KES', amount FROM entries, LATERAL (VALUES
            (CASE WHEN id % 20 = 0 THEN 'mpesa_utility' ELSE 'mpesa_collection' END, 1),
            ('parked', -1)) posting (account, amount);
    VACUUM ANALYZE";

#[tokio::test]
async fn workers_find_their_work_by_index() {
    let database = crowd_and(RAIL).await;
    let (store, owner) = (database.store(), database.owner().await);
    let jobs = store.claim_jobs(&["open_review", "pay_out"], 10, NOW, LEASE).await;
    let job = jobs.expect("it works").remove(0);
    let values = "(1000000, '{open_review,pay_out}', '2026-11-21 12:00Z', 10)";
    assert_indexed(&owner, values, "outbox_due").await;
    let callbacks = store.claim_callbacks(10, NOW, LEASE).await.expect("it works");
    assert_indexed(&owner, "(1000000, 10)", "callbacks_unread").await;
    let undecided = store.undecided_collections(NOW, 10).await.expect("it works");
    assert_eq!((callbacks.len(), undecided.len()), (10, 10));
    assert_indexed(&owner, "('2026-11-21 12:00Z', 10)", "collections_undecided").await;
    store.open_reviews(10).await.expect("it works");
    assert_indexed(&owner, "(10)", "reviews_open").await;
    store.review_items(7, 10).await.expect("it works");
    assert_indexed(&owner, "(7, 10)", "review_items_of_review").await;

    let mut uow = store.begin().await.expect("a unit of work");
    uow.take_job(&job.key, NOW, LEASE).await.expect("it works");
    let values = format!("(1000000, '{}')", job.key);
    assert_indexed(&owner, &values, "outbox_idempotency_key_key").await;
    assert!(uow.end_job(&job, JobEnd::Done, None, NOW).await.expect("it works"));
    let values = format!("('2026-11-21Z', NULL, NULL, {}, 1)", job.id);
    assert_indexed(&owner, &values, "outbox_pkey").await;
    uow.wake_job(&job.key, NOW).await.expect("it works");
    let values = format!("('2026-11-21Z', '{}')", job.key);
    assert_indexed(&owner, &values, "outbox_idempotency_key_key").await;
}

#[tokio::test]
async fn what_is_not_finished_is_walked_over_by_index() {
    let database = crowd_and(RAIL).await;
    let (store, owner) = (database.store(), database.owner().await);
    let jobs = store.open_jobs(Some((ORDER, 5)), 10).await.expect("it works");
    assert_indexed(&owner, &format!("('{ORDER}', '{ORDER}', 5, 10)"), "outbox_open").await;
    let orders = store.open_orders(Some(ORDER), None, 10).await.expect("it works");
    assert_indexed(&owner, &format!("('{ORDER}', '{}', 10)", Uuid::max()), "orders_open").await;
    assert_eq!((jobs.len(), orders.len()), (10, 10));
    assert!(jobs.is_sorted_by_key(|job| (job.order_id, job.id)));
    assert!(orders.is_sorted_by_key(|order| order.id));
    store.open_conditions().await.expect("it works");
    assert_indexed(&owner, "", "reviews_open").await;
    store.count_reviews().await.expect("it works");
    assert_indexed(&owner, "", "reviews_open").await;
}

#[tokio::test]
async fn what_is_known_of_money_is_read_by_index() {
    let database = crowd_and(RAIL).await;
    let (store, owner) = (database.store(), database.owner().await);
    let mut uow = store.begin().await.expect("a unit of work");
    uow.float_books(NOW).await.expect("it works");
    for index in ["ledger_postings_balance", "disbursements_under_way", "disbursements_paid"] {
        assert_indexed_for(&owner, "('2026-11-21 04:30Z')", index).await;
    }
    assert!(uow.float_claims(NOW).await.expect("it works") > 0);
    for index in ["disbursements_under_way", "disbursements_paid"] {
        let since = "('2026-11-21 04:30Z', '2026-11-21 04:30Z')";
        assert_indexed_for(&owner, since, index).await;
    }
    let key = pay_out().idempotency_key(ORDER);
    uow.lock_last_disbursement(&key).await.expect("it works");
    let values = format!("('{key}', 1)");
    assert_indexed(&owner, &values, "disbursements_key_generation_key").await;
    uow.lock_disbursement(Uuid::nil()).await.expect("it works");
    assert_indexed(&owner, &format!("('{}', 1)", Uuid::nil()), "disbursements_pkey").await;
    uow.find_collection_by_reference("000000000009").await.expect("it works");
    assert_indexed(&owner, "('000000000009', 1)", "collections_account_reference_key").await;
    uow.find_token(Hook::Collection, &[1; 32]).await.expect("it works");
    assert_indexed(&owner, "('c', '\\x00', 1)", "callback_tokens_pkey").await;
    let phone = Msisdn::parse("254700000009").expect("a phone");
    uow.claim_phone(&phone, NOW, NOW - Duration::DAY).await.expect("it works");
    assert_indexed(&owner, "('254700000009', 1)", "phone_prompts_pkey").await;
    uow.claim_receipt("R1", None, NOW).await.expect("it works");
    assert_indexed(&owner, "('R1', 1)", "mpesa_receipts_pkey").await;
}
