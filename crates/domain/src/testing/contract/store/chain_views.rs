//! What the chain rail's workers begin with: deadlines, coin to be gathered, and the stock.

use super::stage::{WORKS, commit, place, place_sample, save_as, seed};
use crate::address::Network::{Ethereum, Tron};
use crate::chain::transfer::{AttemptState, TransferState};
use crate::chain::{Sighting, Transfer};
use crate::ids::OrderId;
use crate::ledger::{Account, AccountKey, Balances, Entry, LedgerAsset};
use crate::money::Crypto;
use crate::offer::Asset;
use crate::order::{CancelReason, Effect, HoldReason, Order, OrderState};
use crate::ports::{HotBooks, JobEnd, OverdueDeposit, Store};
use crate::testing::contract::chain_samples::{
    after, attempt, delivery, known, plan, sighting, sweep_effect,
};
use crate::testing::samples::{self, NOW, crypto};

/// Places a small off-ramp order whose deadline is `seconds` ahead.
async fn off_ramp(store: &dyn Store, entropy: u64, seconds: i64) -> Order {
    let order = samples::order(&samples::place_sell(), entropy);
    let order = Order { crypto: crypto("1"), expires_at: after(seconds), ..order };
    place(store, &samples::placement_of(order)).await
}

/// Coin arrives and everybody is told.
async fn receive(store: &dyn Store, sightings: &[Sighting], finality: u64) {
    commit(store, async |uow| {
        uow.note_sightings(Tron, sightings, finality, NOW).await.expect(WORKS);
        for sighting in sightings {
            let arrival = uow.lock_arrival(&sighting.id).await.expect(WORKS).expect("it was noted");
            uow.settle_arrival(&arrival).await.expect(WORKS);
        }
    })
    .await;
}

async fn cancel(store: &dyn Store, order: &Order) {
    save_as(store, order, OrderState::Cancelled { reason: CancelReason::ByCustomer }).await;
}

async fn ask_for(store: &dyn Store, order: &Order, effect: &Effect) -> Transfer {
    let transfer = Transfer::planned(plan(order, effect), NOW);
    let effects = std::slice::from_ref(effect);
    commit(store, async |uow| {
        uow.enqueue(order.id, effects, NOW).await.expect(WORKS);
        uow.insert_transfer(&transfer).await.expect(WORKS);
    })
    .await;
    transfer
}

/// Does the transfer and its job, under a sequence of its own.
async fn carry_out(store: &dyn Store, transfer: &Transfer, sequence: u64) {
    let fresh = attempt(1, 0, sequence);
    let signed = |state, attempt| Transfer {
        attempts: vec![attempt],
        state,
        updated_at: after(60),
        ..transfer.clone()
    };
    commit(store, async |uow| {
        let flying = signed(TransferState::InFlight, fresh.clone());
        uow.save_transfer(&flying).await.expect(WORKS);
        let done = signed(TransferState::Done, known(fresh, AttemptState::Done));
        uow.save_transfer(&done).await.expect(WORKS);
        let lease = time::Duration::MINUTE;
        let job = uow.take_job(&transfer.plan.key, NOW, lease).await.expect(WORKS).expect("a job");
        assert!(uow.end_job(&job, JobEnd::Done, None, NOW).await.expect(WORKS));
    })
    .await;
}

async fn overdue(store: &dyn Store, seconds: i64) -> Vec<OverdueDeposit> {
    store.overdue_deposits(Tron, after(seconds), None, 100).await.expect(WORKS)
}

async fn overdue_ids(store: &dyn Store, seconds: i64) -> Vec<OrderId> {
    overdue(store, seconds).await.iter().map(|due| due.order_id).collect()
}

async fn sweepable(store: &dyn Store, least: &str) -> Vec<(OrderId, Asset, Crypto, u32)> {
    let found = store.sweepable(Tron, crypto(least), 100).await.expect(WORKS);
    found.into_iter().map(|it| (it.order_id, it.asset, it.amount, it.rounds)).collect()
}

