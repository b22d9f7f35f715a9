//! A world that outlives its program: the folder has what was answered, however the program ended.

use std::path::PathBuf;

use serde_json::json;
use tokio::net::TcpListener;
use twins::daraja::{Answer, Behaviour, DarajaTwin, Endpoint, Fault, FaultKind, Options, Payer};

use crate::daraja::support::{Desk, PAYER, quiet};

const LIMIT: std::time::Duration = std::time::Duration::from_secs(20);

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("kivuko-twin-{name}-{}", std::process::id()));
    let _not_there = std::fs::remove_dir_all(&folder);
    folder
}

fn kept(folder: &std::path::Path) -> Options {
    Options { folder: Some(folder.to_owned()), ..quiet() }
}

#[tokio::test]
async fn a_twin_that_died_goes_on_with_prompts_payments_payouts_tokens_and_urls() {
    let folder = folder("goes-on");
    let desk = Desk::with(kept(&folder)).await;
    assert!(!desk.twin.is_continued());
    let urls = json!({
        "ShortCode": "174379", "ResponseType": "Completed",
        "ConfirmationURL": desk.inbox.url("b/c0ffee"), "ValidationURL": desk.inbox.url("b/c0ffee"),
    });
    assert_eq!(desk.post(Endpoint::C2bRegister, &urls).await.status, 200);
    desk.prompt(PAYER, 10).await;
    desk.finish().await;
    desk.control().set_payer(PAYER, Payer::new(Behaviour::ByHand));
    desk.control().add_fault(Fault::always(Endpoint::PullQuery, FaultKind::SystemBusy));
    let open = desk.prompt(PAYER, 20).await;
    desk.b2c("ocid-1", PAYER, 30).await;
    let before = desk.control().oracle();
    let Desk { twin, inbox, client, token } = desk;
    // Nothing is written at the end: this is how a killed program leaves it.
    drop(twin);

    let twin = DarajaTwin::start(kept(&folder)).await.expect("a twin");
    assert!(twin.is_continued());
    let desk = Desk { twin, inbox, client, token };
    assert_eq!(desk.control().oracle().payments, before.payments);
    let again = desk.post(Endpoint::C2bRegister, &urls).await;
    assert_eq!(again.refusal().1, "500.003.1001", "registered before: {}", again.text);
    assert_eq!(desk.b2c("ocid-1", PAYER, 30).await.refusal().1, "500.002.1001", "a duplicate");
    let prompts = desk.control().open_prompts();
    assert_eq!(prompts.iter().map(|one| &one.checkout_request_id).collect::<Vec<_>>(), [&open]);
    assert!(desk.control().answer_prompt(PAYER, Answer::Approve));
    desk.finish().await;
    let oracle = desk.control().oracle();
    assert_eq!((oracle.payments.len(), oracle.payouts.len()), (2, 1));
    assert_ne!(oracle.payments[0].receipt, oracle.payments[1].receipt, "receipts never repeat");
    let clash = oracle.payments.iter().any(|one| one.receipt == oracle.payouts[0].receipt);
    assert!(!clash, "{oracle:?}");
    let pull = desk.post(Endpoint::PullQuery, &json!({})).await;
    assert_eq!(pull.refusal().1, "500.003.02", "the fault is still there");
    std::fs::remove_dir_all(folder).expect("removed");
}

#[tokio::test]
async fn a_callback_that_was_on_its_way_is_sent_once_more() {
    let folder = folder("on-its-way");
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let options = Options { start: None, speed: 50, ..kept(&folder) };
    let desk = Desk::with(options.clone()).await;
    let mut body = desk.stk_body(PAYER, 10);
    let address = silent.local_addr().expect("an address");
    body["CallBackURL"] = json!(format!("http://{address}/cb/c0ffee"));
    assert_eq!(desk.post(Endpoint::StkPush, &body).await.status, 200);
    // It is there, and nobody answers it.
    let (_unanswered, _) = silent.accept().await.expect("a callback");
    drop(desk);

    let _twin = DarajaTwin::start(options).await.expect("a twin");
    let again = tokio::time::timeout(LIMIT, silent.accept()).await;
    again.expect("in time").expect("the callback");
    std::fs::remove_dir_all(folder).expect("removed");
}

#[tokio::test]
async fn a_world_that_cannot_be_read_is_refused_and_left_as_it_is() {
    let folder = folder("torn");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("mpesa.json"), "{\"clock\":").expect("torn");
    let refused = DarajaTwin::start(kept(&folder)).await.expect_err("torn");
    assert!(refused.to_string().contains("mpesa.json cannot be read"), "{refused}");
    assert_eq!(std::fs::read_to_string(folder.join("mpesa.json")).expect("there"), "{\"clock\":");
    std::fs::remove_dir_all(folder).expect("removed");
}
