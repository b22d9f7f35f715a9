//! The outbox: what was decided, once, in the order in which it was decided.

use super::stage::{WORKS, commit, place_sample, seed};
use crate::address::Network;
use crate::ids::{CollectionId, OrderId};
use crate::offer::Asset;
use crate::order::{Effect, RefundOf, ReviewKind};
use crate::ports::{OutboxRow, Store};
use crate::testing::samples::{self, NOW, crypto, fiat, phone};

fn one_of_each() -> Vec<Effect> {
    let collection = CollectionId(uuid::Uuid::from_u128(1));
    let (network, asset, to) = (Network::Tron, Asset::Usdt, samples::TRON_WALLET.to_owned());
    vec![
        Effect::RequestCollection { collection, phone: phone(), amount: fiat("175200") },
        Effect::Deliver { network, asset, to: to.clone(), amount: crypto("1199.999999") },
        Effect::PayOut { phone: phone(), amount: fiat("112798") },
        Effect::RefundFiat {
            refund: RefundOf::Extra("NLJ7RT61SV".into()),
            phone: phone(),
            amount: fiat("10.50"),
            receipt: "NLJ7RT61SV".into(),
        },
        Effect::RefundCrypto { refund: RefundOf::Order, network, asset, to, amount: crypto("1") },
        Effect::OpenReview { kind: ReviewKind::FactOnHold, cause: "payment_confirmed:X".into() },
    ]
}

fn rows(order_id: OrderId, effects: Vec<Effect>) -> Vec<OutboxRow> {
    let row = |effect: Effect| {
        let idempotency_key = effect.idempotency_key(order_id);
        OutboxRow { order_id, effect, idempotency_key }
    };
    effects.into_iter().map(row).collect()
}

async fn enqueue(store: &dyn Store, order: OrderId, effects: &[Effect]) {
    commit(store, async |uow| {
        uow.enqueue(order, effects, NOW).await.expect(WORKS);
    })
    .await;
}

async fn pending(store: &dyn Store, order: OrderId) -> Vec<OutboxRow> {
    commit(store, async |uow| uow.pending_effects(order).await.expect(WORKS)).await
}

pub async fn every_kind_of_effect_comes_back_in_the_order_asked_for(store: &dyn Store) {
    seed(store).await;
    let order = place_sample(store, &samples::place_buy(), 1).await;
    assert_eq!(pending(store, order.id).await, []);
    let (first, rest) = (&one_of_each()[..1], &one_of_each()[1..]);
    enqueue(store, order.id, &[]).await;
    enqueue(store, order.id, first).await;
    enqueue(store, order.id, rest).await;
    assert_eq!(pending(store, order.id).await, rows(order.id, one_of_each()));
}

pub async fn the_same_effect_is_kept_once(store: &dyn Store) {
    seed(store).await;
    let order = place_sample(store, &samples::place_buy(), 1).await;
    let pay_out = |amount: &str| Effect::PayOut { phone: phone(), amount: fiat(amount) };
    commit(store, async |uow| {
        uow.enqueue(order.id, &[pay_out("100"), pay_out("100")], NOW).await.expect(WORKS);
        uow.enqueue(order.id, &[pay_out("200")], NOW).await.expect(WORKS);
    })
    .await;
    enqueue(store, order.id, &[pay_out("300")]).await;
    let kept = rows(order.id, vec![pay_out("100")]);
    assert_eq!(pending(store, order.id).await, kept, "as it was first decided");
}

pub async fn effects_belong_to_their_order(store: &dyn Store) {
    seed(store).await;
    let one = place_sample(store, &samples::place_buy(), 1).await;
    let other = place_sample(store, &samples::place_buy(), 2).await;
    for order in [&one, &other] {
        enqueue(store, order.id, &one_of_each()).await;
    }
    for order in [one, other] {
        assert_eq!(pending(store, order.id).await, rows(order.id, one_of_each()));
    }
}
