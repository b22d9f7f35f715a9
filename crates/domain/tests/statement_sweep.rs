//! What a statement ends and what it does not: only a whole one says anything of a payment that it
//! does not list.

use std::sync::Arc;

use domain::ids::CollectionId;
use domain::money::Fiat;
use domain::order::OrderState;
use domain::party::Role;
use domain::placement::StoredAnswer;
use domain::ports::{NoStatement, Statement, StatementRow, Store as _};
use domain::rail::collection::{Collection, CollectionState, read_reference};
use domain::rail::{Doubt, Submission, Tempo};
use domain::service::{Cashier, PaymentStarted, Request, StartPayment};
use domain::testing::samples::{self, fiat, phone};
use domain::testing::{FakeRail, Scene};
use futures_executor::block_on;
use time::Duration;

struct Till {
    scene: Scene,
    rail: Arc<FakeRail>,
    cashier: Cashier,
    collection: CollectionId,
}

/// A prompt whose answer was lost, long ago.
async fn unknown() -> Till {
    let scene = Scene::seeded().await;
    let rail = Arc::new(FakeRail::default());
    let cashier = Cashier {
        engine: scene.engine.clone(),
        rail: rail.clone(),
        tempo: Tempo::default(),
        enforces_sources: false,
    };
    let order = scene.place(&samples::place_buy()).await;
    rail.answer_push(Submission::Unknown(Doubt::NoAnswer("lost".into())));
    let caller = samples::caller(samples::CUSTOMER, Role::Customer);
    let render = |_: &PaymentStarted| StoredAnswer { status: 202, body: String::new() };
    let command = StartPayment { order_id: order.id, phone: phone() };
    cashier.start_payment(&Request { caller, claim: None }, &command, &render).await.expect("sent");
    let OrderState::AwaitingPayment { collection: Some(collection) } =
        scene.order(order.id).await.state
    else {
        panic!("an attempt is open")
    };
    scene.clock.advance(Duration::hours(1));
    Till { scene, rail, cashier, collection }
}

impl Till {
    async fn attempt(&self) -> Collection {
        let mut uow = self.scene.store.begin().await.expect("memory");
        uow.find_collection(self.collection).await.expect("memory").expect("an attempt")
    }

    /// The attempt's state after the rail has told this.
    async fn after(&self, told: Result<Statement, NoStatement>) -> CollectionState {
        self.rail.answer_statements(told);
        self.scene.clock.advance(Duration::minutes(6));
        self.cashier.sweep_statement().await.expect("memory");
        self.attempt().await.state
    }
}

fn row(receipt: &str, amount: Fiat, reference: &str) -> StatementRow {
    StatementRow {
        receipt: receipt.into(),
        amount,
        account_reference: reference.into(),
        phone: None,
    }
}

#[test]
fn only_a_whole_statement_says_that_nothing_was_paid() {
    block_on(async {
        let till = unknown().await;
        let others = || vec![row("QAA1", fiat("50"), "MAMAMBOGA")];
        let no = || Err(NoStatement("no records found, or not known".into()));
        assert_eq!(till.after(no()).await, CollectionState::SubmitUnknown);
        let torn = Statement::partial(others(), "a page is missing");
        assert_eq!(till.after(Ok(torn)).await, CollectionState::SubmitUnknown);
        let nothing = Statement::partial(vec![], "a row that cannot be read");
        assert_eq!(till.after(Ok(nothing)).await, CollectionState::SubmitUnknown);
        let whole = Statement::whole(others());
        assert_eq!(till.after(Ok(whole)).await, CollectionState::NotPaid);
    });
}

#[test]
fn a_payment_without_a_reference_may_be_anybodys_who_was_asked_for_as_much() {
    block_on(async {
        let till = unknown().await;
        let due = till.attempt().await.amount;
        let nameless = Statement::whole(vec![row("QAA1", due, " ")]);
        assert_eq!(till.after(Ok(nameless)).await, CollectionState::SubmitUnknown);
        let other = Statement::whole(vec![row("QAA2", fiat("50"), "")]);
        assert_eq!(till.after(Ok(other)).await, CollectionState::NotPaid);
    });
}

#[test]
fn rows_beside_a_gap_count() {
    block_on(async {
        let till = unknown().await;
        let Collection { amount, account_reference, order_id, .. } = till.attempt().await;
        let paid = row("QAA1", amount, &account_reference);
        let torn = Statement::partial(vec![paid], "a page is missing");
        assert_eq!(till.after(Ok(torn)).await, CollectionState::Paid);
        assert_eq!(till.scene.order(order_id).await.state, OrderState::Delivering);
        let told = till.scene.history(order_id).await;
        let confirmed = told.iter().filter(|entry| entry.kind == "payment_confirmed").count();
        assert_eq!(confirmed, 1);
    });
}

#[test]
fn a_reference_in_another_spelling_is_the_same() {
    for spelling in
        ["K0Q2M9X4A1B3", "k0q2m9x4a1b3", " koq2-m9x4-aib3 ", "KOQ2M9X4ALB3", "k0q2 m9x4 a1b3"]
    {
        assert_eq!(read_reference(spelling), "K0Q2M9X4A1B3", "{spelling}");
    }
    block_on(async {
        let till = unknown().await;
        let Collection { amount, account_reference, .. } = till.attempt().await;
        let spelled = account_reference.to_lowercase().replace('0', "o");
        let paid = Statement::whole(vec![row("QAA1", amount, &spelled)]);
        assert_eq!(till.after(Ok(paid)).await, CollectionState::Paid);
    });
}
