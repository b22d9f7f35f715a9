//! Paying out while something is in the way: the breaker that probes, and a float that is too low.
//! Nothing waits without end, and nobody waits for what is another's.

use std::sync::Arc;

use domain::ids::OrderId;
use domain::order::OrderState;
use domain::ports::{PayoutRequest, Received, ReviewQueries as _};
use domain::rail::{
    BalanceNotice, CallbackToken, CircuitState, Hook, Notice, OutcomeNotice, PayoutOutcome, Tempo,
};
use domain::service::Cashier;
use domain::testing::matrix::facts::{arrived, deposit};
use domain::testing::rail::Asked;
use domain::testing::samples::{self, fiat};
use domain::testing::{FakeRail, Scene};
use futures_executor::block_on;
use time::Duration;

struct Desk {
    scene: Scene,
    rail: Arc<FakeRail>,
    cashier: Cashier,
}

impl Desk {
    async fn new() -> Self {
        let (scene, rail) = (Scene::seeded().await, Arc::new(FakeRail::default()));
        let cashier = Cashier {
            engine: scene.engine.clone(),
            rail: rail.clone(),
            tempo: Tempo::default(),
            enforces_sources: false,
        };
        Self { scene, rail, cashier }
    }

    /// An order whose payout of 112,798 shillings is due.
    async fn sell(&self) -> OrderId {
        let order = self.scene.place(&samples::place_sell()).await;
        let coin = deposit(&order.id.to_string(), order.deposit_due());
        self.scene.tell(order.id, &arrived(coin)).await;
        assert_eq!(self.scene.order(order.id).await.state, OrderState::PayingOut);
        order.id
    }

    /// Lets so many seconds pass, with everybody at work.
    async fn pass(&self, seconds: i64) {
        for _ in 0..=(seconds / 10) {
            for job in self.cashier.claim_jobs(10).await.expect("it works") {
                self.cashier.work_on(job).await;
            }
            self.cashier.ask_balance().await.expect("it works");
            self.scene.clock.advance(Duration::seconds(10));
        }
    }

    async fn hear(&self, hook: Hook, token: &CallbackToken, notice: &Notice) {
        let received = Received {
            hook,
            token_hash: token.hash(),
            source: "the rail".to_owned(),
            from_rail: true,
            body: self.rail.body(notice),
            at: self.cashier.engine.clock.now(),
        };
        self.cashier.receive(&received).await.expect("it works");
        for callback in self.cashier.claim_callbacks(10).await.expect("it works") {
            self.cashier.read_callback(callback).await;
        }
    }

    async fn pay(&self, request: &PayoutRequest) {
        let receipt = format!("R{}", request.reference.simple()).to_uppercase();
        let (amount, phone) = (Some(request.amount), Some(request.phone.clone()));
        let outcome = PayoutOutcome::Done { receipt: Some(receipt), amount, phone };
        let notice = self.outcome(request, outcome);
        self.hear(Hook::Payout, &request.result_token, &notice).await;
    }

    fn outcome(&self, request: &PayoutRequest, outcome: PayoutOutcome) -> Notice {
        let asked = self.rail.asked();
        let is_it = |asked: &Asked| matches!(asked, Asked::Payout(it) if it == request);
        let number = asked.iter().position(is_it).expect("it was asked for") + 1;
        Notice::Outcome(OutcomeNotice {
            originator_conversation_id: request.reference.to_string(),
            conversation_id: format!("AG_{number}"),
            outcome,
        })
    }

    fn balances(&self) -> Vec<CallbackToken> {
        let token = |asked| match asked {
            Asked::Balance { result_token, .. } => Some(result_token),
            _ => None,
        };
        self.rail.asked().into_iter().filter_map(token).collect()
    }

    /// The rail answers the last question about the balance.
    async fn tell_balance(&self, shillings: &str) {
        let token = self.balances().pop().expect("the balance was asked for");
        let notice = BalanceNotice { utility: fiat(shillings), working: None };
        self.hear(Hook::Status, &token, &Notice::Balance(notice)).await;
    }

    async fn circuit(&self) -> CircuitState {
        self.cashier.engine.circuit().await.expect("it works").state
    }

    async fn reviews_of(&self, kind: &str) -> Vec<String> {
        let open = self.reviews().await.into_iter();
        open.filter(|review| review.0 == kind).map(|review| review.1).collect()
    }

