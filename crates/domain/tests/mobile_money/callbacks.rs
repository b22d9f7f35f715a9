//! Callbacks: which of them change anything, and how often.

use domain::order::OrderState;
use domain::ports::{RailStore, Received, Store};
use domain::rail::{CircuitState, WhyNot};
use domain::testing::memory_mobile_money::{MobileMoneyFixture, MoneyCall, MoneyFault};
use domain::testing::samples::phone;
use futures_executor::block_on;
use time::Duration;

use crate::mobile_money::support::{assert_paid_out_once, review_kinds};

/// The one callback that is on its way.
fn only(fixture: &MobileMoneyFixture) -> Received {
    let mut all = fixture.rail.take_callbacks();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn a_callback_from_an_unlisted_source_changes_nothing_where_sources_are_enforced() {
    block_on(async {
        let fixture = MobileMoneyFixture::new().await;
        let order = fixture.sell().await;
        fixture.turn().await;
        let forged = Received { from_rail: false, source: "203.0.113.9".into(), ..only(&fixture) };
        let before = fixture.order(order.id).await;
        fixture.service().receive(&forged).await.expect("memory is always there");
        fixture.read_callbacks().await;
        assert_eq!(fixture.order(order.id).await, before, "nobody listed has told it");
        assert_eq!(review_kinds(&fixture).await, ["forged"]);
        // It counts where sources are only noted.
        let fixture = MobileMoneyFixture::new().await;
        let order = fixture.sell().await;
        fixture.turn().await;
        let unlisted = Received { from_rail: false, ..only(&fixture) };
        let mut service = fixture.service();
        service.enforces_sources = false;
        service.receive(&unlisted).await.expect("memory is always there");
        for callback in service.claim_callbacks(10).await.expect("memory is always there") {
            service.read_callback(callback).await;
        }
        assert_eq!(fixture.order(order.id).await.state, OrderState::Completed);
    });
}

#[test]
fn a_callback_about_a_payment_from_an_unlisted_source_changes_nothing() {
    block_on(async {
        let fixture = MobileMoneyFixture::new().await;
        let order = fixture.buy().await;
        fixture.start_payment(order.id, &phone()).await.expect("it is sent");
        fixture.rail.pay(0);
        let prompt = fixture.rail.prompts().remove(0);
        let before = fixture.collection(&prompt.request.account_reference).await;
        let forged = Received { from_rail: false, ..only(&fixture) };
        fixture.service().receive(&forged).await.expect("memory is always there");
        fixture.read_callbacks().await;
        assert_eq!(fixture.collection(&prompt.request.account_reference).await, before);
        assert_eq!(fixture.order(order.id).await.evidence.payments, []);
    });
}

/// Claims the callback, stands still until its lease is over and another has read it, then reads it.
#[test]
fn a_callback_that_somebody_else_has_settled_changes_nothing() {
    block_on(async {
        let fixture = MobileMoneyFixture::new().await;
        let order = fixture.sell().await;
        fixture.turn().await;
        let service = fixture.service();
        service.receive(&only(&fixture)).await.expect("memory is always there");
        let mut stale = service.claim_callbacks(1).await.expect("memory is always there");
        fixture.scene.clock.advance(Duration::minutes(1));
        fixture.read_callbacks().await;
        assert_paid_out_once(&fixture, &order).await;
        // The breaker opens, and an operator closes it: payouts go out one by one from now on.
        let mut uow = fixture.memory().begin().await.expect("memory is always there");
        let mut circuit = uow.lock_circuit(order.created_at).await.expect("memory");
        circuit.open("the rail refuses our initiator", order.created_at);
        circuit.close(order.created_at);
        uow.save_circuit(&circuit).await.expect("memory is always there");
        uow.commit().await.expect("memory is always there");
        service.read_callback(stale.remove(0)).await;
        assert_eq!(fixture.circuit().await.state, CircuitState::Probing, "old news prove nothing");
        assert_paid_out_once(&fixture, &order).await;
    });
}

/// A balance is true for as long as nothing moves: read late by somebody else, it would stop all payouts.
#[test]
fn a_balance_that_somebody_else_has_settled_is_not_held_against_the_books_again() {
    block_on(async {
        let fixture = MobileMoneyFixture::new().await;
        let opening = fixture.sell().await;
        fixture.run(opening.id).await;
        fixture.scene.clock.advance(Duration::hours(1));
        let service = fixture.service();
        service.ask_balance().await.expect("memory is always there");
        service.receive(&only(&fixture)).await.expect("memory is always there");
        let mut stale = service.claim_callbacks(1).await.expect("memory is always there");
        fixture.scene.clock.advance(Duration::minutes(1));
        fixture.read_callbacks().await;
        let order = fixture.sell().await;
        fixture.run(order.id).await;
        fixture.scene.clock.advance(Duration::hours(1));
        service.read_callback(stale.remove(0)).await;
        assert_eq!(fixture.circuit().await.state, CircuitState::Closed);
    });
}

#[test]
fn a_callback_that_comes_twice_is_one_callback() {
    block_on(async {
        let fixture = MobileMoneyFixture::new().await;
        let order = fixture.sell().await;
        fixture.turn().await;
        let told = only(&fixture);
        for _ in 0..3 {
            fixture.service().receive(&told).await.expect("memory is always there");
            fixture.read_callbacks().await;
        }
        assert_paid_out_once(&fixture, &order).await;
        let left = fixture.memory().claim_callbacks(10, told.at, Duration::ZERO).await;
        assert_eq!(left.expect("memory is always there"), []);
    });
}

#[test]
fn a_refused_credential_stops_all_payouts_until_an_operator_says_so() {
    block_on(async {
        let fixture = MobileMoneyFixture::new().await;
        let order = fixture.sell().await;
        let refused = MoneyFault::Refused(WhyNot::Credentials);
        fixture.rail.fail(MoneyCall::PayOut, refused);
        for _ in 0..20 {
            fixture.turn().await;
            fixture.read_callbacks().await;
            fixture.scene.clock.advance(Duration::minutes(1));
        }
        assert_eq!(fixture.circuit().await.state, CircuitState::Open);
        assert_eq!(fixture.rail.references().len(), 1, "it is not tried again");
        assert_eq!(review_kinds(&fixture).await, ["blocked"]);
        assert_eq!(fixture.order(order.id).await.state, OrderState::PayingOut);
    });
}
