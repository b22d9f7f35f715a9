//! Payouts whose answer or result is lost, late or unreadable: paid once, under one reference.

use e2e::{Database, RailApp, Stage, at_once, eventually};
use time::Duration;
use twins::daraja::{Endpoint, Fault, FaultKind, QueueTimeoutBody, UnknownOcid};

use super::ground::{
    LARGE, asked, becomes, blocked, disbursements, goes_back, haste, hasty, paid_once, phone,
    prove, proven, questions, quick_twin, review_comes, spoil, spoil_payout, state, text,
    usual_twin,
};

/// A payout whose first request meets each of these, to a phone of its own; all at once.
async fn pay_through(rail: &RailApp, from: usize, kinds: &[FaultKind]) -> Vec<String> {
    let phones: Vec<String> = (from..from + kinds.len()).map(phone).collect();
    for (phone, kind) in phones.iter().zip(kinds) {
        spoil_payout(rail, phone, kind.clone());
    }
    at_once(phones.iter().map(async |phone| {
        let id = rail.sell_to(phone, LARGE).await;
        paid_once(rail, &id, phone, LARGE).await;
    }))
    .await;
    phones
}

#[tokio::test]
async fn what_the_rail_took_is_not_sent_again_when_its_answer_is_lost() {
    let rail = proven().await;
    let kinds = [
        FaultKind::Drop { accepted: true },
        FaultKind::Hang { accepted: true },
        FaultKind::Empty { accepted: true },
        FaultKind::Truncated { accepted: true },
        FaultKind::Status { status: 500, accepted: true },
        FaultKind::Status { status: 502, accepted: true },
        FaultKind::ResponseCodeOne { accepted: true },
        FaultKind::SlowDrip { byte_ms: 2 },
        FaultKind::CallbackBeforeAnswer,
        FaultKind::CallbackCodeAsText,
        FaultKind::CallbackExtraFields,
        FaultKind::CallbackInterim,
        FaultKind::CallbackDuplicate { copies: 5, same_bytes: false },
    ];
    for phone in pay_through(&rail, 10, &kinds).await {
        assert_eq!(asked(&rail, &phone).len(), 1, "{phone}");
    }
    rail.finish().await;
}

#[tokio::test]
async fn a_result_that_tells_nothing_leaves_it_to_the_status() {
    let rail = proven().await;
    let kinds = [
        FaultKind::CallbackDrop,
        FaultKind::CallbackNotJson,
        FaultKind::CallbackOversize,
        FaultKind::CallbackUnknownCode,
        FaultKind::CallbackMissingFields,
        FaultKind::CallbackParametersAsObject,
        FaultKind::CallbackDelay(Duration::hours(24)),
    ];
    for phone in pay_through(&rail, 30, &kinds).await {
        let [reference] = asked(&rail, &phone).try_into().expect("one request");
        assert!(questions(&rail, &reference) > 0, "{phone}");
    }
    rail.finish().await;
}

#[tokio::test]
async fn what_never_reached_the_rail_goes_again_under_its_reference() {
    let rail = hasty().await;
    for (round, unknown) in [UnknownOcid::NoResult, UnknownOcid::Code25, UnknownOcid::QueueTimeout]
        .into_iter()
        .enumerate()
    {
        rail.control().change_rules(|rules| rules.unknown_ocid = unknown);
        let kinds = [
            FaultKind::Drop { accepted: false },
            FaultKind::Hang { accepted: false },
            FaultKind::Empty { accepted: false },
            FaultKind::Truncated { accepted: false },
            FaultKind::Status { status: 500, accepted: false },
            FaultKind::ResponseCodeOne { accepted: false },
        ];
        for phone in pay_through(&rail, 10 + round * 10, &kinds).await {
            let references = asked(&rail, &phone);
            assert_eq!(references.len(), 2, "{phone}");
            assert!(questions(&rail, &references[0]) >= 2, "asked first: {phone}");
        }
    }
    rail.finish().await;
}

#[tokio::test]
async fn a_second_request_that_the_rail_knows_is_no_second_payout() {
    let rail = hasty().await;
    let phone = phone(10);
    spoil_payout(&rail, &phone, FaultKind::Drop { accepted: true });
    spoil_payout(&rail, &phone, FaultKind::CallbackDrop);
    let silent = Fault::always(Endpoint::TransactionStatus, FaultKind::StatusNoResult);
    rail.control().add_fault(Fault { times: Some(2), ..silent.of_phone(&phone) });
    let id = rail.sell_to(&phone, LARGE).await;
    paid_once(&rail, &id, &phone, LARGE).await;
    assert_eq!(asked(&rail, &phone).len(), 2, "it was sent again, and refused as a duplicate");
    rail.finish().await;
}

