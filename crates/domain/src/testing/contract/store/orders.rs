//! Orders under lock, their history, and the view of one order.

use super::stage::{WORKS, commit, offer, place, place_sample, save_as, seed, stored};
use crate::access::Visibility;
use crate::address::Network;
use crate::ids::{CollectionId, OrderId};
use crate::offer::Offer;
use crate::order::{
    CancelReason, CollectionRefs, Delivery, Deposit, DepositId, DepositStage, Evidence, HoldReason,
    Order, OrderState, Payment, Payout, RefundReason,
};
use crate::ports::{OrderDetails, Store, StoreError};
use crate::testing::samples::{
    self, BUYING_VENDOR, CUSTOMER, NOW, SELL_OFFER, SELLER, VENDOR, crypto, fiat,
};

const COLLECTION: CollectionId = CollectionId(uuid::Uuid::from_u128(0xC0));

fn on_hold(was: OrderState, reason: HoldReason) -> OrderState {
    OrderState::OnHold { was: Box::new(was), reason }
}

/// Every state that an on-ramp order can be in.
fn on_ramp_states() -> Vec<OrderState> {
    use OrderState as S;
    let in_flight = S::AwaitingPayment { collection: Some(COLLECTION) };
    vec![
        in_flight.clone(),
        S::AwaitingPayment { collection: None },
        on_hold(in_flight, HoldReason::WrongAmount),
        S::Delivering,
        S::DeliveryConfirming,
        S::Refunding { reason: RefundReason::DeliveryFailed },
        on_hold(S::Refunding { reason: RefundReason::DeliveryFailed }, HoldReason::RefundFailed),
        S::Refunded { reason: RefundReason::DeliveryFailed },
        S::Completed,
    ]
}

/// Every state that an off-ramp order can be in.
fn off_ramp_states() -> Vec<OrderState> {
    use OrderState as S;
    vec![
        S::DepositConfirming,
        S::AwaitingDeposit,
        S::PayingOut,
        on_hold(S::PayingOut, HoldReason::PayoutBlocked),
        on_hold(S::Completed, HoldReason::ByOperator),
        S::Refunding { reason: RefundReason::Underpaid },
        S::Refunded { reason: RefundReason::Underpaid },
        S::Completed,
    ]
}

async fn assert_states_survive(store: &dyn Store, mut order: Order, states: Vec<OrderState>) {
    for state in states {
        order = save_as(store, &order, state).await;
        assert_eq!(stored(store, order.id).await.as_ref(), Some(&order));
    }
}

pub async fn every_state_survives_being_saved(store: &dyn Store) {
    seed(store).await;
    let buy = place_sample(store, &samples::place_buy(), 1).await;
    assert_states_survive(store, buy, on_ramp_states()).await;
    let sell = place_sample(store, &samples::place_sell(), 2).await;
    assert_states_survive(store, sell, off_ramp_states()).await;
    for (reason, entropy) in CancelReason::ALL.iter().zip(3..) {
        let small = samples::order(&samples::place_buy(), entropy);
        let small = Order { crypto: crypto("1"), ..small };
        let order = place(store, &samples::placement_of(small)).await;
        assert_states_survive(store, order, vec![OrderState::Cancelled { reason: *reason }]).await;
    }
}

fn paid_and_delivered() -> Evidence {
    let payment = |receipt: &str, amount: &str| Payment {
        receipt: receipt.into(),
        amount: fiat(amount),
        phone: samples::phone(),
    };
    Evidence {
        collection: Some(CollectionRefs {
            collection: COLLECTION,
            merchant_request_id: "29115-34620561-1".into(),
            checkout_request_id: "ws_CO_191220191020363925".into(),
        }),
        payer_phone: Some(samples::phone()),
        payments: vec![payment("NLJ7RT61SV", "175200"), payment("NLJ7RT61SW", "10.50")],
        delivery: Some(Delivery { tx_hash: "0xde11".into(), is_final: true }),
        refunds: vec!["NLJ7RT61SX".into(), "0xbacc".into()],
        ..Evidence::default()
    }
}

fn deposited_and_paid_out() -> Evidence {
    let deposit = |ordinal: u32, stage| Deposit {
        id: DepositId { network: Network::Tron, tx_hash: "dead".into(), ordinal },
        amount: crypto("399.99500001"),
        block_time: NOW,
        detected_at: NOW.saturating_add(time::Duration::microseconds(1_234_567)),
        confirmations: 19,
        height: None,
        stage,
    };
    let stages =
        [DepositStage::Seen, DepositStage::Final, DepositStage::Orphaned, DepositStage::Reverted];
    Evidence {
        deposits: (0..).zip(stages).map(|(ordinal, stage)| deposit(ordinal, stage)).collect(),
        payout: Some(Payout {
            conversation_id: Some("AG_20261121_1".into()),
            receipt: Some("NLJ41HAY6Q".into()),
        }),
        ..Evidence::default()
    }
}

