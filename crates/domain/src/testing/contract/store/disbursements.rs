//! Money out: at most one movement of a key is alive, and what may have left the float is known.

use super::stage::{WORKS, commit, place_sample, seed};
use crate::ids::OrderId;
use crate::order::{Effect, RefundOf};
use crate::ports::{Store, StoreError};
use crate::rail::Disbursement;
use crate::rail::disbursement::DisbursementState;
use crate::testing::rail_samples::{
    RECEIPT, disbursement, effect_of, known, payout, refund, stranger,
};
use crate::testing::samples::{self, NOW, fiat, phone};

const OTHER_RECEIPT: &str = "QKA81LK5CY";

async fn order(store: &dyn Store) -> OrderId {
    seed(store).await;
    place_sample(store, &samples::place_sell(), 1).await.id
}

async fn insert(store: &dyn Store, disbursement: &Disbursement) {
    commit(store, async |uow| {
        let effect = effect_of(disbursement);
        uow.enqueue(disbursement.order_id, &[effect], NOW).await.expect(WORKS);
        uow.insert_disbursement(disbursement).await.expect(WORKS);
    })
    .await;
}

async fn save(store: &dyn Store, disbursement: &Disbursement) {
    commit(store, async |uow| {
        uow.lock_disbursement(disbursement.id).await.expect(WORKS);
        uow.save_disbursement(disbursement).await.expect(WORKS);
    })
    .await;
}

async fn insert_as(store: &dyn Store, fresh: Disbursement, state: DisbursementState) {
    insert(store, &fresh).await;
    save(store, &known(fresh, state)).await;
}

async fn assert_rejected(store: &dyn Store, disbursement: &Disbursement) {
    let mut uow = store.begin().await.expect(WORKS);
    let inserted = uow.insert_disbursement(disbursement).await;
    assert!(matches!(inserted, Err(StoreError::Rejected(_))), "{inserted:?}");
}

/// What is found and what is locked under `id`: the same.
async fn stored(store: &dyn Store, id: uuid::Uuid) -> Option<Disbursement> {
    let mut uow = store.begin().await.expect(WORKS);
    let found = uow.find_disbursement(id).await.expect(WORKS);
    assert_eq!(uow.lock_disbursement(id).await.expect(WORKS), found);
    uow.rollback().await.expect(WORKS);
    found
}

async fn last(store: &dyn Store, key: &str) -> Option<Disbursement> {
    commit(store, async |uow| uow.lock_last_disbursement(key).await.expect(WORKS)).await
}

/// The refund of something that came on top of an order, named by its cause.
fn extra(order: OrderId, cause: &str) -> Disbursement {
    let refund = RefundOf::Extra(cause.into());
    let effect = Effect::RefundFiat {
        refund,
        phone: phone(),
        amount: fiat("10"),
        receipt: cause.to_owned(),
    };
    disbursement(order, &effect, 1)
}

pub async fn every_state_of_a_disbursement_comes_back(store: &dyn Store) {
    let order = order(store).await;
    for state in DisbursementState::ALL {
        let fresh = extra(order, state.as_str());
        insert(store, &fresh).await;
        assert_eq!(stored(store, fresh.id).await.as_ref(), Some(&fresh));
        let moved = known(fresh, state);
        save(store, &moved).await;
        assert_eq!(last(store, &moved.key).await.as_ref(), Some(&moved), "{state:?}");
        assert_eq!(stored(store, moved.id).await, Some(moved), "{state:?}");
    }
}

pub async fn every_purpose_of_a_disbursement_comes_back(store: &dyn Store) {
    let order = order(store).await;
    let (payout, refund) = (payout(order, fiat("112798"), 1), refund(order, fiat("175200"), 1));
    for fresh in [payout, refund, extra(order, OTHER_RECEIPT)] {
        insert(store, &fresh).await;
        assert_eq!(stored(store, fresh.id).await, Some(fresh));
    }
}

pub async fn an_unknown_disbursement_is_nowhere(store: &dyn Store) {
    let order = order(store).await;
    let unknown = payout(order, fiat("112798"), 1);
    assert_eq!(stored(store, unknown.id).await, None);
    assert_eq!(last(store, &unknown.key).await, None);
    let mut uow = store.begin().await.expect(WORKS);
    let saved = uow.save_disbursement(&unknown).await;
    assert!(matches!(saved, Err(StoreError::Conflict(_))), "{saved:?}");
}

