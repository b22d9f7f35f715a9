//! What only several sessions at once can break on the chain rail.

use domain::chain::Transfer;
use domain::chain::transfer::TransferState;
use domain::ports::{Store, StoreError};
use domain::testing::contract::chain_samples::{attempt, delivery};
use domain::testing::samples::NOW;
use futures_util::future::join_all;

use crate::support::{Database, commit, place, seed, sell};

/// Nobody locks the transfer first, as nobody should: the trigger does.
#[tokio::test]
async fn of_many_that_sign_a_transfer_at_once_one_is_stored() {
    let store = Database::fresh().await.store();
    seed(&store).await;
    let order = place(&store, sell(1, 10)).await;
    let (effect, planned) = delivery(&order);
    commit(&store, async |uow| {
        uow.enqueue(order.id, &[effect], NOW).await.expect("a new effect");
        uow.insert_transfer(&planned).await.expect("a new transfer");
    })
    .await;
    let (store, planned) = (&store, &planned);
    let rivals = (1..=6).map(|sequence| async move {
        let (attempts, state) = (vec![attempt(1, 0, sequence)], TransferState::InFlight);
        let signed = Transfer { attempts, state, ..planned.clone() };
        let mut uow = store.begin().await.expect("a unit of work");
        let saved = uow.save_transfer(&signed).await;
        if saved.is_ok() {
            uow.commit().await.expect("a commit");
        }
        saved
    });
    let (stored, refused): (Vec<_>, Vec<_>) =
        join_all(rivals).await.into_iter().partition(Result::is_ok);
    assert_eq!(stored.len(), 1);
    assert!(refused.iter().all(|it| matches!(it, Err(StoreError::Rejected(_)))), "{refused:?}");
    let known = commit(store, async |uow| uow.lock_transfer(&planned.plan.key).await).await;
    let known = known.expect("it works").expect("it was planned");
    assert_eq!((known.attempts.len(), known.state), (1, TransferState::InFlight));
}
