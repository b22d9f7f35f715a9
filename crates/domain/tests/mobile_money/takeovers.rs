//! A worker that stood still for longer than its lease, and another that went on meanwhile.

use std::future::Future;

use domain::order::Order;
use domain::testing::memory_chain::stepping::interleave;
use domain::testing::memory_mobile_money::MobileMoneyFixture;
use domain::testing::samples::phone;
use futures_executor::block_on;
use time::Duration;

use crate::mobile_money::support::{
    assert_paid_once, assert_paid_out_once, assert_refunded_once, other_phone, pay_until_accepted,
};

/// Longer than any lease.
const LONG: Duration = Duration::minutes(4);
/// More points than any of these workers stops at.
const POINTS: usize = 60;

/// Lets `one` go so far, then the other for a whole turn after the lease of `one`, then `one` again.
fn meet(one: impl Future<Output = ()>, polls: usize, other: impl Future<Output = ()>) {
    interleave(one, polls, other);
}

async fn take_over(fixture: &MobileMoneyFixture) {
    fixture.scene.clock.advance(LONG);
    fixture.read_callbacks().await;
    fixture.turn().await;
}

#[test]
fn a_stale_worker_sends_no_prompt_after_its_lease() {
    for polls in 0..POINTS {
        let fixture = block_on(MobileMoneyFixture::new());
        let order = block_on(fixture.buy());
        let one = async {
            let _is_told_what_became_of_it = fixture.start_payment(order.id, &phone()).await;
        };
        meet(one, polls, take_over(&fixture));
        block_on(async {
            for prompt in fixture.rail.prompts() {
                let stored = fixture.collection(&prompt.request.account_reference).await;
                let lease = fixture.service().tempo.lease;
                let sent = stored.sent_at.expect("it was committed that it is being sent");
                assert!(prompt.asked_at < sent + lease, "left after {polls} polls");
            }
            pay_until_accepted(&fixture, &order).await;
            assert_paid_once(&fixture, &order).await;
        });
    }
}

#[test]
fn two_workers_that_meet_anywhere_credit_one_payment() {
    for polls in 0..POINTS {
        let fixture = block_on(MobileMoneyFixture::new());
        let order = block_on(async {
            let order = fixture.buy().await;
            fixture.start_payment(order.id, &other_phone()).await.expect("it is sent");
            fixture.rail.pay_all();
            order
        });
        let one = async {
            fixture.read_callbacks().await;
            fixture.turn().await;
        };
        meet(one, polls, take_over(&fixture));
        block_on(async {
            fixture.run(order.id).await;
            assert_paid_once(&fixture, &order).await;
        });
    }
}

/// Two workers of one job, the second after the lease of the first, wherever that one stands.
fn two_workers(
    start: &impl AsyncFn(&MobileMoneyFixture) -> Order,
    check: &impl AsyncFn(&MobileMoneyFixture, &Order),
) {
    for polls in 0..POINTS {
        let fixture = block_on(MobileMoneyFixture::new());
        let order = block_on(start(&fixture));
        meet(fixture.turn(), polls, take_over(&fixture));
        block_on(async {
            fixture.run(order.id).await;
            check(&fixture, &order).await;
        });
    }
}

#[test]
fn two_workers_that_meet_anywhere_make_one_payout() {
    two_workers(
        &async |fixture: &MobileMoneyFixture| fixture.sell().await,
        &async |fixture: &MobileMoneyFixture, order: &Order| {
            assert_paid_out_once(fixture, order).await;
        },
    );
}

#[test]
fn two_workers_that_meet_anywhere_make_one_refund() {
    two_workers(
        &async |fixture: &MobileMoneyFixture| fixture.refunding(&phone()).await,
        &async |fixture: &MobileMoneyFixture, order: &Order| {
            assert_refunded_once(fixture, order).await;
        },
    );
}