pub async fn addresses_of_ours_are_known(store: &dyn Store) {
    seed(store).await;
    let order = place_sample(store, &samples::place_sell(), 7).await;
    let ours = order.escrow.expect("an off-ramp order").address.as_str().to_owned();
    let mut asked: Vec<_> = (0..10_000).map(|number| format!("T-stranger-{number}")).collect();
    asked.extend([ours.clone(), "T-other".to_owned(), ours.clone()]);
    let found = store.ours(Tron, &asked).await.expect(WORKS);
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [ours]);
    assert!(store.ours(Ethereum, &asked).await.expect(WORKS).is_empty());
    assert!(store.ours(Tron, &[]).await.expect(WORKS).is_empty());
}

pub async fn overdue_deposits_come_oldest_deadline_first(store: &dyn Store) {
    seed(store).await;
    let second = off_ramp(store, 1, 20).await;
    let first = off_ramp(store, 2, 10).await;
    place_sample(store, &samples::place_buy(), 3).await;
    assert_eq!(overdue(store, 10).await, [], "the deadline itself is in time");
    assert_eq!(overdue_ids(store, 11).await, [first.id]);
    assert_eq!(overdue_ids(store, 9_000).await, [first.id, second.id]);
    let mut last = None;
    for expected in [Some(first.id), Some(second.id), None] {
        let page = store.overdue_deposits(Tron, after(9_000), last, 1).await.expect(WORKS);
        assert_eq!(page.first().map(|due| due.order_id), expected, "one by one");
        last = page.first().map(OverdueDeposit::place);
    }
    assert_eq!(store.overdue_deposits(Ethereum, after(9_000), None, 9).await.expect(WORKS), []);
    let held = OrderState::OnHold {
        was: Box::new(OrderState::AwaitingDeposit),
        reason: HoldReason::ByOperator,
    };
    save_as(store, &first, held).await;
    cancel(store, &second).await;
    assert_eq!(overdue(store, 9_000).await, [], "only those that wait");
}

pub async fn an_overdue_deposit_tells_what_its_address_holds(store: &dyn Store) {
    seed(store).await;
    let order = off_ramp(store, 1, 10).await;
    let coin = |tx: &str, height, amount| sighting(&order, tx, height, crypto(amount));
    let other = Sighting { asset: Some(Asset::Usdc), ..coin("tx-3", 5, "4") };
    let strange = Sighting { asset: None, amount: None, ..coin("tx-4", 5, "8") };
    let arrived = [coin("tx-1", 5, "0.25"), coin("tx-2", 6, "0.5"), other, strange];
    receive(store, &arrived, 5).await;
    let due = |held| OverdueDeposit {
        order_id: order.id,
        expires_at: order.expires_at,
        asset: order.asset,
        address: "T-escrow-1".into(),
        held: crypto(held),
    };
    assert_eq!(overdue(store, 11).await, [due("0.25")], "final, and of the order's coin");
    let sweep = ask_for(store, &order, &sweep_effect(&order, order.asset, crypto("0.2"), 0)).await;
    assert_eq!(overdue(store, 11).await, [due("0.25")], "until it is swept");
    carry_out(store, &sweep, 7).await;
    assert_eq!(overdue(store, 11).await, [due("0.05")]);
}

pub async fn an_order_with_something_untold_is_not_overdue(store: &dyn Store) {
    seed(store).await;
    let order = off_ramp(store, 1, 10).await;
    let deposit = sighting(&order, "tx-1", 5, crypto("0.25"));
    commit(store, async |uow| {
        uow.note_sightings(Tron, std::slice::from_ref(&deposit), 5, NOW).await.expect(WORKS);
        uow.put_off_arrival(&deposit.id, after(9_000)).await.expect(WORKS);
    })
    .await;
    assert_eq!(overdue(store, 11).await, [], "put off or not");
    receive(store, &[deposit], 5).await;
    assert_eq!(overdue_ids(store, 11).await, [order.id]);
}

