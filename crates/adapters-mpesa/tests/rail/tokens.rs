//! One token for all, asked for once.

use std::sync::{Arc, Mutex};

use adapters_mpesa::Mpesa;
use domain::ports::{Collecting as _, Disbursing as _};
use domain::rail::{CollectionOutcome, Doubt, NotDone, Submission, WhyNot};
use serde_json::json;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::support::{Request, Server, Step, config, payout, push, rail};

fn accepted() -> Step {
    let body = json!({"MerchantRequestID": "1", "CheckoutRequestID": "2", "ConversationID": "3", "ResponseCode": "0"});
    Step::Answer(200, body.to_string())
}

fn refused() -> Step {
    let body = json!({"requestId": "1", "errorCode": "404.001.03", "errorMessage": "Invalid Access Token"});
    Step::Answer(404, body.to_string())
}

fn bearer(request: &Request) -> String {
    request.header("authorization").unwrap_or_default().to_owned()
}

/// Why nothing was done.
fn why<T: std::fmt::Debug>(submission: Submission<T>) -> NotDone {
    match submission {
        Submission::NotDone(not_done) => not_done,
        other => panic!("{other:?}"),
    }
}

async fn push_from_many(rail: &Mpesa, callers: usize) -> usize {
    let mut tasks = JoinSet::new();
    for _ in 0..callers {
        let rail = rail.clone();
        tasks.spawn(async move { rail.push(&push()).await });
    }
    let ended = tasks.join_all().await;
    ended.iter().filter(|submission| matches!(submission, Submission::Accepted(_))).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_callers_share_one_request_for_a_token() {
    let server = Server::start(|_| accepted());
    let rail = rail(config(&server.url));
    assert_eq!(push_from_many(&rail, 50).await, 50);
    assert_eq!(server.token_requests(), 1);
    assert_eq!(push_from_many(&rail, 5).await, 5);
    assert_eq!(server.token_requests(), 1);
}

/// On one thread, so that all of them wait before the first answer is there.
#[tokio::test]
async fn fifty_callers_share_one_failure() {
    let server = Server::bare(|_| Step::Answer(500, String::new()));
    assert_eq!(push_from_many(&rail(config(&server.url)), 50).await, 0);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_caller_that_gives_up_leaves_the_request_to_the_next() {
    let (is_first, asked) = (Mutex::new(true), Arc::new(Notify::new()));
    let told = asked.clone();
    let server = Server::bare(move |request| {
        if !request.is_for_token() {
            accepted()
        } else if std::mem::take(&mut *is_first.lock().expect("a lock")) {
            told.notify_one();
            Step::Hang
        } else {
            Step::Answer(200, r#"{"access_token":"t"}"#.to_owned())
        }
    });
    let (rail, request) = (rail(config(&server.url)), push());
    tokio::select! {
        submission = rail.push(&request) => panic!("{submission:?}"),
        () = asked.notified() => {}
    }
    assert!(matches!(rail.push(&push()).await, Submission::Accepted(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_dies_under_fifty_callers_is_replaced_once() {
    let server = Server::start(|request| match bearer(request).as_str() {
        "Bearer token-1" => refused(),
        _ => accepted(),
    });
    let rail = rail(config(&server.url));
    assert_eq!(push_from_many(&rail, 50).await, 50);
    assert_eq!(server.token_requests(), 2);
}

#[tokio::test]
async fn every_refusal_of_a_token_is_answered_with_one_more_request() {
    let fault = json!({"fault": {"faultstring": "Invalid access token", "detail": {"errorcode": "oauth.v2.InvalidAccessToken"}}});
    for (status, body) in [
        (404, json!({"errorCode": "404.001.03", "errorMessage": "Invalid Access Token"})),
        (
            401,
            json!({"errorCode": "401.002.01", "errorMessage": "Error Occurred - Invalid Access Token - token-1"}),
        ),
        (400, json!({"errorCode": "400.003.01", "errorMessage": "Invalid Access Token"})),
        (401, fault),
    ] {
        let server = Server::start(move |request| match bearer(request).as_str() {
            "Bearer token-1" => Step::Answer(status, body.to_string()),
            _ => accepted(),
        });
        let submission = rail(config(&server.url)).pay_out(&payout()).await;
        assert_eq!(submission, Submission::Accepted("3".to_owned()));
        let calls = server.calls();
        assert_eq!((calls.len(), server.token_requests()), (2, 2));
        assert_eq!(calls[0].body, calls[1].body, "the same reference");
    }
}

#[tokio::test]
async fn a_second_refusal_is_one_of_our_credentials() {
    let server = Server::start(|_| refused());
    let rail = rail(config(&server.url));
    assert_eq!(why(rail.pay_out(&payout()).await).why, WhyNot::Credentials);
    assert_eq!((server.calls().len(), server.token_requests()), (2, 2));
    assert!(matches!(rail.query("ws_CO_1").await, CollectionOutcome::Undecided { .. }));
}

#[tokio::test]
async fn the_second_request_may_be_lost_like_the_first() {
    let server = Server::start(|request| match bearer(request).as_str() {
        "Bearer token-1" => refused(),
        _ => Step::Drop,
    });
    let submission = rail(config(&server.url)).pay_out(&payout()).await;
    assert!(matches!(submission, Submission::Unknown(Doubt::NoAnswer(_))), "{submission:?}");
    assert_eq!(server.calls().len(), 2);
}

#[tokio::test]
async fn an_answer_that_is_no_refusal_keeps_the_token() {
    let server = Server::answering(500, "");
    let rail = rail(config(&server.url));
    rail.push(&push()).await;
    rail.push(&push()).await;
    assert_eq!((server.calls().len(), server.token_requests()), (2, 1));
}

/// What a push proves when the request for a token ends so.
async fn without_token(step: Step) -> NotDone {
    let server = Server::bare(move |_| step.clone());
    let not_done = why(rail(config(&server.url)).push(&push()).await);
    assert_eq!(server.calls().len(), 0, "no money is asked for without a token");
    assert_eq!(server.token_requests(), 1);
    not_done
}

#[tokio::test]
async fn no_token_means_that_nothing_was_sent() {
    let oauth = json!({"errorCode": "400.008.02", "errorMessage": "Invalid grant type passed"});
    let spike = json!({"fault": {"faultstring": "Spike arrest violation", "detail": {"errorcode": "policies.ratelimit.SpikeArrestViolation"}}});
    for (step, expected) in [
        (Step::Answer(400, String::new()), WhyNot::Credentials),
        (Step::Answer(400, oauth.to_string()), WhyNot::Credentials),
        (Step::Answer(401, String::new()), WhyNot::Credentials),
        (Step::Answer(429, spike.to_string()), WhyNot::Throttled),
        (Step::Answer(403, "<html></html>".to_owned()), WhyNot::Throttled),
        (Step::Answer(500, String::new()), WhyNot::NotSent),
        (Step::Answer(200, "{}".to_owned()), WhyNot::NotSent),
        (Step::Answer(200, r#"{"access_token":"a b\nc"}"#.to_owned()), WhyNot::NotSent),
        (Step::Drop, WhyNot::NotSent),
        (Step::Truncate(r#"{"access_token":"t"}"#.to_owned()), WhyNot::NotSent),
    ] {
        let told = without_token(step.clone()).await;
        assert_eq!(told.why, expected, "{step:?}: {}", told.detail);
    }
}

#[tokio::test]
async fn a_failure_is_not_remembered() {
    let is_first = Mutex::new(true);
    let server = Server::bare(move |request| {
        let is_first = std::mem::take(&mut *is_first.lock().expect("a lock"));
        match (request.is_for_token(), is_first) {
            (true, true) => Step::Answer(500, String::new()),
            (true, false) => Step::Answer(200, r#"{"access_token":"t"}"#.to_owned()),
            (false, _) => accepted(),
        }
    });
    let rail = rail(config(&server.url));
    assert_eq!(why(rail.push(&push()).await).why, WhyNot::NotSent);
    assert!(matches!(rail.push(&push()).await, Submission::Accepted(_)));
}

/// How many tokens two calls need when the first says this of its life.
async fn tokens_for_two(expires_in: &str) -> usize {
    let body = format!(r#"{{"access_token":"t"{expires_in}}}"#);
    let server = Server::bare(move |request| {
        if request.is_for_token() { Step::Answer(200, body.clone()) } else { accepted() }
    });
    let rail = rail(config(&server.url));
    rail.push(&push()).await;
    rail.push(&push()).await;
    server.token_requests()
}

#[tokio::test]
async fn a_token_lives_as_long_as_it_says_but_two_minutes() {
    for life in ["", r#","expires_in":"3599""#, r#","expires_in":3599"#, r#","expires_in":"soon""#]
    {
        assert_eq!(tokens_for_two(life).await, 1, "{life}");
    }
    for life in [r#","expires_in":"120""#, r#","expires_in":120"#, r#","expires_in":"0""#] {
        assert_eq!(tokens_for_two(life).await, 2, "{life}");
    }
}

#[test]
fn several_runtimes_share_one_rail() {
    let server = Server::start(|_| accepted());
    let rail = rail(config(&server.url));
    for _ in 0..3 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let submission = runtime.expect("a runtime").block_on(rail.push(&push()));
        assert!(matches!(submission, Submission::Accepted(_)), "{submission:?}");
    }
    assert_eq!(server.token_requests(), 1);
}
