//! A service that stops at any call, and another that carries on: everything is done once.

use domain::order::Order;
use domain::testing::memory_chain::stepping::{Polled, poll_for};
use domain::testing::memory_mobile_money::{MobileMoneyFixture, MoneyCall, MoneyFault};
use domain::testing::samples::phone;
use futures_executor::block_on;

use crate::mobile_money::support::{
    assert_paid_once, assert_paid_out_once_or_asked, assert_refunded_once, other_phone,
    pay_until_accepted, review_kinds,
};

type Start = (MobileMoneyFixture, Order);

/// Leaves `life` after each number of polls, up to its end; `check` sees what is left.
fn kill_everywhere(
    start: impl AsyncFn() -> Start,
    life: &impl AsyncFn(&Start),
    check: &impl AsyncFn(&Start),
    least: usize,
) {
    let mut polls = 0;
    loop {
        let start = block_on(start());
        let left = poll_for(life(&start), polls);
        block_on(check(&start));
        if left == Polled::Done(()) {
            break;
        }
        polls += 1;
    }
    assert!(polls > least, "it was left at {polls} points only");
}

async fn unpaid() -> Start {
    let fixture = MobileMoneyFixture::new().await;
    let order = fixture.buy().await;
    (fixture, order)
}

/// The customer has paid, and nobody has been told.
async fn prompted() -> Start {
    let (fixture, order) = unpaid().await;
    fixture.start_payment(order.id, &phone()).await.expect("it is sent");
    fixture.rail.pay_all();
    (fixture, order)
}

async fn paying_out() -> Start {
    let fixture = MobileMoneyFixture::new().await;
    let order = fixture.sell().await;
    (fixture, order)
}

async fn refunding() -> Start {
    let fixture = MobileMoneyFixture::new().await;
    let order = fixture.refunding(&phone()).await;
    (fixture, order)
}

#[test]
fn a_payment_that_is_left_anywhere_while_it_starts_is_paid_once() {
    kill_everywhere(
        unpaid,
        &async |(fixture, order): &Start| {
            fixture.start_payment(order.id, &other_phone()).await.expect("it is sent");
        },
        &async |(fixture, order): &Start| {
            pay_until_accepted(fixture, order).await;
            assert_paid_once(fixture, order).await;
            assert_eq!(review_kinds(fixture).await, Vec::<&str>::new());
        },
        20,
    );
}

#[test]
fn a_payment_that_is_left_anywhere_on_its_way_is_credited_once() {
    kill_everywhere(
        prompted,
        &async |(fixture, order): &Start| fixture.run(order.id).await,
        &async |(fixture, order): &Start| {
            fixture.run(order.id).await;
            assert_paid_once(fixture, order).await;
            assert_eq!(review_kinds(fixture).await, Vec::<&str>::new());
        },
        30,
    );
}

#[test]
fn a_statement_that_is_left_anywhere_still_finds_the_payment_whose_callback_was_lost() {
    kill_everywhere(
        async || {
            let (fixture, order) = prompted().await;
            drop(fixture.rail.take_callbacks());
            (fixture, order)
        },
        &async |(fixture, _): &Start| {
            fixture.service().sweep_statement().await.expect("it answers");
        },
        &async |(fixture, order): &Start| {
            fixture.run(order.id).await;
            assert_paid_once(fixture, order).await;
            assert_eq!(review_kinds(fixture).await, Vec::<&str>::new());
        },
        10,
    );
}

#[test]
fn a_payout_that_is_left_anywhere_is_made_once() {
    kill_everywhere(
        paying_out,
        &async |(fixture, order): &Start| fixture.run(order.id).await,
        &async |(fixture, order): &Start| {
            fixture.run(order.id).await;
            assert_paid_out_once_or_asked(fixture, order).await;
        },
        30,
    );
}

#[test]
fn a_payout_in_doubt_that_is_left_anywhere_is_made_once() {
    kill_everywhere(
        async || {
            let (fixture, order) = paying_out().await;
            fixture.rail.fail(MoneyCall::PayOut, MoneyFault::ReplyLost);
            fixture.rail.fail(MoneyCall::AskStatus, MoneyFault::CallbackLost);
            (fixture, order)
        },
        &async |(fixture, order): &Start| {
            fixture.turn().await;
            drop(fixture.rail.take_callbacks());
            fixture.run(order.id).await;
        },
        &async |(fixture, order): &Start| {
            fixture.run(order.id).await;
            assert_paid_out_once_or_asked(fixture, order).await;
        },
        30,
    );
}

#[test]
fn a_refund_that_is_left_anywhere_is_made_once() {
    kill_everywhere(
        refunding,
        &async |(fixture, order): &Start| fixture.run(order.id).await,
        &async |(fixture, order): &Start| {
            fixture.run(order.id).await;
            assert_refunded_once(fixture, order).await;
        },
        30,
    );
}