pub async fn coin_of_ended_orders_is_sweepable(store: &dyn Store) {
    use OrderState as S;
    seed(store).await;
    let states = [
        (S::Completed, true),
        (S::Cancelled { reason: CancelReason::Expired }, true),
        (S::Refunded { reason: crate::order::RefundReason::PayoutFailed }, true),
        (S::Refunding { reason: crate::order::RefundReason::PayoutFailed }, false),
        (S::PayingOut, false),
        (S::AwaitingDeposit, false),
    ];
    let mut expected = Vec::new();
    for (entropy, (state, is_over)) in (1..).zip(states) {
        let order = off_ramp(store, entropy, 10).await;
        let coin = sighting(&order, &format!("tx-{entropy}"), 5, crypto("2"));
        receive(store, &[coin], 5).await;
        if state != S::AwaitingDeposit {
            save_as(store, &order, state).await;
        }
        expected.extend(is_over.then_some((order.id, order.asset, crypto("2"), 0)));
    }
    assert_eq!(sweepable(store, "0").await, expected);
    assert_eq!(store.sweepable(Ethereum, Crypto::ZERO, 9).await.expect(WORKS), []);
    let two = store.sweepable(Tron, crypto("2"), 2).await.expect(WORKS);
    assert_eq!(two.len(), 2);
    let first = two.into_iter().next().expect("one of three");
    let is = (first.index, first.address.as_str(), first.order_id);
    assert_eq!(is, (1, "T-escrow-1", expected[0].0));
}

pub async fn every_coin_that_we_know_is_sweepable_if_it_is_enough(store: &dyn Store) {
    seed(store).await;
    let order = off_ramp(store, 1, 10).await;
    let coin = |tx: &str, amount| sighting(&order, tx, 5, crypto(amount));
    let other = Sighting { asset: Some(Asset::Usdc), ..coin("tx-3", "4") };
    let strange = Sighting { asset: None, amount: None, ..coin("tx-4", "8") };
    let unseen = sighting(&order, "tx-5", 6, crypto("16"));
    let dust = [coin("tx-1", "0.001"), coin("tx-2", "0.002")];
    receive(store, &[other, strange, unseen], 5).await;
    receive(store, &dust, 5).await;
    cancel(store, &order).await;
    let both =
        [(order.id, Asset::Usdt, crypto("0.003"), 0), (order.id, Asset::Usdc, crypto("4"), 0)];
    assert_eq!(sweepable(store, "0.003").await, both);
    assert_eq!(sweepable(store, "0.00300001").await, both[1..]);
    assert_eq!(sweepable(store, "4.1").await, []);
}

pub async fn a_sweep_under_way_is_not_asked_for_again(store: &dyn Store) {
    seed(store).await;
    let order = off_ramp(store, 1, 10).await;
    receive(store, &[sighting(&order, "tx-1", 5, crypto("2"))], 5).await;
    cancel(store, &order).await;
    assert_eq!(sweepable(store, "1").await, [(order.id, order.asset, crypto("2"), 0)]);
    let sweep = sweep_effect(&order, order.asset, crypto("2"), 0);
    commit(store, async |uow| uow.enqueue(order.id, std::slice::from_ref(&sweep), NOW).await)
        .await
        .expect(WORKS);
    assert_eq!(sweepable(store, "1").await, [], "it is asked for");
    let transfer = ask_for(store, &order, &sweep).await;
    assert_eq!(sweepable(store, "1").await, [], "it is planned");
    carry_out(store, &transfer, 7).await;
    assert_eq!(sweepable(store, "0").await, [], "it is done");
    receive(store, &[sighting(&order, "tx-2", 6, crypto("3"))], 6).await;
    assert_eq!(sweepable(store, "1").await, [(order.id, order.asset, crypto("3"), 1)], "late");
}

pub async fn what_a_sweep_left_is_sweepable(store: &dyn Store) {
    seed(store).await;
    let order = off_ramp(store, 1, 10).await;
    receive(store, &[sighting(&order, "tx-1", 5, crypto("2"))], 5).await;
    cancel(store, &order).await;
    for (round, left) in [(0, "1.25"), (1, "0.5")] {
        let effect = sweep_effect(&order, order.asset, crypto("0.75"), round);
        let sweep = ask_for(store, &order, &effect).await;
        carry_out(store, &sweep, u64::from(round)).await;
        let next = round.saturating_add(1);
        assert_eq!(sweepable(store, "0").await, [(order.id, order.asset, crypto(left), next)]);
    }
}

