//! What the scenarios share.

use domain::order::{Order, OrderState};
use domain::party::Msisdn;
use domain::testing::memory_mobile_money::MobileMoneyFixture;
use time::Duration;

/// A second phone, beside the samples' own.
pub(crate) fn other_phone() -> Msisdn {
    Msisdn::parse("254711000222").expect("a phone")
}

pub(crate) async fn review_kinds(fixture: &MobileMoneyFixture) -> Vec<&'static str> {
    fixture.reviews().await.into_iter().map(|review| review.kind).collect()
}

/// A customer who wants the order, and answers every prompt: asks again whenever nothing is under way.
pub(crate) async fn pay_until_accepted(fixture: &MobileMoneyFixture, order: &Order) {
    for _ in 0..200 {
        if fixture.order(order.id).await.state == OrderState::Delivering {
            return fixture.run(order.id).await;
        }
        let _may_be_too_early = fixture.start_payment(order.id, &other_phone()).await;
        fixture.rail.pay_all();
        fixture.read_callbacks().await;
        fixture.turn().await;
        let _waits_for_its_next_turn = fixture.service().sweep_statement().await;
        fixture.scene.clock.advance(Duration::seconds(20));
    }
    panic!("it is never paid: {:?}", fixture.order(order.id).await.state);
}

/// The order is paid for by exactly one payment, and the rail knows no other.
pub(crate) async fn assert_paid_once(fixture: &MobileMoneyFixture, order: &Order) {
    let order = fixture.order(order.id).await;
    assert_eq!(order.state, OrderState::Delivering);
    let credited: Vec<_> = order.evidence.payments.iter().map(|paid| &paid.receipt).collect();
    let paid = fixture.rail.paid_in();
    let paid: Vec<_> = paid.iter().map(|paid| &paid.receipt).collect();
    assert_eq!(credited, paid);
    assert_eq!(paid.len(), 1, "one prompt is paid");
    fixture.assert_books();
}

/// The order's shillings went out, once, to the right phone.
pub(crate) async fn assert_paid_out_once(fixture: &MobileMoneyFixture, order: &Order) {
    let order = fixture.order(order.id).await;
    assert_eq!(order.state, OrderState::Completed);
    let paid = fixture.rail.paid_out();
    let told: Vec<_> = paid.iter().map(|paid| (Some(&paid.phone), paid.amount)).collect();
    assert_eq!(told, [(order.payout_phone.as_ref(), order.payout_due())]);
    fixture.assert_books();
}

/// Or nothing has reached the rail, which nobody can tell from a payout that it has lost: an operator
/// must look.
pub(crate) async fn assert_paid_out_once_or_asked(fixture: &MobileMoneyFixture, order: &Order) {
    if !fixture.rail.references().is_empty() {
        return assert_paid_out_once(fixture, order).await;
    }
    assert_eq!(fixture.order(order.id).await.state, OrderState::PayingOut);
    assert_eq!(review_kinds(fixture).await, ["unknown_expired"]);
}

/// The order's payment went back, once.
pub(crate) async fn assert_refunded_once(fixture: &MobileMoneyFixture, order: &Order) {
    let state = fixture.order(order.id).await.state;
    assert!(matches!(state, OrderState::Refunded { .. }), "{state:?}");
    let paid = fixture.rail.paid_in();
    assert_eq!(paid.iter().filter(|paid| paid.is_reversed).count(), 1);
    fixture.assert_books();
}