    async fn reviews(&self) -> Vec<(&'static str, String)> {
        let open = self.scene.store.open_reviews(100).await.expect("it works");
        open.into_iter().map(|review| (review.kind, review.detail)).collect()
    }
}

#[test]
fn an_unknown_outcome_holds_the_others_up_for_three_minutes() {
    block_on(async {
        let desk = Desk::new().await;
        for _ in 0..3 {
            desk.sell().await;
        }
        desk.pass(170).await;
        assert_eq!((desk.rail.payouts().len(), desk.circuit().await), (1, CircuitState::Probing));
        assert_eq!(desk.reviews().await, []);
        desk.pass(30).await;
        let uses = desk.rail.payouts().len() + desk.balances().len();
        assert_eq!(uses, 2, "one more, of whatever kind");
        if let Some(second) = desk.rail.payouts().get(1) {
            desk.pay(second).await;
        } else {
            desk.tell_balance("500000").await;
        }
        assert_eq!(desk.circuit().await, CircuitState::Closed);
        desk.pass(60).await;
        assert_eq!(desk.rail.payouts().len(), 3, "and then all");
    });
}

#[test]
fn when_nothing_is_answered_our_initiator_is_used_twice_and_an_operator_is_called() {
    block_on(async {
        let desk = Desk::new().await;
        for _ in 0..5 {
            desk.sell().await;
        }
        desk.pass(3_600).await;
        assert_eq!(desk.circuit().await, CircuitState::Open);
        let begun = || desk.rail.payouts().len() + desk.balances().len();
        assert_eq!(begun(), 2, "{:?}", desk.rail.asked());
        // Beside those of the two payouts that nobody tells the end of.
        let blocked = desk.reviews_of("blocked").await;
        let [detail] = blocked.as_slice() else { panic!("one review: {blocked:?}") };
        assert!(detail.starts_with("unanswered"), "{detail}");
        desk.cashier.engine.close_circuit().await.expect("it works");
        desk.pass(3_600).await;
        assert_eq!(begun(), 3, "an operator's word is worth one more");
        assert_eq!(desk.circuit().await, CircuitState::Open);
        assert_eq!(desk.reviews_of("blocked").await.len(), 1, "of one thing that is so");
    });
}

#[test]
fn probing_is_over_before_the_first_payout_where_the_balance_is_told() {
    block_on(async {
        let desk = Desk::new().await;
        let mut uow = domain::ports::Store::begin(&desk.scene.store).await.expect("it works");
        uow.lock_circuit(samples::NOW).await.expect("it works");
        uow.commit().await.expect("it works");
        desk.pass(240).await;
        desk.tell_balance("500000").await;
        assert_eq!(desk.circuit().await, CircuitState::Closed);
    });
}

#[test]
fn what_the_float_does_not_cover_is_not_asked_for_and_goes_when_it_does() {
    block_on(async {
        let desk = Desk::new().await;
        let first = desk.sell().await;
        desk.pass(0).await;
        desk.pay(&desk.rail.payouts()[0]).await;
        assert!(matches!(desk.scene.order(first).await.state, OrderState::Completed));
        desk.pass(10).await;
        desk.tell_balance("500").await;
        let orders = [desk.sell().await, desk.sell().await];
        desk.pass(120).await;
        assert_eq!(desk.rail.payouts().len(), 1, "nothing is asked for in vain");
        let reviews = desk.reviews().await;
        let [(kind, detail)] = reviews.as_slice() else { panic!("one review: {reviews:?}") };
        assert_eq!(*kind, "float");
        assert!(detail.starts_with("float: 112798.00 shillings asked for, 500.00 there"));
        let asked = desk.balances().len();
        desk.pass(120).await;
        assert!(desk.balances().len() > asked, "the balance is asked for while something waits");
        desk.tell_balance("120000").await;
        desk.pass(60).await;
        assert_eq!(desk.rail.payouts().len(), 2, "one is covered, and one is not");
        desk.pay(&desk.rail.payouts()[1]).await;
        desk.pass(120).await;
        desk.tell_balance("900000").await;
        desk.pass(60).await;
        desk.pay(&desk.rail.payouts()[2]).await;
        for id in orders {
            assert_eq!(desk.scene.order(id).await.state, OrderState::Completed);
        }
    });
}
