//! Money on the rail under contention: what may be done once is done by one, and no fact is refused.

use adapters_db::PgStore;
use domain::order::Order;
use domain::ports::{RailStore, ReviewQueries, Store, StoreError};
use domain::rail::collection::CollectionState;
use domain::rail::disbursement::DisbursementState as State;
use domain::rail::{CircuitState, Collection, Disbursement};
use domain::testing::rail_samples::{RECEIPT, collection, disbursement, eventful, known};
use domain::testing::samples::{self, NOW};
use futures_util::future::join_all;
use time::Duration;
use tokio::task::JoinSet;

use crate::support::{
    Database, ask_for, buy, commit, next_try, pay_out, place, refund, seed, shilling,
};

async fn staged() -> (Database, PgStore, Order) {
    let database = Database::fresh().await;
    let store = database.store();
    seed(&store).await;
    let order = place(&store, buy(1, 10)).await;
    (database, store, order)
}

/// Inserts and commits, if nothing stands against it.
async fn try_insert(store: &PgStore, disbursement: &Disbursement) -> Result<(), StoreError> {
    let mut uow = store.begin().await?;
    uow.insert_disbursement(disbursement).await?;
    uow.commit().await
}

async fn save_as(store: &PgStore, disbursement: &Disbursement, state: State) {
    let moved = known(disbursement.clone(), state);
    commit(store, async |uow| uow.save_disbursement(&moved).await.expect("it is there")).await;
}

fn is_rejected(answer: &Result<(), StoreError>) -> bool {
    matches!(answer, Err(StoreError::Rejected(_)))
}

#[tokio::test]
async fn of_many_that_ask_a_phone_at_once_one_may() {
    let store = Database::fresh().await.store();
    let ask = async || {
        let phone = samples::phone();
        let not_since = NOW - Duration::MINUTE;
        commit(&store, async |uow| uow.claim_phone(&phone, NOW, not_since).await.expect("works"))
            .await
    };
    for asked_before in [0, 1] {
        let told = join_all((0..6).map(|_| ask())).await;
        let free = told.iter().filter(|told| told.is_none()).count();
        assert_eq!(free + asked_before, 1);
        assert!(told.into_iter().flatten().all(|at| at == NOW));
    }
}

#[tokio::test]
async fn a_phone_whose_claim_is_rolled_back_goes_to_who_waits_for_it() {
    let (database, store, _) = staged().await;
    let phone = samples::phone();
    let mut first = store.begin().await.expect("a unit of work");
    assert_eq!(first.claim_phone(&phone, NOW, NOW).await.expect("it works"), None);
    let mut tasks = JoinSet::new();
    let theirs = store.clone();
    tasks.spawn(async move {
        let mut second = theirs.begin().await.expect("a unit of work");
        second.claim_phone(&phone, NOW, NOW - Duration::MINUTE).await.expect("it works")
    });
    database.owner().await.until_somebody_waits().await;
    first.rollback().await.expect("it works");
    assert_eq!(tasks.join_all().await, [None]);
}

#[tokio::test]
async fn of_many_that_claim_a_receipt_at_once_one_gets_it() {
    let (_database, store, order) = staged().await;
    let collections: Vec<_> = (0..6).map(|entropy| collection(&order, entropy)).collect();
    let claim = async |collection: &Collection| {
        commit(&store, async |uow| {
            uow.insert_collection(collection).await.expect("a new one");
            uow.claim_receipt(RECEIPT, Some(collection.id), NOW).await.expect("it works")
        })
        .await
    };
    let claimed = join_all(collections.iter().map(claim)).await;
    assert_eq!(claimed.into_iter().filter(|claimed| *claimed).count(), 1);
}

#[tokio::test]
async fn the_breaker_is_one_units_at_a_time_and_the_next_sees_what_it_did() {
    let (database, store, _) = staged().await;
    let mut first = store.begin().await.expect("a unit of work");
    let mut circuit = first.lock_circuit(NOW).await.expect("it is free");
    let mut tasks = JoinSet::new();
    let theirs = store.clone();
    tasks.spawn(async move {
        let mut second = theirs.begin().await.expect("a unit of work");
        second.lock_circuit(NOW).await.expect("it comes free")
    });
    database.owner().await.until_somebody_waits().await;
    assert!(circuit.open("a wrong password", NOW));
    first.save_circuit(&circuit).await.expect("it is ours");
    first.commit().await.expect("a commit");
    assert_eq!(circuit.state, CircuitState::Open);
    assert_eq!(tasks.join_all().await, [circuit]);
}

#[tokio::test]
async fn of_many_tries_of_one_payout_at_once_one_is_stored() {
    let (_database, store, order) = staged().await;
    let first = ask_for(&store, &order, &pay_out()).await;
    save_as(&store, &first, State::FailedConfirmed).await;
    let second = next_try(&first);
    let tries = [second.clone(), next_try(&second), next_try(&next_try(&second))];
    let inserted = join_all(tries.iter().map(|it| try_insert(&store, it))).await;
    assert_eq!(inserted.iter().filter(|answer| answer.is_ok()).count(), 1, "{inserted:?}");
    assert_eq!(inserted.iter().filter(|answer| is_rejected(answer)).count(), 2, "{inserted:?}");
}