pub async fn coin_that_nobody_was_told_of_is_not_swept(store: &dyn Store) {
    seed(store).await;
    let order = off_ramp(store, 1, 10).await;
    receive(store, &[sighting(&order, "tx-1", 5, crypto("2"))], 5).await;
    cancel(store, &order).await;
    let late = sighting(&order, "tx-2", 6, crypto("3"));
    let late = std::slice::from_ref(&late);
    commit(store, async |uow| uow.note_sightings(Tron, late, 0, NOW).await.expect(WORKS)).await;
    assert_eq!(sweepable(store, "0").await, []);
    receive(store, late, 6).await;
    assert_eq!(sweepable(store, "0").await, [(order.id, order.asset, crypto("5"), 0)]);
}

async fn stock(store: &dyn Store) -> HotBooks {
    store.hot_books(Tron, Asset::Usdt, after(59)).await.expect(WORKS)
}

async fn post(store: &dyn Store, cause: &str, account: Account, asset: LedgerAsset, amount: i64) {
    let key = |account| AccountKey { account, asset, party: None };
    let back = amount.saturating_neg();
    let postings = Balances::from([(key(account), amount), (key(Account::Capital), back)]);
    let entry = Entry { order_id: None, cause: cause.into(), postings, at: NOW };
    commit(store, async |uow| uow.post(&entry).await.expect(WORKS)).await;
}

pub async fn the_stock_is_what_was_posted_to_it(store: &dyn Store) {
    let nothing = HotBooks { minor: 0, is_opened: false, moving: 0 };
    assert_eq!(stock(store).await, nothing);
    for (cause, account, asset, amount) in [
        ("opening:tron:USDC", Account::TronHot, LedgerAsset::Usdc, 1),
        ("opening:ethereum:USDT", Account::EthereumHot, LedgerAsset::Usdt, 2),
        ("escrow", Account::TronEscrow, LedgerAsset::Usdt, 4),
        ("stock", Account::TronHot, LedgerAsset::Usdt, 8),
    ] {
        post(store, cause, account, asset, amount).await;
    }
    assert_eq!(stock(store).await, HotBooks { minor: 8, ..nothing });
    post(store, "opening:tron:USDT", Account::TronHot, LedgerAsset::Usdt, 100).await;
    post(store, "drawn", Account::TronHot, LedgerAsset::Usdt, -9).await;
    assert_eq!(stock(store).await, HotBooks { minor: 99, is_opened: true, moving: 0 });
    let float = super::ledger::float_books(store, NOW).await;
    assert!(!float.is_opened, "the float is another's to open");
}

pub async fn the_stock_moves_while_a_transfer_of_it_is_under_way(store: &dyn Store) {
    seed(store).await;
    let order = off_ramp(store, 1, 10).await;
    let (effect, _) = delivery(&order);
    let transfer = ask_for(store, &order, &effect).await;
    let moving = async || stock(store).await.moving > 0;
    assert!(!moving().await, "what is not signed does not move");
    let flying = Transfer {
        attempts: vec![attempt(1, 0, 7)],
        state: TransferState::InFlight,
        ..transfer.clone()
    };
    commit(store, async |uow| uow.save_transfer(&flying).await.expect(WORKS)).await;
    assert!(moving().await);
    let done = Transfer {
        attempts: vec![known(attempt(1, 0, 7), AttemptState::Done)],
        state: TransferState::Done,
        updated_at: after(60),
        ..transfer
    };
    commit(store, async |uow| uow.save_transfer(&done).await.expect(WORKS)).await;
    assert!(moving().await, "it was settled only just now");
    let later = store.hot_books(Tron, Asset::Usdt, after(60)).await.expect(WORKS);
    let elsewhere = store.hot_books(Ethereum, Asset::Usdt, NOW).await.expect(WORKS);
    let other = store.hot_books(Tron, Asset::Usdc, NOW).await.expect(WORKS);
    assert_eq!((later.moving, elsewhere.moving, other.moving), (0, 0, 0));
}
