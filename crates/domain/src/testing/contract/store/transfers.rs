//! Coin going out: what is planned and signed stays, and at most one signature of it is alive.

use super::stage::{WORKS, commit, place_sample, seed};
use crate::address::Network::{Ethereum, Tron};
use crate::chain::transfer::{AttemptState, Plan, Purpose, TransferState, Wallet};
use crate::chain::{Attempt, Transfer, Value};
use crate::order::{DepositId, Effect, Order, RefundOf};
use crate::ports::{Store, StoreError};
use crate::testing::contract::chain_samples::{
    HOT, after, attempt, deliver_effect, delivery, known, plan, sweep_effect,
};
use crate::testing::samples::{self, NOW, crypto};

async fn order(store: &dyn Store) -> Order {
    seed(store).await;
    place_sample(store, &samples::place_sell(), 1).await
}

async fn ask_for(store: &dyn Store, order: &Order, effect: &Effect) {
    let effects = std::slice::from_ref(effect);
    commit(store, async |uow| uow.enqueue(order.id, effects, NOW).await.expect(WORKS)).await;
}

async fn save(store: &dyn Store, transfer: &Transfer) {
    commit(store, async |uow| {
        uow.lock_transfer(&transfer.plan.key).await.expect(WORKS);
        uow.save_transfer(transfer).await.expect(WORKS);
    })
    .await;
}

async fn stored(store: &dyn Store, key: &str) -> Option<Transfer> {
    commit(store, async |uow| uow.lock_transfer(key).await.expect(WORKS)).await
}

/// The order's delivery, asked for and planned.
async fn planned(store: &dyn Store) -> Transfer {
    let order = order(store).await;
    let (effect, transfer) = delivery(&order);
    ask_for(store, &order, &effect).await;
    commit(store, async |uow| uow.insert_transfer(&transfer).await.expect(WORKS)).await;
    transfer
}

fn with(transfer: &Transfer, attempts: Vec<Attempt>, state: TransferState) -> Transfer {
    Transfer { attempts, state, updated_at: after(60), ..transfer.clone() }
}

fn in_flight(transfer: &Transfer, attempts: Vec<Attempt>) -> Transfer {
    with(transfer, attempts, TransferState::InFlight)
}

async fn assert_unsaved(store: &dyn Store, transfer: &Transfer) {
    let before = stored(store, &transfer.plan.key).await;
    let mut uow = store.begin().await.expect(WORKS);
    let saved = uow.save_transfer(transfer).await;
    assert!(matches!(saved, Err(StoreError::Rejected(_))), "{saved:?}: {transfer:?}");
    uow.rollback().await.expect(WORKS);
    assert_eq!(stored(store, &transfer.plan.key).await, before);
}

async fn assert_unplanned(store: &dyn Store, plan: Plan) {
    let mut uow = store.begin().await.expect(WORKS);
    let inserted = uow.insert_transfer(&Transfer::planned(plan.clone(), NOW)).await;
    assert!(matches!(inserted, Err(StoreError::Rejected(_))), "{inserted:?}: {plan:?}");
}

pub async fn every_purpose_of_a_transfer_comes_back(store: &dyn Store) {
    let order = order(store).await;
    let (network, asset) = (order.wallet.network(), order.asset);
    let (to, amount) = (order.wallet.as_str().to_owned(), crypto("0.000001"));
    let escrow = order.escrow.as_ref().expect("an off-ramp order has one");
    let refund = |refund| Effect::RefundCrypto { refund, network, asset, to: to.clone(), amount };
    let effects = [
        deliver_effect(&order, crypto("799.99")),
        refund(RefundOf::Order),
        refund(RefundOf::Extra("tx-1:0".into())),
        sweep_effect(&order, asset, crypto("999999999"), 0),
        Effect::FundGas { network, to: to.clone(), units: u64::MAX, round: "a".into() },
        Effect::ReturnNative {
            arrival: DepositId { network, tx_hash: "tx-9".into(), ordinal: 0 },
            index: escrow.index,
            from: escrow.address.as_str().to_owned(),
            to: to.clone(),
            units: 500_000_000,
        },
    ];
    for effect in effects {
        ask_for(store, &order, &effect).await;
        let fresh = Transfer::planned(plan(&order, &effect), NOW);
        commit(store, async |uow| uow.insert_transfer(&fresh).await.expect(WORKS)).await;
        assert_eq!(stored(store, &fresh.plan.key).await, Some(fresh));
    }
    assert_eq!(stored(store, "unknown").await, None);
}

