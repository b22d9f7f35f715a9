//! Payouts: one reference for life, whatever becomes of the requests.

use domain::order::{Order, OrderState};
use domain::rail::WhyNot;
use domain::rail::disbursement::reference;
use domain::testing::memory_mobile_money::{MobileMoneyFixture, MoneyCall, MoneyFault};
use domain::testing::samples::phone;
use futures_executor::block_on;

use crate::mobile_money::support::assert_paid_out_once;

/// The one reference that the order's payout has.
fn reference_of(order: &Order) -> uuid::Uuid {
    reference(&format!("{}:pay_out", order.id), 1)
}

#[test]
fn a_payout_keeps_its_one_reference_through_every_attempt() {
    block_on(async {
        let fixture = MobileMoneyFixture::new().await;
        let order = fixture.sell().await;
        for why in [WhyNot::NotSent, WhyNot::Throttled, WhyNot::NotSent] {
            fixture.rail.fail(MoneyCall::PayOut, MoneyFault::Refused(why));
        }
        fixture.run(order.id).await;
        assert_eq!(fixture.rail.references(), [reference_of(&order); 4]);
        assert_paid_out_once(&fixture, &order).await;
    });
}

#[test]
fn a_payout_that_is_sent_again_in_doubt_is_sent_under_its_reference() {
    block_on(async {
        let fixture = MobileMoneyFixture::new().await;
        let order = fixture.sell().await;
        fixture.rail.fail(MoneyCall::PayOut, MoneyFault::Lost);
        let mut service = fixture.service();
        service.tempo.resends = true;
        for _ in 0..100 {
            for job in service.claim_jobs(10).await.expect("memory is always there") {
                service.work_on(job).await;
            }
            fixture.read_callbacks().await;
            fixture.scene.clock.advance(time::Duration::minutes(2));
        }
        let references = fixture.rail.references();
        assert!(references.len() > 1, "it is sent again");
        assert!(references.iter().all(|it| *it == reference_of(&order)), "{references:?}");
        assert_paid_out_once(&fixture, &order).await;
    });
}

#[test]
fn a_database_that_was_restored_asks_for_the_same_payout_under_the_same_reference() {
    block_on(async {
        let (before, after) = (MobileMoneyFixture::new().await, MobileMoneyFixture::new().await);
        let (one, other) = (before.sell().await, after.sell().await);
        assert_eq!(one.id, other.id, "both are restored from the same");
        before.run(one.id).await;
        // The second life of it is another one: something is refused, and time passes.
        after.rail.fail(MoneyCall::PayOut, MoneyFault::Refused(WhyNot::Throttled));
        after.scene.clock.advance(time::Duration::minutes(5));
        after.run(other.id).await;
        assert_eq!(before.rail.references(), [reference_of(&one)]);
        assert_eq!(after.rail.references(), [reference_of(&one); 2]);
    });
}

#[test]
fn a_receiver_who_cannot_be_paid_is_asked_about_before_the_coin_goes_back() {
    block_on(async {
        let fixture = MobileMoneyFixture::new().await;
        let order = fixture.sell().await;
        fixture.rail.make_unpayable(&phone());
        fixture.run(order.id).await;
        assert!(fixture.rail.calls().contains(&MoneyCall::AskStatus), "only told is not proven");
        let state = fixture.order(order.id).await.state;
        assert!(matches!(state, OrderState::Refunding { .. }), "{state:?}");
        assert_eq!(fixture.rail.paid_out(), []);
        fixture.assert_books();
    });
}
