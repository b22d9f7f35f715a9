//! What is known when the connection fails: nothing was sent, or nobody knows. Never both, and never
//! a second request.

use domain::ports::{Collecting as _, Disbursing as _};
use domain::rail::{CollectionOutcome, Doubt, Submission, WhyNot};

use crate::support::{Server, Step, config, payout, push, rail};

const ACCEPTED: &str =
    r#"{"MerchantRequestID":"1","CheckoutRequestID":"2","ConversationID":"3","ResponseCode":"0"}"#;

fn assert_not_sent<T: std::fmt::Debug>(submission: &Submission<T>) {
    let Submission::NotDone(not_done) = submission else { panic!("{submission:?}") };
    assert_eq!(not_done.why, WhyNot::NotSent);
}

fn assert_no_answer<T: std::fmt::Debug>(submission: &Submission<T>, words: &str) {
    let Submission::Unknown(Doubt::NoAnswer(how)) = submission else { panic!("{submission:?}") };
    assert_eq!(how, words);
}

#[tokio::test]
async fn a_refused_connection_has_sent_nothing() {
    let server = Server::gone_after_token();
    assert_not_sent(&rail(config(&server.url)).push(&push()).await);
    let server = Server::gone_after_token();
    assert_not_sent(&rail(config(&server.url)).pay_out(&payout()).await);
    assert_eq!(server.calls().len(), 0);
}

#[tokio::test]
async fn an_unknown_host_has_sent_nothing() {
    assert_not_sent(&rail(config("http://127.0.0.1:1")).push(&push()).await);
}

#[tokio::test]
async fn a_reset_before_the_request_is_read_leaves_it_unknown() {
    let server = Server::resetting_after_token();
    let submission = rail(config(&server.url)).pay_out(&payout()).await;
    assert_no_answer(&submission, "the connection broke before an answer");
    assert_eq!(server.calls().len(), 1, "it is not sent again");
}

#[tokio::test]
async fn a_drop_after_the_request_is_read_leaves_it_unknown() {
    let server = Server::start(|_| Step::Drop);
    let rail = rail(config(&server.url));
    assert_no_answer(&rail.push(&push()).await, "the connection broke before an answer");
    server.only_call();
    assert_no_answer(&rail.pay_out(&payout()).await, "the connection broke before an answer");
    assert_eq!(server.calls().len(), 2);
}

#[tokio::test]
async fn silence_ends_in_doubt() {
    let server = Server::start(|_| Step::Hang);
    let mut settings = config(&server.url);
    (settings.timeouts.stk, settings.timeouts.b2c) = (400, 400);
    let rail = rail(settings);
    assert_no_answer(&rail.push(&push()).await, "no answer in time");
    assert_no_answer(&rail.pay_out(&payout()).await, "no answer in time");
    assert_eq!(server.calls().len(), 2);
}

#[tokio::test]
async fn a_body_that_is_cut_short_is_no_answer_even_if_it_reads_well() {
    let server = Server::start(|_| Step::Truncate(ACCEPTED.to_owned()));
    let submission = rail(config(&server.url)).push(&push()).await;
    assert_no_answer(&submission, "the answer was cut short");
    server.only_call();
}

#[tokio::test]
async fn a_body_that_drips_ends_with_the_total_time() {
    let server = Server::start(|_| Step::Drip);
    let mut settings = config(&server.url);
    settings.timeouts.b2c = 400;
    let submission = rail(settings).pay_out(&payout()).await;
    assert_no_answer(&submission, "no whole answer in time");
    server.only_call();
}

#[tokio::test]
async fn a_body_without_end_is_not_read_to_its_end() {
    let server = Server::start(|_| Step::Flood);
    let submission = rail(config(&server.url)).push(&push()).await;
    assert_no_answer(&submission, "the answer is longer than 64 KiB");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::answering(200, ACCEPTED);
    let target = format!("{}/mpesa/stkpush/v1/processrequest", elsewhere.url);
    let server = Server::start(move |_| Step::Redirect(target.clone()));
    let submission = rail(config(&server.url)).push(&push()).await;
    assert!(matches!(submission, Submission::Unknown(Doubt::Unclear(_))), "{submission:?}");
    server.only_call();
    assert_eq!(elsewhere.requests().len(), 0);
}

#[tokio::test]
async fn a_query_that_fails_says_nothing() {
    for step in [Step::Drop, Step::Truncate(ACCEPTED.to_owned())] {
        let server = Server::start(move |_| step.clone());
        let told = rail(config(&server.url)).query("ws_CO_1").await;
        assert!(matches!(told, CollectionOutcome::Undecided { .. }), "{told:?}");
    }
    let told = rail(config("http://127.0.0.1:1")).query("ws_CO_1").await;
    assert!(matches!(told, CollectionOutcome::Undecided { .. }), "{told:?}");
}
