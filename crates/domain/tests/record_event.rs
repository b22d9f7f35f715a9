//! Recording an event, as a conversation with the store: what is called, in which order, and how
//! the unit of work ends.

use std::sync::Arc;

use domain::ids::{CollectionId, OrderId};
use domain::order::{
    Actor, CancelReason, CancelledBy, Effect, HoldFate, Order, OrderEvent, OrderState, Refusal,
};
use domain::ports::StoreError;
use domain::service::{Recorded, ServiceError};
use domain::testing::mocks::{MockStore, MockUow};
use domain::testing::{SetClock, samples};
use futures_executor::block_on;
use mockall::Sequence;

const CANCEL: OrderEvent = OrderEvent::Cancel { by: CancelledBy::Customer, note: None };

/// The calls that make a change, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Lock,
    Save,
    Settle,
    Enqueue,
    Commit,
}

fn buy() -> Order {
    samples::order(&samples::place_buy(), 1)
}

fn in_flight() -> Order {
    let collection = Some(CollectionId(uuid::Uuid::from_u128(7)));
    Order { state: OrderState::AwaitingPayment { collection }, ..buy() }
}

fn record(uow: MockUow, event: &OrderEvent) -> Result<Recorded, ServiceError> {
    let clock = Arc::new(SetClock::at(samples::NOW));
    let engine = samples::engine(Arc::new(MockStore::beginning(uow)), clock);
    block_on(engine.record_event(buy().id, Actor::Customer(samples::CUSTOMER), event))
}

fn away() -> StoreError {
    StoreError::Unavailable("the database went away".into())
}

/// A unit of work that cancels [`buy`], one call of each kind in their order, and fails at `fails`.
/// It expects nothing after that: not even that it is rolled back.
fn cancelling(fails: Option<Step>) -> MockUow {
    let (mut uow, mut seq) = (MockUow::new(), Sequence::new());
    let outcome = move |step| {
        if fails == Some(step) { Err(away()) } else { Ok(()) }
    };
    let reaches = |step| fails.is_none_or(|fails| step <= fails);
    let times = |step| usize::from(reaches(step));
    uow.expect_lock_order()
        .withf(|id| *id == buy().id)
        .times(1)
        .in_sequence(&mut seq)
        .returning(move |_| outcome(Step::Lock).map(|()| Some(buy())));
    uow.expect_save_order()
        .withf(|order, entry| {
            order.state == OrderState::Cancelled { reason: CancelReason::ByCustomer }
                && (order.version, order.head) == (entry.seq, entry.hash)
                && entry.prev_hash == buy().head
        })
        .times(times(Step::Save))
        .in_sequence(&mut seq)
        .returning(move |_, _| outcome(Step::Save));
    uow.expect_settle_hold()
        .withf(|order, fate| order.id == buy().id && *fate == HoldFate::Released)
        .times(times(Step::Settle))
        .in_sequence(&mut seq)
        .returning(move |_, _| outcome(Step::Settle));
    uow.expect_enqueue()
        .withf(|id, effects, _| *id == buy().id && effects.is_empty())
        .times(times(Step::Enqueue))
        .in_sequence(&mut seq)
        .returning(move |_, _, _| outcome(Step::Enqueue));
    uow.expect_commit()
        .times(times(Step::Commit))
        .in_sequence(&mut seq)
        .returning(move || outcome(Step::Commit));
    uow
}

/// A unit of work that locks what is there and is rolled back, and nothing else.
fn rolled_back(found: Option<Order>) -> MockUow {
    let mut uow = MockUow::new();
    uow.expect_lock_order().times(1).return_once(|_| Ok(found));
    uow.expect_rollback().times(1).returning(|| Ok(()));
    uow
}

#[test]
fn commit_is_called_once_after_save_and_enqueue() {
    let recorded = record(cancelling(None), &CANCEL).expect("nothing stands against it");
    assert!(matches!(recorded, Recorded::Applied(order) if order.version == 2));
}

#[test]
fn a_hold_that_is_kept_is_not_settled() {
    let mut uow = MockUow::new();
    let collection = CollectionId(uuid::Uuid::from_u128(7));
    let (phone, at) = (samples::phone(), samples::NOW);
    let pay = OrderEvent::StartPayment { collection, phone, at, account_reference: None };
    uow.expect_lock_order().times(1).returning(|_| Ok(Some(buy())));
    uow.expect_save_order().times(1).returning(|_, _| Ok(()));
    uow.expect_enqueue()
        .withf(|_, effects, _| effects.iter().map(Effect::kind).eq(["request_collection"]))
        .times(1)
        .returning(|_, _, _| Ok(()));
    uow.expect_commit().times(1).returning(|| Ok(()));
    assert!(matches!(record(uow, &pay), Ok(Recorded::Applied(_))));
}

#[test]
fn a_refused_request_rolls_back() {
    let refused = record(rolled_back(Some(in_flight())), &CANCEL);
    let Err(ServiceError::Refused(refused)) = refused else { panic!("{refused:?}") };
    assert_eq!(refused.refusal, Refusal::PaymentInFlight);
}

#[test]
fn an_already_applied_fact_rolls_back_and_saves_nothing() {
    let early = OrderEvent::DeadlinePassed { at: samples::NOW };
    let recorded = record(rolled_back(Some(buy())), &early).expect("facts are not refused");
    assert_eq!(recorded, Recorded::AlreadyApplied(buy()));
}

#[test]
fn an_unknown_order_rolls_back() {
    assert!(matches!(record(rolled_back(None), &CANCEL), Err(ServiceError::NotFound)));
}

#[test]
fn an_error_from_the_store_neither_commits_nor_rolls_back() {
    for step in [Step::Lock, Step::Save, Step::Settle, Step::Enqueue, Step::Commit] {
        let failed = record(cancelling(Some(step)), &CANCEL);
        let told = matches!(failed, Err(ServiceError::Store(StoreError::Unavailable(_))));
        assert!(told, "{step:?}: {failed:?}");
    }
}

#[test]
fn a_store_that_cannot_begin_is_told_as_it_is() {
    let mut store = MockStore::new();
    store.expect_begin().times(1).returning(|| Err(StoreError::Busy));
    let engine = samples::engine(Arc::new(store), Arc::new(SetClock::at(samples::NOW)));
    let id = OrderId(uuid::Uuid::from_u128(1));
    let failed = block_on(engine.record_event(id, Actor::System, &CANCEL));
    assert!(matches!(failed, Err(ServiceError::Store(StoreError::Busy))), "{failed:?}");
}