#[tokio::test]
async fn what_was_paid_after_all_is_stored_and_never_asked_for_again() {
    let (_database, store, order) = staged().await;
    let first = ask_for(&store, &order, &pay_out()).await;
    save_as(&store, &first, State::FailedConfirmed).await;
    let second = next_try(&first);
    try_insert(&store, &second).await.expect("the first has failed");
    save_as(&store, &first, State::Paid).await;
    save_as(&store, &second, State::FailedConfirmed).await;
    let third = try_insert(&store, &next_try(&second)).await;
    assert!(is_rejected(&third), "{third:?}");
    save_as(&store, &second, State::Paid).await;
}

#[tokio::test]
async fn a_payment_goes_back_once_whatever_it_is_called() {
    let (_database, store, order) = staged().await;
    let first = ask_for(&store, &order, &refund("one", RECEIPT)).await;
    let other = refund("other", RECEIPT);
    commit(&store, async |uow| {
        uow.enqueue(order.id, std::slice::from_ref(&other), NOW).await.expect("works");
    })
    .await;
    let second = disbursement(order.id, &other, 1);
    let refused = try_insert(&store, &second).await;
    assert!(is_rejected(&refused), "{refused:?}");
    save_as(&store, &first, State::FailedConfirmed).await;
    try_insert(&store, &second).await.expect("the first has failed");
}

#[tokio::test]
async fn of_many_whose_turn_it_may_be_it_is_ones() {
    let store = Database::fresh().await.store();
    let turn = || store.claim_turn("sweep", Duration::MINUTE, NOW);
    let turns = join_all((0..6).map(|_| turn())).await;
    let turns = turns.into_iter().filter(|turn| *turn.as_ref().expect("it works"));
    assert_eq!(turns.count(), 1);
}

#[tokio::test]
async fn of_many_that_post_one_cause_at_once_one_does() {
    let store = Database::fresh().await.store();
    let entry = shilling("top-up");
    let post = async || commit(&store, async |uow| uow.post(&entry).await.expect("it works")).await;
    let posted = join_all((0..6).map(|_| post())).await;
    assert_eq!(posted.into_iter().filter(|posted| *posted).count(), 1);
    assert_eq!(
        commit(&store, async |uow| uow.float_books(NOW).await.expect("it works")).await.utility,
        100
    );
}

#[tokio::test]
async fn a_forged_name_that_another_has_too_or_that_is_long_is_stored_as_it_came() {
    let (_database, store, order) = staged().await;
    let name = "x".repeat(60_000);
    for entropy in [1, 2] {
        let mut told = collection(&order, entropy);
        commit(&store, async |uow| uow.insert_collection(&told).await.expect("a new one")).await;
        told = eventful(told, CollectionState::Awaiting, 1);
        told.refs.as_mut().expect("it has names").checkout_request_id.clone_from(&name);
        commit(&store, async |uow| uow.save_collection(&told).await.expect("it is there")).await;
        let found = commit(&store, async |uow| uow.find_collection(told.id).await.expect("works"));
        assert_eq!(found.await, Some(told));
    }
}

#[tokio::test]
async fn a_kind_of_review_that_this_version_does_not_know_hides_nothing() {
    let (database, store, _) = staged().await;
    let insert = "INSERT INTO reviews (kind, subject, detail, opened_at, last_at) VALUES ('new', 'c', '', $1, $1)";
    let insert = insert.replace("$1", "now()");
    database.owner().await.run(&insert).await;
    for _ in 0..2 {
        let reviews = store.open_reviews(10).await.expect("it works");
        assert_eq!(reviews.iter().map(|review| review.kind).collect::<Vec<_>>(), ["new"]);
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_is_told_by_its_name() {
    let (database, store, order) = staged().await;
    let (collection, payout) = (collection(&order, 1), ask_for(&store, &order, &pay_out()).await);
    commit(&store, async |uow| uow.insert_collection(&collection).await.expect("a new one")).await;
    let break_all =
        "UPDATE collections SET evidence = '1'; UPDATE disbursements SET purpose = '{}'";
    database.owner().await.run(break_all).await;
    let mut uow = store.begin().await.expect("a unit of work");
    let answers = [
        (uow.find_collection(collection.id).await.err(), format!("collection {}", collection.id)),
        (uow.find_disbursement(payout.id).await.err(), format!("disbursement {}", payout.id)),
    ];
    for (error, name) in answers {
        let told = matches!(&error, Some(StoreError::Corrupt(what)) if what.ends_with(&name));
        assert!(told, "{name}: {error:?}");
    }
}
