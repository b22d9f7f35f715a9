//! Statements, page by page.

use domain::ports::{NoStatement, Statement, StatementRow, Statements as _};
use domain::rail::{Submission, WhyNot};
use serde_json::{Value, json};
use time::Duration;

use crate::support::{Server, Step, at, config, fiat, phone, rail, token};

async fn statement(server: &Server) -> Result<Statement, NoStatement> {
    let rail = rail(config(&server.url));
    rail.statement(at(), at().saturating_add(Duration::hours(2))).await
}

fn row(number: usize) -> Value {
    json!({"transactionId": format!("R{number}"), "trxDate": "2020-08-05T10:13:00Z",
        "msisdn": 254_708_374_149_u64, "sender": "MPESA", "transactiontype": "c2b-pay-bill-debit",
        "billreference": "K7Q2M9X4A1B3", "amount": "168.00", "organizationname": "Sample"})
}

fn page(rows: &[Value], code: &str) -> String {
    json!({"ResponseRefID": "1", "ResponseCode": code, "ResponseMessage": "x", "Response": rows})
        .to_string()
}

#[tokio::test]
async fn pages_are_read_until_one_is_short() {
    let server = Server::start(|request| {
        let offset = request.json()["OffSetValue"].as_str().and_then(|text| text.parse().ok());
        let offset: usize = offset.expect("an offset as text");
        let rows: Vec<Value> = (offset..250.min(offset + 100)).map(row).collect();
        Step::Answer(200, page(&rows, "1000"))
    });
    let read = statement(&server).await.expect("a statement");
    assert!(read.is_whole(), "{:?}", read.gap);
    let rows = read.rows;
    assert_eq!(rows.len(), 250);
    let expected = StatementRow {
        receipt: "R249".to_owned(),
        amount: fiat("168"),
        account_reference: "K7Q2M9X4A1B3".to_owned(),
        phone: Some(phone()),
    };
    assert_eq!(rows.last(), Some(&expected));
    let calls = server.calls();
    assert_eq!(calls.len(), 3);
    let expected = r#"{"ShortCode":"174379","StartDate":"2021-06-28 09:24:08","EndDate":"2021-06-28 11:24:08","OffSetValue":"0"}"#;
    assert_eq!(
        (calls[0].path.as_str(), calls[0].body.as_str()),
        ("/pulltransactions/v1/query", expected)
    );
}

#[tokio::test]
async fn a_full_last_page_is_followed_by_one_without_rows() {
    let server = Server::start(|request| match request.json()["OffSetValue"].as_str() {
        Some("0") => Step::Answer(200, page(&(0..100).map(row).collect::<Vec<_>>(), "1000")),
        _ => Step::Answer(200, page(&[], "1000")),
    });
    let read = statement(&server).await.expect("a statement");
    assert_eq!((read.rows.len(), read.gap), (100, None));
    assert_eq!(server.calls().len(), 2);
}

#[tokio::test]
async fn the_last_second_is_asked_for_whole() {
    let server = Server::answering(200, &page(&[], "1000"));
    let to = at().saturating_add(Duration::microseconds(1));
    let read = rail(config(&server.url)).statement(at(), to).await;
    assert_eq!(read, Ok(Statement::whole(vec![])));
    assert_eq!(server.only_call().json()["EndDate"], "2021-06-28 09:24:09");
}

#[tokio::test]
async fn an_answer_that_nothing_was_found_is_no_statement() {
    let words = "No records found or Organization Name not available";
    for body in [
        json!({"ResponseRefID": "1", "ResponseCode": "1001", "ResponseMessage": words, "Response": [[]]}),
        json!({"ResponseRefID": "1", "ResponseCode": 1001, "ResponseMessage": words}),
        json!({"ResponseRefID": "1", "ResponseCode": "1000", "ResponseMessage": "Success"}),
        json!({"ResponseRefID": "1", "ResponseCode": "1000", "Response": "none"}),
        json!({"ResponseRefID": "1", "Response": [[]]}),
    ] {
        let server = Server::answering(200, &body.to_string());
        let read = statement(&server).await;
        assert!(matches!(read, Err(NoStatement(_))), "{body}: {read:?}");
    }
}