pub async fn every_state_of_an_attempt_comes_back(store: &dyn Store) {
    let transfer = planned(store).await;
    let mut attempts = Vec::new();
    let ends = [AttemptState::Failed, AttemptState::Dead, AttemptState::Done];
    let ways = [
        vec![AttemptState::Signed, AttemptState::Sent, AttemptState::Failed],
        vec![AttemptState::Signed, AttemptState::Dead],
        vec![AttemptState::Sent, AttemptState::Included, AttemptState::Sent, AttemptState::Done],
    ];
    for (generation, way) in (1..).zip(ways) {
        let sequence = u64::try_from(generation).unwrap_or(0);
        for state in way {
            let mut all = attempts.clone();
            all.push(known(attempt(generation, 0, sequence), state));
            let is = match state {
                AttemptState::Done => TransferState::Done,
                AttemptState::Failed | AttemptState::Dead => TransferState::Planned,
                AttemptState::Signed | AttemptState::Sent | AttemptState::Included => {
                    TransferState::InFlight
                }
            };
            let moved = Transfer { reviewed: true, ..with(&transfer, all.clone(), is) };
            save(store, &moved).await;
            assert_eq!(stored(store, &transfer.plan.key).await, Some(moved), "{state:?}");
            if ends.contains(&state) {
                attempts = all;
            }
        }
    }
    assert_eq!(attempts.len(), 3);
}

pub async fn a_transfer_is_planned_once(store: &dyn Store) {
    let transfer = planned(store).await;
    assert_unplanned(store, transfer.plan.clone()).await;
    let order_id = transfer.plan.order_id;
    let look = Effect::OpenReview { kind: crate::order::ReviewKind::Held, cause: "a case".into() };
    let key = look.idempotency_key(order_id);
    commit(store, async |uow| uow.enqueue(order_id, &[look], NOW).await.expect(WORKS)).await;
    let second = Plan { key, ..transfer.plan };
    assert_unplanned(store, second.clone()).await;
    let purpose = Purpose::Refund { refund: RefundOf::Order };
    let other = Transfer::planned(Plan { purpose, ..second }, NOW);
    commit(store, async |uow| uow.insert_transfer(&other).await.expect(WORKS)).await;
}

pub async fn a_transfer_is_of_an_order_an_effect_and_one_kind(store: &dyn Store) {
    let order = order(store).await;
    let (effect, Transfer { plan, .. }) = delivery(&order);
    assert_unplanned(store, plan.clone()).await;
    ask_for(store, &order, &effect).await;
    let coin = |amount| Value::Coin { asset: order.asset, amount };
    let sweep = Plan { purpose: Purpose::Sweep, ..plan.clone() };
    let plans = [
        Plan { order_id: crate::ids::OrderId(uuid::Uuid::nil()), ..plan.clone() },
        Plan { value: Value::Native { units: 1 }, ..plan.clone() },
        Plan { value: coin(crypto("0")), ..plan.clone() },
        Plan { value: coin(crypto("0.00000001")), ..plan.clone() },
        Plan { wallet: Wallet::Escrow(1), ..plan.clone() },
        Plan { purpose: Purpose::Gas, ..plan.clone() },
        sweep.clone(),
        Plan { wallet: Wallet::Escrow(404), ..sweep },
    ];
    for plan in plans {
        assert_unplanned(store, plan).await;
    }
}

pub async fn a_transfer_is_stored_with_its_first_signature(store: &dyn Store) {
    let order = order(store).await;
    let (effect, transfer) = delivery(&order);
    ask_for(store, &order, &effect).await;
    let signed = in_flight(&transfer, vec![attempt(1, 0, 7)]);
    commit(store, async |uow| {
        uow.insert_transfer(&signed).await.expect(WORKS);
        uow.save_transfer(&signed).await.expect(WORKS);
    })
    .await;
    assert_eq!(stored(store, &signed.plan.key).await, Some(signed));
}

