//! Our own limits: what is over them is not sent.

use domain::ports::{Collecting as _, Disbursing as _, StatusKey};
use domain::rail::{CollectionOutcome, Submission, WhyNot};

use crate::support::{Server, config, payout, push, rail, reversal, status, token};

const ACCEPTED: &str =
    r#"{"MerchantRequestID":"1","CheckoutRequestID":"2","ConversationID":"3","ResponseCode":"0"}"#;

fn is_throttled<T>(submission: &Submission<T>) -> bool {
    matches!(submission, Submission::NotDone(not_done) if not_done.why == WhyNot::Throttled)
}

#[tokio::test]
async fn an_empty_bucket_sends_nothing() {
    let server = Server::answering(200, ACCEPTED);
    let mut settings = config(&server.url);
    settings.limits.stk_per_second = 1;
    settings.limits.b2c_per_second = 1;
    settings.limits.query_per_second = 1;
    settings.limits.status_per_second = 1;
    let rail = rail(settings);
    let question = status(StatusKey::Receipt("R1".to_owned()));
    for is_over in [false, true] {
        assert_eq!(is_throttled(&rail.push(&push()).await), is_over);
        assert_eq!(is_throttled(&rail.pay_out(&payout()).await), is_over);
        assert_eq!(is_throttled(&rail.reverse(&reversal()).await), is_over);
        assert_eq!(is_throttled(&rail.ask_status(&question).await), is_over);
        assert_eq!(is_throttled(&rail.ask_balance(&token("1"), &token("2")).await), is_over);
    }
    assert_eq!(server.calls().len(), 5);
}

#[tokio::test]
async fn a_query_over_the_limit_is_undecided() {
    let server = Server::answering(200, ACCEPTED);
    let mut settings = config(&server.url);
    settings.limits.query_per_second = 1;
    let rail = rail(settings);
    rail.query("2").await;
    let told = rail.query("2").await;
    assert!(matches!(told, CollectionOutcome::Undecided { .. }), "{told:?}");
    server.only_call();
}
