//! The statements that the chain rail's workers live on use their indexes, beside years of coin that has
//! come and gone.

use adapters_db::PgStore;
use domain::address::Network::Tron;
use domain::money::Crypto;
use domain::offer::Asset;
use domain::ports::{ChainStore, Store, UnitOfWork, WatchList};
use domain::testing::contract::chain_samples::sighting;
use domain::testing::samples::{NOW, crypto};
use time::Duration;

use crate::hot_paths::{OVERDUE, assert_indexed, assert_indexed_for, crowd, crowd_and};
use crate::support::sell;

/// Twenty thousand off-ramp orders beside the crowd's: nearly all are over, told and swept; one in a
/// hundred waits for its deposit, another has coin that nobody was told of, another's is to be swept.
const COIN: &str = "
    INSERT INTO orders (id, order_type, customer_id, vendor_id, offer_id, asset, crypto_amount,
            fiat_amount, rate, network, wallet_address, payout_phone, escrow_address, escrow_index,
            escrow_reference, state, status, completed_at, state_since, expires_at, created_at,
            updated_at, version, head)
        SELECT id(100000 + n), 'OFF_RAMP_SELL', id(1 + (n + 7) % 1000), id(1 + n % 1000),
            id(1 + n % 1000), 'USDT', 1, 1, 146, 'tron', 'T', '254727648169', 'T-' || n, n, id(n),
            state, status, done, '2026-11-21Z',
            '2026-11-21 12:00Z'::timestamptz + n * interval '1 second', '2026-11-21Z',
            '2026-11-21Z', 1, decode(repeat('00', 32), 'hex')
        FROM generate_series(1, 20000) n, LATERAL (VALUES
            (n % 100 = 0, 'awaiting_deposit', 'awaiting_crypto', NULL),
            (n % 100 > 0, 'completed', 'completed', '2026-11-21Z'::timestamptz))
            kind (is_it, state, status, done)
        WHERE is_it;
    INSERT INTO escrow_addresses SELECT network, escrow_index, escrow_address, id, created_at
        FROM orders WHERE escrow_index IS NOT NULL;
    INSERT INTO chain_deposits (network, tx_hash, ordinal, token, asset, from_address, to_address,
            units, amount, block_height, block_hash, block_time, order_id, stage, told, retry_at,
            detected_at, is_emptied)
        SELECT 'tron', 'tx-' || n, 0, 'T', 'USDT', 'T', 'T-' || n, 1, 100, n, 'block-' || n,
            '2026-11-21Z', id(100000 + n), stage, told, '2026-11-21Z', '2026-11-21Z', n % 100 <> 2
        FROM generate_series(1, 20000) n, LATERAL (VALUES
            (CASE n % 100 WHEN 1 THEN 'seen' ELSE 'final' END,
             CASE n % 100 WHEN 1 THEN NULL ELSE 'final' END)) it (stage, told)
        WHERE n % 100 > 0;
    INSERT INTO outbox (order_id, kind, payload, idempotency_key, available_at, done_at, created_at)
        SELECT id(100000 + n), 'sweep', '{\"asset\": \"USDT\"}', 'sweep-' || n, '2026-11-21Z',
            '2026-11-21Z', '2026-11-21Z'
        FROM generate_series(1, 20000) n;
    INSERT INTO chain_transfers
        SELECT 'sweep-' || n, id(100000 + n), 'sweep', '{\"purpose\": \"sweep\"}', 'tron', n,
            'T-' || n, 'T-hot', 'USDT', 1, CASE n % 100 WHEN 3 THEN 'in_flight' ELSE 'done' END,
            false, '2026-11-21Z', '2026-11-21Z'::timestamptz + n * interval '1 second'
        FROM generate_series(1, 20000) n WHERE n % 100 > 2;
    ALTER TABLE chain_attempts DISABLE TRIGGER USER;
    INSERT INTO chain_attempts
        SELECT key, 1, 0, network, from_address, escrow_index, 'out-' || key, '\\x00',
            '{\"chain\": \"ethereum\", \"gas_limit\": 1, \"max_fee\": 1, \"max_tip\": 1}', 'signed',
            0, NULL, NULL, NULL, NULL, NULL, NULL, created_at
        FROM chain_transfers;
    INSERT INTO chain_blocks SELECT 'tron', n, 'block-' || n, '2026-11-21Z'
        FROM generate_series(1, 5000) n;
    WITH entries AS (
        INSERT INTO ledger_entries (cause, at)
            SELECT 'e' || n, '2026-11-21Z' FROM generate_series(1, 5000) n RETURNING id)
    INSERT INTO ledger_postings (entry_id, account, asset, amount)
        SELECT id, account, 'USDT', amount FROM entries, LATERAL (VALUES
            (CASE WHEN id % 20 = 0 THEN 'tron_hot' ELSE 'tron_escrow' END, 1),
            ('parked', -1)) posting (account, amount);
    VACUUM ANALYZE";

