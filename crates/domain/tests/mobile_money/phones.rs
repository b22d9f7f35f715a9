//! Phones: who is asked, how often, and to whom what was paid goes back.

use domain::ports::Store;
use domain::rail::WhyNot;
use domain::service::ServiceError;
use domain::testing::memory_mobile_money::{MobileMoneyFixture, MoneyCall, MoneyFault};
use domain::testing::samples::phone;
use futures_executor::block_on;
use time::Duration;

use crate::mobile_money::support::other_phone;

#[test]
fn a_phone_that_was_just_asked_is_not_asked_again_for_another_order() {
    block_on(async {
        let fixture = MobileMoneyFixture::new().await;
        let (one, other) = (fixture.buy().await, fixture.buy().await);
        fixture.start_payment(one.id, &phone()).await.expect("nobody has asked it");
        let refused = fixture.start_payment(other.id, &phone()).await;
        assert!(matches!(refused, Err(ServiceError::PhoneAskedRecently(_))), "{refused:?}");
        assert_eq!(fixture.rail.prompts().len(), 1);
        fixture.start_payment(other.id, &other_phone()).await.expect("another phone");
    });
}

#[test]
fn a_phone_is_asked_again_after_its_pause() {
    block_on(async {
        let fixture = MobileMoneyFixture::new().await;
        let (one, other) = (fixture.buy().await, fixture.buy().await);
        fixture.start_payment(one.id, &phone()).await.expect("nobody has asked it");
        let pause = fixture.service().tempo.phone_pause();
        fixture.scene.clock.advance(pause - Duration::SECOND);
        let refused = fixture.start_payment(other.id, &phone()).await;
        assert!(matches!(refused, Err(ServiceError::PhoneAskedRecently(1..=2))), "{refused:?}");
        fixture.scene.clock.advance(Duration::seconds(2));
        fixture.start_payment(other.id, &phone()).await.expect("the pause is over");
        assert_eq!(fixture.rail.prompts().len(), 2);
    });
}

#[test]
fn a_phone_that_got_no_prompt_may_be_asked_at_once() {
    block_on(async {
        let fixture = MobileMoneyFixture::new().await;
        let order = fixture.buy().await;
        fixture.rail.fail(MoneyCall::Push, MoneyFault::Refused(WhyNot::Throttled));
        let refused = fixture.start_payment(order.id, &phone()).await;
        assert!(matches!(refused, Err(ServiceError::PromptNotSent(_))), "{refused:?}");
        fixture.start_payment(order.id, &phone()).await.expect("it was not asked");
    });
}

#[test]
fn the_claim_on_a_phone_is_stored_with_the_intent() {
    block_on(async {
        let fixture = MobileMoneyFixture::new().await;
        let order = fixture.buy().await;
        fixture.start_payment(order.id, &phone()).await.expect("nobody has asked it");
        let now = fixture.engine.clock.now();
        let mut uow = fixture.memory().begin().await.expect("memory is always there");
        let asked = uow.claim_phone(&phone(), now, now - Duration::minutes(2)).await;
        assert_eq!(asked.ok().flatten(), Some(now));
    });
}