pub async fn an_unknown_transfer_cannot_be_saved(store: &dyn Store) {
    let order = order(store).await;
    let (_, unknown) = delivery(&order);
    let mut uow = store.begin().await.expect(WORKS);
    let saved = uow.save_transfer(&unknown).await;
    assert!(matches!(saved, Err(StoreError::Conflict(_))), "{saved:?}");
}

pub async fn variants_of_a_nonce_live_side_by_side(store: &dyn Store) {
    let transfer = planned(store).await;
    let bumped = vec![
        known(attempt(1, 0, 8), AttemptState::Sent),
        known(attempt(1, 1, 8), AttemptState::Sent),
        attempt(1, 2, 8),
    ];
    let moved = in_flight(&transfer, bumped.clone());
    save(store, &moved).await;
    assert_eq!(stored(store, &transfer.plan.key).await, Some(moved));
    let found = commit(store, async |uow| uow.find_attempts(Tron, HOT, 8).await.expect(WORKS));
    assert_eq!(found.await, bumped);
    let none = commit(store, async |uow| {
        let mut none = uow.find_attempts(Tron, HOT, 9).await.expect(WORKS);
        none.extend(uow.find_attempts(Ethereum, HOT, 8).await.expect(WORKS));
        none.extend(uow.find_attempts(Tron, "T-other", 8).await.expect(WORKS));
        none
    });
    assert_eq!(none.await, []);
}

pub async fn a_variant_keeps_its_nonce_and_its_place(store: &dyn Store) {
    let transfer = planned(store).await;
    save(store, &in_flight(&transfer, vec![attempt(1, 0, 8)])).await;
    for wrong in [attempt(1, 1, 9), attempt(1, 2, 8), attempt(2, 1, 8)] {
        assert_unsaved(store, &in_flight(&transfer, vec![attempt(1, 0, 8), wrong])).await;
    }
    let dead = known(attempt(1, 0, 8), AttemptState::Dead);
    save(store, &with(&transfer, vec![dead.clone()], TransferState::Planned)).await;
    assert_unsaved(store, &in_flight(&transfer, vec![dead, attempt(1, 1, 8)])).await;
}

pub async fn a_generation_needs_the_death_of_those_before(store: &dyn Store) {
    let transfer = planned(store).await;
    assert_unsaved(store, &in_flight(&transfer, vec![attempt(2, 0, 7)])).await;
    for living in [AttemptState::Signed, AttemptState::Sent, AttemptState::Included] {
        let living = known(attempt(1, 0, 7), living);
        save(store, &in_flight(&transfer, vec![living.clone()])).await;
        assert_unsaved(store, &in_flight(&transfer, vec![living, attempt(2, 0, 9)])).await;
    }
    let dead = known(attempt(1, 0, 7), AttemptState::Dead);
    let second = in_flight(&transfer, vec![dead.clone(), attempt(2, 0, 9)]);
    save(store, &second).await;
    assert_eq!(stored(store, &transfer.plan.key).await, Some(second));
    let done = known(attempt(2, 0, 9), AttemptState::Done);
    save(store, &with(&transfer, vec![dead.clone(), done.clone()], TransferState::Done)).await;
    let third = vec![dead, done, attempt(3, 0, 11)];
    assert_unsaved(store, &with(&transfer, third, TransferState::Done)).await;
}

pub async fn what_has_ended_stays_ended(store: &dyn Store) {
    let transfer = planned(store).await;
    let dead = known(attempt(1, 0, 7), AttemptState::Dead);
    save(store, &in_flight(&transfer, vec![attempt(1, 0, 7)])).await;
    save(store, &with(&transfer, vec![dead.clone()], TransferState::Planned)).await;
    for again in [AttemptState::Sent, AttemptState::Included] {
        let again = known(attempt(1, 0, 7), again);
        assert_unsaved(store, &in_flight(&transfer, vec![again])).await;
    }
    let forgotten = Attempt { sends: 9, ..dead.clone() };
    assert_unsaved(store, &with(&transfer, vec![forgotten], TransferState::Planned)).await;
    save(store, &with(&transfer, vec![dead.clone()], TransferState::Failed)).await;
    assert_unsaved(store, &with(&transfer, vec![dead], TransferState::Planned)).await;
}