/// Does `work` in a unit of work that is not committed.
async fn open(store: &PgStore, work: impl AsyncFnOnce(&mut dyn UnitOfWork)) {
    let mut uow = store.begin().await.expect("a unit of work");
    work(&mut *uow).await;
    uow.rollback().await.expect("it works");
}

#[tokio::test]
async fn arrivals_are_stored_and_moved_by_index() {
    let database = crowd_and(COIN).await;
    let (store, owner) = (database.store(), database.owner().await);
    let mut coin = sighting(&sell(1, 10), "tx-new", 30_000, crypto("1"));
    coin.to = "T-7".into();
    open(&store, async |uow| {
        let noted = uow.note_sightings(Tron, std::slice::from_ref(&coin), 0, NOW).await;
        assert_eq!(noted.expect("it works"), 1);
        let values =
            "('tron', 0, '2026-11-21Z', '2026-11-21Z', '{tx}', '{0}', '{T}', '{USDT}', '{T}',
                       '{T-7}', '{1}', '{1}', '{1}', '{b}', '{2026-11-21Z}', 'tron')";
        assert_indexed(&owner, values, "escrow_addresses_network_address_key").await;
        assert_eq!(uow.finalise_arrivals(Tron, 101).await.expect("it works"), 2);
        assert_indexed_for(&owner, "('tron', 101)", "chain_deposits_seen").await;
        assert!(uow.unmake_arrivals_above(Tron, 19_900).await.expect("it works") > 90);
        assert_indexed_for(&owner, "('tron', 19900)", "chain_deposits_by_height").await;
        let arrival = uow.lock_arrival(&coin.id).await.expect("it works").expect("it was noted");
        assert_indexed(&owner, "('tron', 'tx', 0, 1)", "chain_deposits_pkey").await;
        uow.settle_arrival(&arrival).await.expect("it works");
        let values = "('seen', 0, 'tron', 'tx', 0, 'seen')";
        assert_indexed(&owner, values, "chain_deposits_pkey").await;
        uow.put_off_arrival(&coin.id, NOW).await.expect("it works");
        assert_indexed(&owner, "('2026-11-21Z', 'tron', 'tx', 0)", "chain_deposits_pkey").await;
    })
    .await;
}

