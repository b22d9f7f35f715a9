//! The five seed pages, held against the service: every field of their examples is there, with its
//! name, its type and its wrapping, in the one order that all endpoints share.

use e2e::{Answer, Stage, TestApp, buy, fields, now, rows, sell, with};
use serde_json::{Value, json};
use time::Duration;
use time::format_description::well_known::Rfc3339;

const SUPERSET: &str = include_str!("seeds/order-superset.json");
const CREATE_REQUEST: &str = include_str!("seeds/create-order.request.json");
const CREATE: &str = include_str!("seeds/create-order.json");
const LIST: &str = include_str!("seeds/list-orders.json");
const PENDING: &str = include_str!("seeds/list-pending-orders.json");
const DETAILS: &str = include_str!("seeds/order-with-details.json");
const CANCEL: &str = include_str!("seeds/cancel-order.json");

/// What the service adds to every order, behind what the seeds have.
const ADDED: [&str; 4] = ["status_reason", "waiting_for", "last_error", "account_reference"];

/// Checks the whole shape of an order: the superset's fields in its order, then the view's own
/// fields, then ours; each of the type that the seeds give it.
#[track_caller]
fn assert_is_an_order(text: &str, of_the_view: &[&str]) {
    let superset = fields(SUPERSET);
    let names = superset.iter().map(|field| field.name.as_str());
    let expected: Vec<&str> = names.chain(of_the_view.iter().copied()).chain(ADDED).collect();
    let sent = fields(text);
    let sent_names: Vec<&str> = sent.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(sent_names, expected, "{text}");
    for (field, known) in sent.iter().zip(&superset) {
        let kind = known.text.trim_matches('"');
        let value: Value = serde_json::from_str(&field.text).expect("JSON");
        let right = match kind {
            "uuid" => value.as_str().is_some_and(|text| text.parse::<uuid::Uuid>().is_ok()),
            "string" => value.is_string(),
            "integer" => value.is_u64(),
            "time" => is_time(&value),
            "NullString" => is_wrapped(&field.text, "String") && value["String"].is_string(),
            "NullTime" => is_wrapped(&field.text, "Time") && is_time(&value["Time"]),
            other => panic!("{other} in the superset"),
        };
        assert!(right, "{} is no {kind}: {}", field.name, field.text);
    }
}

/// RFC 3339 in UTC, with at most six decimals and no trailing zero.
fn is_time(value: &Value) -> bool {
    let Some(text) = value.as_str().and_then(|text| text.strip_suffix('Z')) else {
        return false;
    };
    let plain = text
        .split_once('.')
        .is_none_or(|(_, places)| (1..=6).contains(&places.len()) && !places.ends_with('0'));
    plain && time::OffsetDateTime::parse(&format!("{text}Z"), &Rfc3339).is_ok()
}

/// `{"String":"…","Valid":bool}`, in this order; empty values are the seeds' own.
fn is_wrapped(text: &str, member: &str) -> bool {
    let members = fields(text);
    let [value, valid] = members.as_slice() else {
        return false;
    };
    let empty = if member == "String" { "\"\"" } else { "\"0001-01-01T00:00:00Z\"" };
    let named = value.name == member && valid.name == "Valid";
    let agrees =
        valid.text == "true" && value.text != empty || valid.text == "false" && value.text == empty;
    named && agrees
}

/// Checks that every field of a seed's example is there with the example's type, and with its value
/// unless it is one that every run makes anew.
#[track_caller]
fn assert_like_the_seed(text: &str, seed: &str, made_anew: &[&str]) {
    let sent: Value = serde_json::from_str(text).expect("JSON");
    for field in fields(seed) {
        let example: Value = serde_json::from_str(&field.text).expect("JSON");
        let value = &sent[&field.name];
        assert_eq!(kind(value), kind(&example), "{} in {text}", field.name);
        if !made_anew.contains(&field.name.as_str()) {
            assert_eq!(*value, example, "{} in {text}", field.name);
        }
    }
}

/// The type of a value; of an object also its members.
fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(_) => "bool".into(),
        Value::Number(_) => "number".into(),
        Value::String(_) => "string".into(),
        Value::Array(_) => "list".into(),
        Value::Object(members) => {
            let kinds = members.iter().map(|(name, value)| (name, kind(value)));
            format!("{:?}", kinds.collect::<Vec<_>>())
        }
    }
}

/// The names of a seed's example: for examples whose values are placeholders.
fn every_field(seed: &str) -> Vec<String> {
    fields(seed).into_iter().map(|field| field.name).collect()
}

#[track_caller]
fn assert_shaped_like_the_seed(text: &str, seed: &str) {
    let names = every_field(seed);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_like_the_seed(text, seed, &names);
}

/// The seed's own request, with its date moved to where the service's clock is.
fn seed_request() -> Value {
    let soon = (now() + Duration::DAY).replace_nanosecond(0).expect("a time");
    let soon = soon.format(&Rfc3339).expect("a time");
    let request = serde_json::from_str(CREATE_REQUEST).expect("JSON");
    with(request, &json!({ "expires_at": soon }))
}

async fn list(app: &TestApp, path: &str) -> Answer {
    let page = format!("/api/v1/auth/{path}?page_id=1&page_size=10");
    app.get(&page, &app.admin).await.expect(200)
}

