//! Calls that fail, answers and callbacks that are lost: everything once all the same.

use domain::rail::WhyNot;
use domain::testing::memory_mobile_money::{MobileMoneyFixture, MoneyCall, MoneyFault};
use domain::testing::samples::phone;
use futures_executor::block_on;

use crate::mobile_money::support::{
    assert_paid_once, assert_paid_out_once, assert_refunded_once, other_phone, pay_until_accepted,
    review_kinds,
};

const FAULTS: [MoneyFault; 4] = [
    MoneyFault::Refused(WhyNot::Throttled),
    MoneyFault::Lost,
    MoneyFault::ReplyLost,
    MoneyFault::CallbackLost,
];

#[test]
fn every_call_to_the_rail_may_fail_again_and_again_while_an_order_is_paid() {
    for call in [MoneyCall::Push, MoneyCall::Query, MoneyCall::AskStatus, MoneyCall::Statement] {
        for fault in FAULTS {
            block_on(async {
                let fixture = MobileMoneyFixture::new().await;
                let order = fixture.buy().await;
                // A prompt that may have come is asked for again only after its end is known.
                let times = if call == MoneyCall::Push { 1 } else { 3 };
                for _ in 0..times {
                    fixture.rail.fail(call, fault);
                }
                pay_until_accepted(&fixture, &order).await;
                assert_paid_once(&fixture, &order).await;
            });
        }
    }
}

#[test]
fn every_call_to_the_rail_may_fail_while_money_goes_out() {
    for call in [MoneyCall::PayOut, MoneyCall::AskStatus] {
        for fault in FAULTS {
            block_on(async {
                let fixture = MobileMoneyFixture::new().await;
                let order = fixture.sell().await;
                fixture.rail.fail(call, fault);
                fixture.run(order.id).await;
                if (call, fault) == (MoneyCall::PayOut, MoneyFault::Lost) {
                    // What may have been done is only asked about; the rail does not know it.
                    assert_eq!(review_kinds(&fixture).await, ["unknown_expired"]);
                    assert_eq!(fixture.rail.references().len(), 1, "it is not sent again");
                } else {
                    assert_paid_out_once(&fixture, &order).await;
                }
            });
        }
    }
}

#[test]
fn every_reversal_may_fail_and_is_made_once() {
    for fault in FAULTS {
        block_on(async {
            let fixture = MobileMoneyFixture::new().await;
            let order = fixture.refunding(&phone()).await;
            for _ in 0..2 {
                fixture.rail.fail(MoneyCall::Reverse, fault);
            }
            fixture.run(order.id).await;
            assert_refunded_once(&fixture, &order).await;
        });
    }
}

#[test]
fn every_call_to_the_store_may_fail_while_an_order_is_paid() {
    let methods = [
        "begin",
        "lock_order",
        "lock_collection",
        "insert_collection",
        "save_collection",
        "claim_phone",
        "claim_receipt",
        "add_token",
        "find_token",
        "store_callback",
        "settle_callback",
        "save_order",
        "post",
        "take_job",
        "end_job",
        "commit",
    ];
    for method in methods {
        for times in 1..4 {
            block_on(async {
                let fixture = MobileMoneyFixture::new().await;
                let order = fixture.buy().await;
                for _ in 0..times {
                    fixture.store.refuse(method);
                }
                let _may_be_refused = fixture.start_payment(order.id, &other_phone()).await;
                pay_until_accepted(&fixture, &order).await;
                assert_paid_once(&fixture, &order).await;
            });
        }
    }
}

#[test]
fn every_call_to_the_store_may_fail_while_money_goes_out() {
    let methods = [
        "begin",
        "lock_order",
        "lock_circuit",
        "lock_last_disbursement",
        "lock_disbursement",
        "insert_disbursement",
        "save_disbursement",
        "save_circuit",
        "add_token",
        "settle_callback",
        "save_order",
        "post",
        "wake_job",
        "end_job",
        "commit",
    ];
    for method in methods {
        for times in 1..4 {
            block_on(async {
                let fixture = MobileMoneyFixture::new().await;
                let order = fixture.sell().await;
                for _ in 0..times {
                    fixture.store.refuse(method);
                }
                fixture.run(order.id).await;
                assert_paid_out_once(&fixture, &order).await;
            });
        }
    }
}
