//! What the store says when PostgreSQL is late, full, gone or against us; and that it recovers.

use adapters_db::{DbConfig, PgStore};
use domain::ports::{Placements, Store, StoreError};
use domain::testing::samples::{self, CUSTOMER, SELL_OFFER};

use crate::support::{Database, buy, place, seed, store};

fn is_unavailable<T: std::fmt::Debug>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unavailable(_)))
}

/// Ends every session of the service, and returns when they are gone.
async fn end_sessions(database: &Database) {
    let ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                 WHERE datname = current_database() AND application_name = 'kivuko'";
    let ended = database.owner().await.column(ended).await;
    assert!(ended.contains(&"t".to_owned()), "{ended:?}");
}

async fn seeded(config: impl FnOnce(DbConfig) -> DbConfig) -> (Database, PgStore) {
    let database = Database::fresh().await;
    seed(&database.store()).await;
    let store = store(&config(database.config()));
    (database, store)
}

#[tokio::test]
async fn a_statement_that_takes_too_long_makes_the_store_unavailable() {
    let slow = |config| DbConfig { statement_timeout_ms: 50, ..config };
    let (database, store) = seeded(slow).await;
    let order = place(&store, buy(1, 10)).await;
    let holder = database.store();
    let mut held = holder.begin().await.expect("a unit of work");
    held.lock_order(order.id).await.expect("it is free");
    let mut uow = store.begin().await.expect("a unit of work");
    let late = uow.lock_order(order.id).await;
    assert!(is_unavailable(&late), "{late:?}");
    drop(uow);
    store.ping().await.expect("it is there again");
}

#[tokio::test]
async fn a_session_that_ends_inside_a_unit_of_work_makes_the_store_unavailable_once() {
    let (database, store) = seeded(|config| config).await;
    for _ in 0..3 {
        let mut uow = store.begin().await.expect("a unit of work");
        end_sessions(&database).await;
        let ended = uow.lock_offer(SELL_OFFER).await;
        assert!(is_unavailable(&ended), "{ended:?}");
        drop(uow);
        store.ping().await.expect("it is there again");
    }
}

#[tokio::test]
async fn a_commit_on_a_session_that_has_ended_is_not_told_as_done() {
    let (database, store) = seeded(|config| config).await;
    let mut uow = store.begin().await.expect("a unit of work");
    uow.lock_offer(SELL_OFFER).await.expect("it is free");
    end_sessions(&database).await;
    let ended = uow.commit().await;
    assert!(is_unavailable(&ended), "{ended:?}");
    store.ping().await.expect("it is there again");
}

#[tokio::test]
async fn a_session_that_ends_between_two_requests_costs_one_of_them_at_most() {
    let one = |config| DbConfig { pool_size: 1, ..config };
    let (database, store) = seeded(one).await;
    for _ in 0..3 {
        store.ping().await.expect("it is there");
        end_sessions(&database).await;
        let first = store.ping().await;
        assert!(first.is_ok() || is_unavailable(&first), "{first:?}");
        store.ping().await.expect("it is there again");
    }
}

#[tokio::test]
async fn a_pool_has_as_many_connections_as_it_is_told_and_no_more() {
    for pool_size in [1, 3] {
        let narrow = |config| DbConfig { pool_size, pool_wait_ms: 100, ..config };
        let (_database, store) = seeded(narrow).await;
        let mut open = Vec::new();
        for _ in 0..pool_size {
            open.push(store.begin().await.expect("a free connection"));
        }
        let refused = store.ping().await;
        assert!(is_unavailable(&refused), "{refused:?}");
        open.pop();
        store.ping().await.expect("one came back");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_makes_the_store_unavailable() {
    let database = Database::fresh().await;
    for url in ["postgres://kivuko@127.0.0.1:1/nowhere", "not a URL"] {
        let store = store(&DbConfig { url: url.into(), ..database.config() });
        let refused = store.ping().await;
        assert!(is_unavailable(&refused), "{refused:?}");
    }
}

#[tokio::test]
async fn sessions_have_the_rights_of_the_app_role_and_a_refusal_is_a_bug() {
    let (database, store) = seeded(|config| config).await;
    let owner = database.owner().await;
    owner.run("REVOKE SELECT ON parties FROM kivuko_app").await;
    let refused = store.terms(SELL_OFFER, CUSTOMER, &samples::wallet(&samples::place_buy())).await;
    assert!(matches!(refused, Err(StoreError::Rejected(_))), "{refused:?}");
}