#[tokio::test]
async fn the_watcher_finds_what_it_asks_for_by_index() {
    let database = crowd_and(COIN).await;
    let (store, owner) = (database.store(), database.owner().await);
    assert_eq!(store.untold_arrivals(Tron, NOW, 10).await.expect("it works").len(), 10);
    let values = "('tron', '2026-11-21 12:00Z', 10)";
    assert_indexed(&owner, values, "chain_deposits_untold").await;
    store.arrivals_of(&sell(1, 10)).await.expect("it works");
    let order = "('00000000-0000-0000-0000-0000000186a1')";
    assert_indexed(&owner, order, "chain_deposits_by_order").await;
    let later = NOW + Duration::hours(6);
    assert_eq!(store.overdue_deposits(Tron, later, None, 10).await.expect("it works").len(), 10);
    for index in [OVERDUE, "chain_deposits_by_order", "chain_transfers_by_order"] {
        let nobody = "'1970-01-01Z', '00000000-0000-0000-0000-000000000000'";
        let values = format!("('tron', '2026-11-21 18:00Z', {nobody}, 10)");
        assert_indexed(&owner, &values, index).await;
    }
    store.blocks_down_from(Tron, 4_000, 10).await.expect("it works");
    assert_indexed(&owner, "('tron', 4000, 10)", "chain_blocks_pkey").await;
    open(&store, async |uow| {
        uow.drop_blocks_above(Tron, 4_990).await.expect("it works");
        assert_indexed_for(&owner, "('tron', 4990)", "chain_blocks_pkey").await;
        uow.drop_blocks_below(Tron, 10).await.expect("it works");
        assert_indexed_for(&owner, "('tron', 10)", "chain_blocks_pkey").await;
    })
    .await;
}

#[tokio::test]
async fn coin_and_transfers_are_found_by_index() {
    let database = crowd_and(COIN).await;
    let (store, owner) = (database.store(), database.owner().await);
    let found = store.sweepable(Tron, Crypto::ZERO, 10).await.expect("it works");
    assert_eq!(found.len(), 10);
    for index in [
        "chain_deposits_with_coin",
        "chain_deposits_by_order",
        "chain_transfers_by_order",
        "escrow_addresses_order_id_key",
        "outbox_by_order|outbox_open",
        "orders_pkey",
    ] {
        assert_indexed(&owner, "('tron', 1, 10)", index).await;
    }
    let since = NOW - Duration::HOUR;
    let books = store.hot_books(Tron, Asset::Usdt, since).await.expect("it works");
    assert!(books.moving > 0);
    let values = "('tron_hot', 'USDT', 'opening:tron:USDT', 'tron', 'USDT', 'tron', 'USDT',
                   '2026-11-21 05:30Z')";
    for index in ["ledger_postings_balance", "chain_transfers_in_flight", "chain_transfers_recent"]
    {
        assert_indexed_for(&owner, values, index).await;
    }
}

/// As many as a slice of blocks may name, among as many as were ever given out.
#[tokio::test]
async fn our_addresses_are_found_by_index_however_many_are_asked_for() {
    let database = crowd().await;
    let (store, owner) = (database.store(), database.owner().await);
    owner
        .run(
            "SET session_replication_role = replica;
             INSERT INTO escrow_addresses
                 SELECT 'tron', n, 'T-' || md5(n::text), id(n), '2026-11-21Z'
                 FROM generate_series(1, 300000) n",
        )
        .await;
    owner.run("VACUUM ANALYZE escrow_addresses").await;
    let asked: Vec<_> = (0..10_000).map(|number| format!("T-stranger-{number}")).collect();
    assert!(store.ours(Tron, &asked).await.expect("it works").is_empty());
    let values = format!("('tron', '{{{}}}')", asked[..1_000].join(","));
    assert_indexed(&owner, &values, "escrow_addresses_network_address_key").await;
}

#[tokio::test]
async fn what_was_signed_is_found_by_index() {
    let database = crowd_and(COIN).await;
    let (store, owner) = (database.store(), database.owner().await);
    open(&store, async |uow| {
        let transfer = uow.lock_transfer("sweep-7").await.expect("it works").expect("a transfer");
        assert_indexed(&owner, "('sweep-7')", "chain_attempts_pkey").await;
        uow.save_transfer(&transfer).await.expect("it works");
        let order = "'00000000-0000-0000-0000-0000000186a7'";
        let values = format!("({order}, 'USDT', {order}, 'USDT', {order}, 'USDT')");
        for index in ["chain_deposits_by_order", "chain_transfers_by_order"] {
            assert_indexed(&owner, &values, index).await;
        }
        uow.find_attempts(Tron, "T-7", 7).await.expect("it works");
        let index = "chain_attempts_network_from_address_sequence_variant_key";
        assert_indexed(&owner, "('tron', 'T-7', 7)", index).await;
    })
    .await;
}
