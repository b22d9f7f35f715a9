//! Idempotency keys of placements: one order per key, and the answer that it got.

use futures_util::future::join_all;

use super::stage::{WORKS, balance, place, seed, stored};
use crate::placement::{IdempotencyClaim, Placed, Placement};
use crate::ports::{ClaimOutcome, Store};
use crate::testing::samples::{self, CUSTOMER, SELL_OFFER, SELLER, answer, claim, crypto};

fn with_key(claim: IdempotencyClaim, entropy: u64) -> Placement {
    let body = format!("{{\"n\": {entropy},\n \"text\":\"žluťoučký 🐎 \\u0041\"}}");
    let claim = Some((claim, answer(&body)));
    Placement { claim, ..samples::placement(&samples::place_buy(), entropy) }
}

pub async fn a_key_places_one_order_however_many_ask_at_once(store: &dyn Store) {
    seed(store).await;
    let placements: Vec<_> =
        (1..=8).map(|entropy| with_key(claim(CUSTOMER, "key", 1), entropy)).collect();
    let outcomes = join_all(placements.iter().map(|placement| store.place(placement))).await;
    let outcomes: Vec<_> = outcomes.into_iter().map(|outcome| outcome.expect(WORKS)).collect();
    let done: Vec<_> =
        placements.iter().zip(&outcomes).filter(|(_, is)| **is == Placed::Done).collect();
    let [(winner, _)] = done[..] else { panic!("one is done: {outcomes:?}") };
    assert_eq!(outcomes.iter().filter(|is| **is == Placed::KeyTaken).count(), 7, "{outcomes:?}");
    assert_eq!(balance(store, SELL_OFFER).await, (crypto("5000"), crypto("1200")));
    let (key, given) = winner.claim.clone().expect("it came with a key");
    let found = store.find_answer(&key).await.expect(WORKS);
    assert_eq!(found, Some(ClaimOutcome::Replay(given)), "the winner's answer");
}

pub async fn a_taken_key_is_told_before_anything_else_and_holds_nothing(store: &dyn Store) {
    seed(store).await;
    place(store, &with_key(claim(CUSTOMER, "key", 1), 1)).await;
    let again = with_key(claim(CUSTOMER, "key", 1), 2);
    let another_request = with_key(claim(CUSTOMER, "key", 2), 2);
    let stale_besides = Placement { terms_version: 9, ..again.clone() };
    for taken in [again, another_request, stale_besides] {
        assert_eq!(store.place(&taken).await.expect(WORKS), Placed::KeyTaken);
        assert_eq!(stored(store, taken.order.id).await, None);
        assert_eq!(balance(store, SELL_OFFER).await, (crypto("5000"), crypto("1200")));
    }
}

pub async fn a_stale_placement_leaves_its_key_free(store: &dyn Store) {
    seed(store).await;
    let fresh = with_key(claim(CUSTOMER, "key", 1), 1);
    let stale = Placement { terms_version: 9, ..fresh.clone() };
    assert_eq!(store.place(&stale).await.expect(WORKS), Placed::Stale);
    assert_eq!(store.find_answer(&claim(CUSTOMER, "key", 1)).await.expect(WORKS), None);
    place(store, &fresh).await;
}

pub async fn an_answer_is_replayed_to_its_own_request_only(store: &dyn Store) {
    seed(store).await;
    let placement = with_key(claim(CUSTOMER, "key", 1), 1);
    place(store, &placement).await;
    let given = placement.claim.map(|(_, answer)| ClaimOutcome::Replay(answer));
    let same = store.find_answer(&claim(CUSTOMER, "key", 1)).await.expect(WORKS);
    assert_eq!(same, given, "byte for byte");
    let other = store.find_answer(&claim(CUSTOMER, "key", 2)).await.expect(WORKS);
    assert_eq!(other, Some(ClaimOutcome::Reused));
}

pub async fn an_unknown_key_has_no_answer(store: &dyn Store) {
    seed(store).await;
    place(store, &with_key(claim(CUSTOMER, "key", 1), 1)).await;
    for unknown in [claim(CUSTOMER, "KEY", 1), claim(CUSTOMER, "", 1), claim(SELLER, "key", 1)] {
        assert_eq!(store.find_answer(&unknown).await.expect(WORKS), None, "{unknown:?}");
    }
}

pub async fn two_callers_may_use_the_same_key(store: &dyn Store) {
    seed(store).await;
    let placements = [with_key(claim(CUSTOMER, "key", 1), 1), with_key(claim(SELLER, "key", 2), 2)];
    for placement in &placements {
        place(store, placement).await;
    }
    for placement in placements {
        let (key, given) = placement.claim.expect("it came with a key");
        let found = store.find_answer(&key).await.expect(WORKS);
        assert_eq!(found, Some(ClaimOutcome::Replay(given)));
    }
}