pub async fn what_was_sent_is_not_unsent(store: &dyn Store) {
    let transfer = planned(store).await;
    let sent = known(attempt(1, 0, 7), AttemptState::Sent);
    save(store, &in_flight(&transfer, vec![sent])).await;
    assert_unsaved(store, &in_flight(&transfer, vec![attempt(1, 0, 7)])).await;
}

pub async fn a_transfer_stands_where_its_attempts_stand(store: &dyn Store) {
    use TransferState as T;
    let transfer = planned(store).await;
    for state in [T::InFlight, T::Done] {
        assert_unsaved(store, &with(&transfer, vec![], state)).await;
    }
    let sent = vec![known(attempt(1, 0, 7), AttemptState::Sent)];
    save(store, &in_flight(&transfer, sent.clone())).await;
    for state in [T::Planned, T::Failed, T::Done] {
        assert_unsaved(store, &with(&transfer, sent.clone(), state)).await;
    }
    let dead = vec![known(attempt(1, 0, 7), AttemptState::Dead)];
    assert_unsaved(store, &with(&transfer, dead.clone(), T::Done)).await;
    save(store, &with(&transfer, dead, T::Failed)).await;
}

pub async fn an_attempt_tells_what_its_state_means(store: &dyn Store) {
    let transfer = planned(store).await;
    let sent = known(attempt(1, 0, 7), AttemptState::Sent);
    let end = |state| known(attempt(1, 0, 7), state);
    let incomplete = [
        Attempt { sends: 1, ..attempt(1, 0, 7) },
        Attempt { last_sent_at: None, ..sent.clone() },
        Attempt { death: end(AttemptState::Dead).death, ..sent },
        Attempt { included: None, ..end(AttemptState::Included) },
        Attempt { fee: None, ..end(AttemptState::Done) },
        Attempt { death: None, ..end(AttemptState::Failed) },
        Attempt { death: None, ..end(AttemptState::Dead) },
    ];
    for attempt in incomplete {
        let state = if attempt.state.is_live() { TransferState::InFlight } else { transfer.state };
        assert_unsaved(store, &with(&transfer, vec![attempt], state)).await;
    }
}

pub async fn a_transaction_is_signed_for_one_transfer(store: &dyn Store) {
    let order = order(store).await;
    let (effect, first) = delivery(&order);
    let sweep = sweep_effect(&order, order.asset, crypto("1"), 0);
    let gas = Effect::FundGas {
        network: order.wallet.network(),
        to: "T".into(),
        units: 1,
        round: "a".into(),
    };
    let [second, third] = [&sweep, &gas].map(|effect| Transfer::planned(plan(&order, effect), NOW));
    commit(store, async |uow| {
        uow.enqueue(order.id, &[effect, sweep, gas], NOW).await.expect(WORKS);
        for transfer in [&first, &second, &third] {
            uow.insert_transfer(transfer).await.expect(WORKS);
        }
    })
    .await;
    save(store, &in_flight(&first, vec![attempt(1, 0, 7)])).await;
    assert_unsaved(store, &in_flight(&second, vec![attempt(1, 0, 7)])).await;
    let named = |name: &str, sequence| {
        let mut other = attempt(1, 0, sequence);
        name.clone_into(&mut other.signed.tx_hash);
        other
    };
    assert_unsaved(store, &in_flight(&third, vec![named("tx-other", 7)])).await;
    save(store, &in_flight(&second, vec![named("tx-other", 7)])).await;
    save(store, &in_flight(&third, vec![attempt(1, 0, 9)])).await;
    let found = commit(store, async |uow| uow.find_attempts(Tron, HOT, 7).await.expect(WORKS));
    assert_eq!(found.await, [attempt(1, 0, 7)], "of the address only");
}

pub async fn what_was_signed_never_changes(store: &dyn Store) {
    let transfer = planned(store).await;
    save(store, &in_flight(&transfer, vec![attempt(1, 0, 7)])).await;
    assert_unsaved(store, &in_flight(&transfer, vec![attempt(1, 0, 9)])).await;
    let moved = Plan { to: "T-thief".into(), ..transfer.plan.clone() };
    let moved = Transfer { plan: moved, ..in_flight(&transfer, vec![attempt(1, 0, 7)]) };
    save(store, &moved).await;
    let known = stored(store, &transfer.plan.key).await.expect("it was planned");
    assert_eq!(known.plan, transfer.plan);
}