pub async fn one_disbursement_of_a_key_is_alive(store: &dyn Store) {
    let order = order(store).await;
    for state in DisbursementState::ALL {
        let (first, second) = (extra(order, state.as_str()), extra(order, state.as_str()));
        let second = Disbursement {
            id: crate::rail::disbursement::reference(&second.key, 2),
            generation: 2,
            ..second
        };
        insert_as(store, first.clone(), state).await;
        if state == DisbursementState::FailedConfirmed {
            insert(store, &second).await;
            assert_eq!(last(store, &first.key).await, Some(second), "the last generation");
            continue;
        }
        assert_rejected(store, &second).await;
        assert_eq!(last(store, &first.key).await.map(|it| it.id), Some(first.id));
    }
}

pub async fn a_generation_is_one_disbursements(store: &dyn Store) {
    let order = order(store).await;
    let first = extra(order, OTHER_RECEIPT);
    insert_as(store, first.clone(), DisbursementState::FailedConfirmed).await;
    assert_rejected(store, &first).await;
    assert_rejected(store, &Disbursement { id: stranger(), ..first }).await;
}

/// The rail has said that a payout failed, another was made, and then it says that the first was
/// paid after all: both are known to be paid, and neither word is lost.
pub async fn a_failed_disbursement_may_turn_out_paid(store: &dyn Store) {
    let order = order(store).await;
    let first = extra(order, OTHER_RECEIPT);
    insert_as(store, first.clone(), DisbursementState::FailedConfirmed).await;
    let second = Disbursement {
        id: crate::rail::disbursement::reference(&first.key, 2),
        generation: 2,
        ..first.clone()
    };
    insert_as(store, second.clone(), DisbursementState::Accepted).await;
    let overturned = known(first, DisbursementState::Paid);
    save(store, &overturned).await;
    assert_eq!(stored(store, overturned.id).await.as_ref(), Some(&overturned));
    assert_eq!(last(store, &overturned.key).await.map(|it| it.id), Some(second.id));
}

pub async fn payouts_that_may_have_left_the_float_are_claims_on_it(store: &dyn Store) {
    let claims =
        async |since| commit(store, async |uow| uow.float_claims(since).await.expect(WORKS)).await;
    let order = order(store).await;
    insert_as(store, extra(order, "another"), DisbursementState::Accepted).await;
    let fresh = payout(order, fiat("10"), 1);
    insert(store, &fresh).await;
    assert_eq!(claims(NOW).await, 0, "a refund is paid from elsewhere, and nothing is sent yet");
    for state in DisbursementState::ALL.into_iter().filter(|it| *it != DisbursementState::Created) {
        let payout = known(fresh.clone(), state);
        save(store, &payout).await;
        let (is_under_way, is_paid) = (state.is_under_way(), state == DisbursementState::Paid);
        let sent = payout.sent_at.expect("a date");
        let cents = |is_claim: bool| if is_claim { 1_000 } else { 0 };
        let before = claims(sent.saturating_sub(time::Duration::SECOND)).await;
        assert_eq!(before, cents(is_under_way || is_paid), "{state:?}");
        assert_eq!(claims(sent).await, cents(is_under_way), "{state:?}: what is told later knows");
    }
}

/// One receipt, one refund, whatever asks for it.
pub async fn a_receipt_is_refunded_once(store: &dyn Store) {
    let order = order(store).await;
    let whole = refund(order, fiat("10"), 1);
    let alone = extra(order, RECEIPT);
    commit(store, async |uow| {
        uow.enqueue(order, &[effect_of(&alone)], NOW).await.expect(WORKS);
    })
    .await;
    insert_as(store, whole.clone(), DisbursementState::Accepted).await;
    assert_rejected(store, &alone).await;
    save(store, &known(whole, DisbursementState::FailedConfirmed)).await;
    insert(store, &alone).await;
}

pub async fn a_disbursement_of_no_order_or_effect_is_rejected(store: &dyn Store) {
    let order = order(store).await;
    assert_rejected(store, &payout(order, fiat("10"), 1)).await;
    assert_rejected(store, &payout(OrderId(stranger()), fiat("10"), 1)).await;
}