#[tokio::test]
async fn the_request_of_create_order_txt_gets_its_answer() {
    let app = TestApp::start().await;
    let request = seed_request();
    let created = app.place(&app.customer, &request).await;
    assert_eq!(created.header("content-type"), Some("application/json"));
    assert_is_an_order(&created.text, &[]);
    let made_anew = ["id", "expires_at", "created_at", "updated_at"];
    assert_like_the_seed(&created.text, CREATE, &made_anew);
    assert_eq!(created.json["expires_at"], request["expires_at"]);
    assert_eq!(created.json["created_at"], created.json["updated_at"]);
    let added = [
        ("asset", json!("USDT")),
        ("crypto_amount", json!("1200.00000000")),
        ("order_subtype", json!("standard_onramp")),
        ("sender_name", json!({ "String": "", "Valid": false })),
        ("status_reason", Value::Null),
    ];
    for (field, value) in added {
        assert_eq!(created.json[field], value, "{field}");
    }
    assert_eq!(created.json["waiting_for"]["actor"], "customer");
    assert_eq!(created.json["waiting_for"]["until"], created.json["expires_at"]);
    app.finish().await;
}

#[tokio::test]
async fn the_list_of_list_orders_txt_shows_both_of_its_orders() {
    let app = TestApp::start().await;
    let bought = app.place(&app.customer, &seed_request()).await;
    let sold = app.place(&app.seller, &sell()).await;
    let listed = list(&app, "orders").await;
    assert_eq!(listed.ids(), [sold.id(), bought.id()], "newest first");
    let (listed, examples) = (rows(&listed.text), rows(LIST));
    let made_anew = ["id", "created_at", "updated_at"];
    assert_is_an_order(&listed[1], &[]);
    assert_like_the_seed(&listed[1], &examples[0], &made_anew);
    assert_is_an_order(&listed[0], &[]);
    let of_the_escrow = ["escrow_wallet_address", "escrow_reference"];
    let made_anew: Vec<&str> = made_anew.into_iter().chain(of_the_escrow).collect();
    assert_like_the_seed(&listed[0], &examples[1], &made_anew);
    let sold = &sold.json;
    for field in of_the_escrow.into_iter().chain(["escrow_network"]) {
        assert_eq!(sold[field]["Valid"], true, "{field}");
    }
    assert!(
        sold["escrow_wallet_address"]["String"]
            .as_str()
            .is_some_and(|address| address.starts_with('T') && address.len() == 34)
    );
    assert_eq!(sold["order_subtype"], "standard_offramp");
    app.finish().await;
}

#[tokio::test]
async fn the_rows_of_list_pending_orders_txt_carry_the_rate() {
    let app = TestApp::start().await;
    app.place(&app.customer, &buy()).await;
    app.place(&app.seller, &sell()).await;
    let pending = list(&app, "orders/pending").await;
    let pending = rows(&pending.text);
    assert_eq!(pending.len(), 1, "off-ramp orders await crypto");
    assert_is_an_order(&pending[0], &["rate"]);
    assert_shaped_like_the_seed(&pending[0], &rows(PENDING)[0]);
    let row: Value = serde_json::from_str(&pending[0]).expect("JSON");
    assert_eq!(row["rate"], "146.00");
    app.finish().await;
}

#[tokio::test]
async fn the_details_of_order_with_details_txt_name_the_parties_and_the_offer() {
    let app = TestApp::start().await;
    let placed = app.place(&app.customer, &buy()).await;
    let details = app.details(&app.customer, placed.id()).await.expect(200);
    let of_the_view = [
        "customer_email",
        "customer_phone",
        "vendor_email",
        "vendor_phone",
        "offer_type",
        "offer_rate",
        "attempts",
    ];
    assert_is_an_order(&details.text, &of_the_view);
    assert_shaped_like_the_seed(&details.text, DETAILS);
    let told = [
        "amina@example.com",
        "+254727648169",
        "chanua@example.com",
        "+254711000001",
        "SELL",
        "146.00",
    ];
    for (field, value) in of_the_view.into_iter().zip(told) {
        assert_eq!(details.json[field], value, "{field}");
    }
    app.finish().await;
}

#[tokio::test]
async fn the_answer_of_cancel_order_txt_is_the_whole_order() {
    let app = TestApp::start().await;
    let placed = app.place(&app.customer, &buy()).await;
    let cancelled = app.cancel(&app.customer, placed.id()).await.expect(200);
    assert_is_an_order(&cancelled.text, &[]);
    assert_shaped_like_the_seed(&cancelled.text, CANCEL);
    assert_eq!(cancelled.json["status"], "cancelled");
    assert_eq!(cancelled.json["status_reason"], "cancelled_by_customer");
    assert_eq!(cancelled.json["waiting_for"], Value::Null);
    app.finish().await;
}

#[tokio::test]
async fn the_first_escrow_addresses_are_those_of_the_well_known_mnemonic() {
    const ETHEREUM_WALLET: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
    let on_ethereum = with(sell(), &json!({ "wallet_address": ETHEREUM_WALLET }));
    for (order, network, escrow) in [
        (sell(), "tron", "TWer2Ygk5TEheHp3TPuYeqxmB6SsGZmaL6"),
        (on_ethereum, "ethereum", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
    ] {
        let stage = Stage::named("local").set("KIVUKO__CHAIN__NETWORKS", "tron, ethereum");
        let app = stage.start().await;
        let placed = app.place(&app.seller, &order).await;
        assert_eq!(placed.json["escrow_network"]["String"], network);
        assert_eq!(placed.json["escrow_wallet_address"]["String"], escrow);
        app.finish().await;
    }
}
