//! Only what the server has committed is told as done.

use domain::placement::Placed;
use domain::ports::{ClaimOutcome, Placements, Store, StoreError};
use domain::testing::samples::{self, CUSTOMER};

use crate::support::{Database, buy, seed};

/// Lets every commit fail that comes after a change of the table.
async fn fail_commits(database: &Database, table: &str) {
    let trigger = format!(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'at the commit'; END $$;
         CREATE CONSTRAINT TRIGGER fails AFTER INSERT OR UPDATE ON {table}
             DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()"
    );
    database.owner().await.run(&trigger).await;
}

#[tokio::test]
async fn a_placement_that_fails_at_its_commit_is_not_told_as_done() {
    let database = Database::fresh().await;
    let store = database.store();
    seed(&store).await;
    fail_commits(&database, "orders").await;
    let placed = store.place(&samples::placement_of(buy(1, 10))).await;
    assert!(matches!(placed, Err(StoreError::Rejected(_))), "{placed:?}");
    let orders = database.owner().await.column("SELECT id FROM orders").await;
    assert_eq!(orders, [""; 0]);
}

#[tokio::test]
async fn a_unit_of_work_that_fails_at_its_commit_is_not_told_as_done() {
    let database = Database::fresh().await;
    fail_commits(&database, "parties").await;
    let store = database.store();
    let mut uow = store.begin().await.expect("a unit of work");
    let party = &samples::parties()[0];
    uow.insert_party(party).await.expect("so far, so good");
    let committed = uow.commit().await;
    assert!(matches!(committed, Err(StoreError::Rejected(_))), "{committed:?}");
    store.ping().await.expect("the pool goes on");
}

#[tokio::test]
async fn a_unit_of_work_in_which_a_statement_failed_cannot_be_committed() {
    let store = Database::fresh().await.store();
    let mut uow = store.begin().await.expect("a unit of work");
    let party = &samples::parties()[0];
    uow.insert_party(party).await.expect("a new party");
    let refused = uow.insert_offer(&samples::sell_offer()).await;
    assert!(refused.is_err(), "its vendor is not there");
    let committed = uow.commit().await;
    assert!(matches!(committed, Err(StoreError::Rejected(_))), "{committed:?}");
    let mut uow = store.begin().await.expect("a unit of work");
    assert_eq!(uow.find_party(party.id).await.expect("it works"), None);
}

#[tokio::test]
async fn a_key_that_a_placement_takes_after_it_was_claimed_is_busy_and_then_reused() {
    let database = Database::fresh().await;
    let store = database.store();
    seed(&store).await;
    let (ours, theirs) = (samples::claim(CUSTOMER, "key", 1), samples::claim(CUSTOMER, "key", 2));
    let mut uow = store.begin().await.expect("a unit of work");
    let claimed = uow.claim_key(&ours).await.expect("it works");
    assert_eq!(claimed, ClaimOutcome::Fresh);
    let mut placement = samples::placement_of(buy(1, 10));
    placement.claim = Some((theirs, samples::answer("{}")));
    assert_eq!(store.place(&placement).await.expect("it works"), Placed::Done);
    let stored = uow.store_answer(&ours, &samples::answer("{}"), samples::NOW).await;
    assert!(matches!(stored, Err(StoreError::Busy)), "{stored:?}");
    drop(uow);
    let again = store.find_answer(&ours).await.expect("it works");
    assert_eq!(again, Some(ClaimOutcome::Reused));
}