#[tokio::test]
async fn a_result_that_says_duplicate_proves_nothing_by_itself() {
    let rail = proven().await;
    let phone = phone(10);
    spoil_payout(&rail, &phone, FaultKind::Outcome("15".to_owned()));
    let id = rail.sell_to(&phone, LARGE).await;
    // The twin moves no money for it, and says so when it is asked.
    blocked(&rail, &id, &phone).await;
    let [reference] = asked(&rail, &phone).try_into().expect("one request");
    assert!(questions(&rail, &reference) > 0);
    assert_eq!(disbursements(&rail, &id).await, ["1 failed_confirmed"]);
    rail.finish().await;
}

#[tokio::test]
async fn a_queue_timeout_is_no_result() {
    let rail = proven().await;
    let bodies = [QueueTimeoutBody::Echo, QueueTimeoutBody::Result];
    for (round, body) in bodies.into_iter().enumerate() {
        rail.control().change_rules(|rules| rules.queue_timeout_body = body);
        let (paid, failed) = (phone(10 + round), phone(20 + round));
        spoil(&rail, Endpoint::B2cV3, &paid, FaultKind::QueueTimeoutThenSuccess);
        spoil(&rail, Endpoint::B2cV3, &failed, FaultKind::QueueTimeoutThenFailure);
        let (first, second) =
            (rail.sell_to(&paid, LARGE).await, rail.sell_to(&failed, LARGE).await);
        paid_once(&rail, &first, &paid, LARGE).await;
        goes_back(&rail, &second, &failed, "payout_failed").await;
        assert_eq!((asked(&rail, &paid).len(), asked(&rail, &failed).len()), (1, 1));
    }
    rail.finish().await;
}

#[tokio::test]
async fn while_nobody_listens_nothing_is_in_doubt() {
    let twin = usual_twin().await;
    let database = Database::fresh().await;
    let stage = || Stage::test().with_rail(&twin);
    // A port that nobody has.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr();
    let nobody = format!("http://{}", nobody.expect("an address"));
    let app = stage().set("KIVUKO__MPESA__BASE_URL", nobody).start_on(&database).await;
    let rail = RailApp { app, twin, database };
    let phone = phone(10);
    let id = rail.sell_to(&phone, LARGE).await;
    let tries =
        "SELECT coalesce(max((evidence->>'turned_away')::bigint), 0)::bigint FROM disbursements";
    eventually("it is tried again and again", async || rail.app.sql.number(tries).await > 2).await;
    assert_eq!(rail.order(&id).await["status"], "processing");
    let RailApp { app, twin, database } = rail;
    app.finish().await;
    let app = Stage::test().with_rail(&twin).start_on(&database).await;
    let rail = RailApp { app, twin, database };
    rail.cashier().register_bills().await.expect("the twin registers");
    paid_once(&rail, &id, &phone, LARGE).await;
    assert_eq!(asked(&rail, &phone).len(), 1);
    rail.finish().await;
}

#[tokio::test]
async fn a_result_without_any_status_leaves_it_to_an_operator_and_to_nobody_else() {
    let rail = hasty().await;
    let phone = phone(10);
    spoil(&rail, Endpoint::B2cV3, &phone, FaultKind::CallbackDrop);
    spoil(&rail, Endpoint::TransactionStatus, &phone, FaultKind::StatusNoResult);
    let id = rail.sell_to(&phone, LARGE).await;
    review_comes(&rail, "unknown_expired", 1).await;
    assert_eq!(state(&rail, &id).await, "paying_out");
    assert_eq!(rail.order(&id).await["status"], "processing");
    assert_eq!(asked(&rail, &phone).len(), 1, "it is never sent again: the rail took it");
    let alive = "SELECT kind FROM outbox WHERE order_id = $1::text::uuid AND done_at IS NULL";
    assert_eq!(text(&rail, alive, &id).await, ["pay_out"], "it is asked for ever");
    // When the rail finds its voice, everything falls into place.
    rail.control().clear_faults();
    becomes(&rail, &id, "completed").await;
    paid_once(&rail, &id, &phone, LARGE).await;
    rail.finish().await;
}

#[tokio::test]
async fn without_leave_to_resend_a_lost_payout_is_an_operators() {
    let stage = haste(Stage::test()).set("KIVUKO__MPESA__RESEND_PAYOUTS", false);
    let twin = quick_twin().await;
    let rail = prove(RailApp::start_as(stage, twin).await).await;
    let phone = phone(10);
    spoil_payout(&rail, &phone, FaultKind::Drop { accepted: false });
    let id = rail.sell_to(&phone, LARGE).await;
    review_comes(&rail, "unknown_expired", 1).await;
    assert_eq!(state(&rail, &id).await, "paying_out");
    assert_eq!(asked(&rail, &phone).len(), 1);
    assert!(rail.oracle().payouts_to(&phone).is_empty());
    rail.finish().await;
}