/// What comes after a first page that is full and good.
async fn after_a_full_page(step: impl Fn() -> Step + Send + Sync + 'static) -> Statement {
    let server = Server::start(move |request| match request.json()["OffSetValue"].as_str() {
        Some("0") => Step::Answer(200, page(&(0..100).map(row).collect::<Vec<_>>(), "1000")),
        _ => step(),
    });
    statement(&server).await.expect("rows")
}

#[tokio::test]
async fn a_page_that_is_missing_leaves_a_gap_and_keeps_the_pages_before_it() {
    for body in [page(&[], "1001"), page(&[], "1002"), String::new(), "<html>".to_owned()] {
        let told = body.clone();
        let read = after_a_full_page(move || Step::Answer(200, told.clone())).await;
        assert_eq!((read.rows.len(), read.is_whole()), (100, false), "{body}");
    }
    let read = after_a_full_page(|| Step::Answer(429, String::new())).await;
    assert_eq!((read.rows.len(), read.is_whole()), (100, false));
}

#[tokio::test]
async fn a_row_that_cannot_be_read_leaves_a_gap_and_keeps_the_rows_beside_it() {
    for torn in [
        json!({"transactionId": "R2", "amount": "x"}),
        json!({"transactionId": "R-2", "amount": "1"}),
        json!("R2"),
        Value::Null,
    ] {
        let server = Server::answering(200, &page(&[row(1), torn.clone(), row(3)], "1000"));
        let read = statement(&server).await.expect("rows");
        let receipts: Vec<&str> = read.rows.iter().map(|row| row.receipt.as_str()).collect();
        assert_eq!((receipts, read.is_whole()), (vec!["R1", "R3"], false), "{torn}");
    }
}

#[tokio::test]
async fn rows_vary_in_their_spelling() {
    let rows = [json!([
        {"transactionID": "R1", "msisdn": "0708374149", "billReference": " K7 ", "amount": 168},
        {"transactionId": "R2", "msisdn": "2547***149", "billreference": "", "amount": 0.5},
    ])];
    let server = Server::answering(200, &page(&rows, "1000"));
    let rows = statement(&server).await.expect("a statement").rows;
    assert_eq!((rows[0].amount, rows[1].amount), (fiat("168"), fiat("0.50")));
    assert_eq!((rows[0].phone.clone(), rows[1].phone.clone()), (Some(phone()), None));
    assert_eq!(rows[0].account_reference, "K7");
}

#[tokio::test]
async fn a_first_page_that_is_refused_is_no_statement() {
    for (status, body) in [
        (200, page(&[], "1002")),
        (500, String::new()),
        (429, String::new()),
        (200, "<html>".to_owned()),
    ] {
        let server = Server::answering(status, &body);
        assert!(statement(&server).await.is_err(), "{status} {body}");
        assert_eq!(server.calls().len(), 1);
    }
}

#[tokio::test]
async fn a_statement_that_repeats_a_page_is_given_up_and_never_whole() {
    let rows: Vec<Value> = (0..100).map(row).collect();
    let body = page(&rows, "1000");
    let server = Server::start(move |_| Step::Answer(200, body.clone()));
    let read = statement(&server).await.expect("rows");
    assert_eq!((read.rows.len(), read.is_whole()), (100, false));
    assert_eq!(server.calls().len(), 2);
}

#[tokio::test]
async fn registered_urls_do_not_keep_statements_from_being_registered() {
    let server = Server::start(|request| match request.path.as_str() {
        "/pulltransactions/v1/register" => {
            Step::Answer(200, json!({"ResponseStatus": "1001"}).to_string())
        }
        _ => Step::Answer(
            500,
            json!({"errorCode": "500.003.1001", "errorMessage": "Urls are already registered."})
                .to_string(),
        ),
    });
    let submission = rail(config(&server.url)).register_bills(&token("f")).await;
    let Submission::NotDone(not_done) = submission else { panic!("{submission:?}") };
    assert_eq!(not_done.why, WhyNot::Rejected);
    assert_eq!(not_done.detail, "http 500: 500.003.1001 Urls are already registered.");
    assert_eq!(server.calls().len(), 2);
}