pub async fn evidence_survives_being_saved(store: &dyn Store) {
    seed(store).await;
    let cases = [
        (samples::place_buy(), paid_and_delivered()),
        (samples::place_sell(), deposited_and_paid_out()),
    ];
    for ((command, evidence), entropy) in cases.into_iter().zip(1..) {
        let order = place_sample(store, &command, entropy).await;
        let told = Order { evidence, ..order };
        let saved = save_as(store, &told, OrderState::Completed).await;
        assert_eq!(stored(store, saved.id).await, Some(saved));
    }
}

pub async fn a_save_on_another_version_is_a_conflict(store: &dyn Store) {
    seed(store).await;
    let placed = place_sample(store, &samples::place_buy(), 1).await;
    let current = save_as(store, &placed, OrderState::Delivering).await;
    let (skipped, _) = samples::moved(&current, OrderState::DeliveryConfirming);
    let unknown = samples::order(&samples::place_buy(), 404);
    for base in [placed, skipped, unknown] {
        let (order, entry) = samples::moved(&base, OrderState::Completed);
        let mut uow = store.begin().await.expect(WORKS);
        uow.lock_order(order.id).await.expect(WORKS);
        let saved = uow.save_order(&order, &entry).await;
        assert!(matches!(saved, Err(StoreError::Conflict(_))), "{saved:?}");
        drop(uow);
        assert_eq!(stored(store, current.id).await.as_ref(), Some(&current));
    }
}

pub async fn the_history_is_linked_and_intact(store: &dyn Store) {
    seed(store).await;
    let mut order = place_sample(store, &samples::place_buy(), 1).await;
    for state in on_ramp_states() {
        order = save_as(store, &order, state).await;
    }
    let history = store.find_history(Visibility::All, order.id).await.expect(WORKS);
    let history = history.expect("the order is there");
    let mut head = [0; 32];
    for (seq, entry) in (1..).zip(&history) {
        assert_eq!((entry.seq, entry.prev_hash), (seq, head), "oldest first, each after the other");
        assert!(entry.is_intact(), "{entry:?}");
        head = entry.hash;
    }
    assert_eq!(head, order.head);
    let last = history.last().map(|entry| (entry.seq, entry.at, entry.state.as_str()));
    assert_eq!(last, Some((order.version, order.updated_at, "completed")));
}

/// Who sees the sample on-ramp order, and who does not.
const VIEWS: [(Visibility, bool); 7] = [
    (Visibility::All, true),
    (Visibility::AsCustomer(CUSTOMER), true),
    (Visibility::AsCustomer(VENDOR), false),
    (Visibility::AsCustomer(SELLER), false),
    (Visibility::AsEitherParty(VENDOR), true),
    (Visibility::AsEitherParty(CUSTOMER), true),
    (Visibility::AsEitherParty(BUYING_VENDOR), false),
];

pub async fn the_history_is_for_those_who_see_the_order(store: &dyn Store) {
    seed(store).await;
    let order = place_sample(store, &samples::place_buy(), 1).await;
    for (sees, visible) in VIEWS {
        let history = store.find_history(sees, order.id).await.expect(WORKS);
        assert_eq!(history.is_some(), visible, "{sees:?}");
    }
}

pub async fn details_are_for_those_who_see_the_order(store: &dyn Store) {
    seed(store).await;
    let order = place_sample(store, &samples::place_buy(), 1).await;
    for (sees, visible) in VIEWS {
        let details = store.find_details(sees, order.id).await.expect(WORKS);
        assert_eq!(details.is_some(), visible, "{sees:?}");
    }
}

pub async fn details_tell_the_parties_and_the_offer_as_they_are_now(store: &dyn Store) {
    seed(store).await;
    let order = place_sample(store, &samples::place_buy(), 1).await;
    let rate = crate::rate::Rate::parse("150.25").expect("a sample rate");
    let amended = Offer { rate, terms_version: 2, ..offer(store, SELL_OFFER).await };
    commit(store, async |uow| {
        uow.lock_offer(SELL_OFFER).await.expect(WORKS);
        uow.save_offer(&amended).await.expect(WORKS);
    })
    .await;
    let details = store.find_details(Visibility::All, order.id).await.expect(WORKS);
    let contact = |id| samples::party(id, crate::party::Role::Customer).contact();
    let expected = OrderDetails {
        order,
        customer: contact(CUSTOMER),
        vendor: contact(VENDOR),
        offer_type: amended.offer_type,
        offer_rate: amended.rate,
    };
    assert_eq!(details, Some(expected));
}

pub async fn an_unknown_order_is_nowhere(store: &dyn Store) {
    seed(store).await;
    place_sample(store, &samples::place_buy(), 1).await;
    let unknown = OrderId(uuid::Uuid::from_u128(404));
    assert_eq!(stored(store, unknown).await, None);
    assert_eq!(store.find_details(Visibility::All, unknown).await.expect(WORKS), None);
    assert_eq!(store.find_history(Visibility::All, unknown).await.expect(WORKS), None);
}
