//! The fake rail does as it is told, and remembers what it was asked.

use domain::ports::{Collecting, Disbursing, MobileMoney, PushRequest, Statement, Statements};
use domain::rail::{
    BalanceNotice, BillNotice, CallbackToken, CollectionOutcome, Hook, NotDone, Notice, Submission,
    WhyNot,
};
use domain::testing::FakeRail;
use domain::testing::rail::{Asked, push_refs};
use domain::testing::rail_samples::after;
use domain::testing::samples::{NOW, fiat, phone};
use futures_executor::block_on;

fn token(bits: u64) -> CallbackToken {
    CallbackToken::mint(|| bits)
}

fn request() -> PushRequest {
    PushRequest {
        phone: phone(),
        amount: fiat("10"),
        account_reference: "000000000001".into(),
        token: token(1),
    }
}

#[test]
fn it_answers_as_told_and_then_accepts() {
    block_on(async {
        let rail = FakeRail::default();
        let no = NotDone { why: WhyNot::PhoneBusy, detail: "busy".into() };
        rail.answer_push(Submission::NotDone(no.clone()));
        rail.answer_query(CollectionOutcome::NotPaid { code: "1032".into() });
        rail.answer_disbursing(Submission::NotDone(no.clone()));
        assert_eq!(rail.push(&request()).await, Submission::NotDone(no.clone()));
        assert_eq!(rail.push(&request()).await, Submission::Accepted(push_refs(2)));
        let not_paid = CollectionOutcome::NotPaid { code: "1032".into() };
        assert_eq!(rail.query("ws_CO_2").await, not_paid);
        assert!(matches!(rail.query("ws_CO_2").await, CollectionOutcome::Undecided { .. }));
        let (result, timeout) = (token(2), token(3));
        assert_eq!(rail.ask_balance(&result, &timeout).await, Submission::NotDone(no));
        let accepted = Submission::Accepted("AG_6".into());
        assert_eq!(rail.ask_balance(&result, &timeout).await, accepted);
        assert_eq!(rail.statement(NOW, after(60)).await, Ok(Statement::default()));
        assert_eq!(rail.pushes(), [request(), request()]);
        assert_eq!(rail.asked().len(), 7);
        assert_eq!(rail.asked()[6], Asked::Statement { from: NOW, to: after(60) });
    });
}

#[test]
fn it_reads_what_it_has_written_at_the_right_door() {
    let rail = FakeRail::default();
    let bill = Notice::Bill(BillNotice {
        receipt: "NLJ7RT61SV".into(),
        amount: fiat("10"),
        account_reference: "000000000001".into(),
    });
    let balance = Notice::Balance(BalanceNotice { utility: fiat("5"), working: None });
    let body = rail.body(&bill);
    assert_eq!(rail.body(&bill), body, "the same body for the same notice");
    assert_ne!(rail.body(&balance), body);
    assert_eq!(rail.read(Hook::Bill, false, &body), Ok(bill));
    assert!(rail.read(Hook::Payout, false, &body).is_err());
    let body = rail.body(&balance);
    assert!(rail.read(Hook::Status, false, &body).is_err());
    assert_eq!(rail.read(Hook::Status, true, &body), Ok(balance));
    assert!(rail.read(Hook::Status, true, b"{}").is_err());
}

#[test]
fn a_token_is_unguessable_text_and_is_stored_as_its_hash() {
    let mut count = 0_u64;
    let mut counting = || {
        count += 1;
        count
    };
    let (one, other) = (CallbackToken::mint(&mut counting), CallbackToken::mint(&mut counting));
    assert_ne!(one, other);
    assert_ne!(one.hash(), other.hash());
    assert_eq!(CallbackToken::parse(one.as_str()), Some(one.clone()));
    assert_eq!(format!("{one:?}"), "CallbackToken(•••)");
    let upper = one.as_str().to_uppercase();
    let bad = ["", "abc", "g123456789012345678901234567890123456789", upper.as_str()];
    for text in bad.into_iter().filter(|text| *text != one.as_str()) {
        assert_eq!(CallbackToken::parse(text), None, "{text}");
    }
    for hook in Hook::ALL {
        assert_eq!(Hook::parse(hook.letter()), Some(hook));
    }
    assert_eq!(Hook::parse("x"), None);
}
