//! What the scenarios of money out have in common: short ways to start, to act and to look.

use domain::ids::OrderId;
use domain::order::{Actor, OrderEvent};
use domain::rail::{CallbackToken, CircuitState, Hook, Subject};
use domain::service::ServiceError;
use e2e::{ADMIN, RailApp, SPEED, Stage, eventually, twin_with};
use serde_json::{Value, json};
use time::Duration;
use twins::daraja::{DarajaTwin, Endpoint, Fault, FaultKind, JournalKind, Options, Rules};
use uuid::Uuid;

/// 14,100 shillings: a failure of so much is believed only when the rail's own status says so.
pub(crate) const LARGE: u32 = 100;
/// 705 shillings: a well-told failure of so little is believed after ten quiet minutes.
pub(crate) const SMALL: u32 = 5;
/// The phone of the payout that closes the breaker.
const FIRST: &str = "254711000001";

/// A phone without a fate.
pub(crate) fn phone(number: usize) -> String {
    format!("2547110001{number:02}")
}

/// What so many coins bring their seller.
pub(crate) fn cents(coins: u32) -> i64 {
    i64::from(coins) * 14_100
}

/// A service whose credentials the rail has proven: payouts need not go one by one.
pub(crate) async fn proven() -> RailApp {
    prove(RailApp::start_as(Stage::test(), usual_twin().await).await).await
}

/// The same, five times as fast: for schedules of hours.
pub(crate) async fn hasty() -> RailApp {
    prove(RailApp::start_as(haste(Stage::test()), quick_twin().await).await).await
}

pub(crate) fn haste(stage: Stage) -> Stage {
    stage.set("KIVUKO__MPESA__SECOND_MS", 2)
}

/// A twin whose tokens last: its hours are short, and a token that is refused makes one request more.
pub(crate) async fn usual_twin() -> DarajaTwin {
    twin_with(Options { rules: lasting(), speed: SPEED, ..Options::default() }).await
}

pub(crate) async fn quick_twin() -> DarajaTwin {
    twin_with(Options { rules: lasting(), speed: 5 * SPEED, ..Options::default() }).await
}

fn lasting() -> Rules {
    Rules { token_life: Duration::days(30), ..Rules::default() }
}

/// Makes one payout, which closes the breaker.
pub(crate) async fn prove(rail: RailApp) -> RailApp {
    let id = rail.sell_to(FIRST, 1).await;
    rail.reaches(&id, "completed").await;
    circuit_is(&rail, CircuitState::Closed).await;
    rail
}

pub(crate) async fn circuit_is(rail: &RailApp, state: CircuitState) {
    let engine = rail.engine();
    eventually("the breaker is where it should be", async || {
        engine.circuit().await.expect("a database").state == state
    })
    .await;
}

/// Something goes wrong with every call about this phone.
pub(crate) fn spoil(rail: &RailApp, endpoint: Endpoint, phone: &str, kind: FaultKind) {
    rail.control().add_fault(Fault::always(endpoint, kind).of_phone(phone));
}

/// Something goes wrong with the first payout to this phone.
pub(crate) fn spoil_payout(rail: &RailApp, phone: &str, kind: FaultKind) {
    rail.control().add_fault(Fault::once(Endpoint::B2cV3, kind).of_phone(phone));
}

pub(crate) fn order_id(id: &str) -> OrderId {
    OrderId(Uuid::parse_str(id).expect("an id"))
}

/// An operator's act, or the refusal of it.
pub(crate) async fn operate(
    rail: &RailApp,
    id: &str,
    event: OrderEvent,
) -> Result<(), ServiceError> {
    let operator = Actor::Operator(ADMIN);
    rail.engine().record_event(order_id(id), operator, &event).await.map(drop)
}

/// The order's true state, which the wire shows only in part.
pub(crate) async fn state(rail: &RailApp, id: &str) -> String {
    text(rail, "SELECT state FROM orders WHERE id = $1::text::uuid", id).await.join(" ")
}

pub(crate) async fn becomes(rail: &RailApp, id: &str, wanted: &'static str) {
    eventually(wanted, async || state(rail, id).await == wanted).await;
}

/// One text per row of a query about an order.
pub(crate) async fn text(rail: &RailApp, query: &str, id: &str) -> Vec<String> {
    let rows = rail.app.sql.rows(query, &[&id]).await;
    rows.iter().map(|row| row.get(0)).collect()
}

/// The order's disbursements, oldest first, each as generation and state.
pub(crate) async fn disbursements(rail: &RailApp, id: &str) -> Vec<String> {
    let query = "SELECT generation || ' ' || state FROM disbursements
        WHERE order_id = $1::text::uuid ORDER BY generation";
    text(rail, query, id).await
}

/// The references that payouts to this phone were asked for under, one for each request.
pub(crate) fn asked(rail: &RailApp, phone: &str) -> Vec<String> {
    let journal = rail.control().journal();
    let requests = journal.iter().filter(|entry| {
        entry.kind == JournalKind::Request && entry.what.contains(Endpoint::B2cV3.path())
    });
    let bodies = requests.filter_map(|entry| serde_json::from_str::<Value>(&entry.body).ok());
    let of_phone = bodies.filter(|body| plain(&body["PartyB"]) == phone);
    of_phone.map(|body| plain(&body["OriginatorConversationID"])).collect()
}

fn plain(value: &Value) -> String {
    value.to_string().trim_matches('"').to_owned()
}

/// How often the rail was asked for the status of this.
pub(crate) fn questions(rail: &RailApp, reference: &str) -> usize {
    let journal = rail.control().journal();
    let is_question = |what: &str| what.contains(Endpoint::TransactionStatus.path());
    let requests = journal.iter().filter(|e| e.kind == JournalKind::Request);
    requests.filter(|e| is_question(&e.what) && e.body.contains(reference)).count()
}

/// The order is paid out once, under one reference, and everybody says so.
pub(crate) async fn paid_once(rail: &RailApp, id: &str, phone: &str, coins: u32) {
    paid_at_last(rail, id, phone, coins, &["1 paid"]).await;
    let mut references = asked(rail, phone);
    references.dedup();
    assert_eq!(references.len(), 1, "{phone} was paid under one reference: {references:?}");
}

/// The order is paid out once, after these disbursements.
pub(crate) async fn paid_at_last(
    rail: &RailApp,
    id: &str,
    phone: &str,
    coins: u32,
    disbursed: &[&str],
) {
    let order = rail.reaches(id, "completed").await;
    let oracle = rail.oracle();
    let payouts = oracle.payouts_to(phone);
    let [payout] = payouts.as_slice() else { panic!("one payout to {phone}: {payouts:?}") };
    assert_eq!(payout.amount_cents, cents(coins), "{phone}");
    assert_eq!(order["mpesa_receipt_number"]["String"], json!(payout.receipt), "{phone}");
    assert_eq!(disbursements(rail, id).await, disbursed, "{phone}");
    let posted = "SELECT coalesce(sum(amount), 0)::bigint::text FROM ledger_postings
        JOIN ledger_entries ON ledger_entries.id = entry_id
        WHERE order_id = $1::text::uuid AND account = 'mpesa_utility' AND cause NOT LIKE 'charge:%'";
    let posted = text(rail, posted, id).await.concat();
    assert_eq!(posted, (-cents(coins)).to_string(), "the ledger, for {phone}");
}

/// Nothing reached the phone, and the deposit goes back.
pub(crate) async fn goes_back(rail: &RailApp, id: &str, phone: &str, reason: &str) {
    becomes(rail, id, "refunding").await;
    assert_eq!(rail.order(id).await["status_reason"], reason, "{phone}");
    assert!(rail.oracle().payouts_to(phone).is_empty(), "{phone}");
    let returns = "SELECT payload::text FROM outbox
        WHERE order_id = $1::text::uuid AND kind = 'refund_crypto' AND done_at IS NULL";
    assert_eq!(text(rail, returns, id).await.len(), 1, "{phone}: the coin waits for its chain");
}

/// Nothing reached the phone, and an operator is called.
pub(crate) async fn blocked(rail: &RailApp, id: &str, phone: &str) {
    becomes(rail, id, "on_hold").await;
    assert_eq!(rail.order(id).await["status_reason"], "under_review", "{phone}");
    assert!(rail.oracle().payouts_to(phone).is_empty(), "{phone}");
    let called = "SELECT kind FROM reviews WHERE order_id = $1::text::uuid";
    eventually("an operator is called", async || {
        text(rail, called, id).await == ["payout_blocked"]
    })
    .await;
}

/// Every one of these orders has been looked at again, and has been left alone: for this reason.
pub(crate) async fn held_back(rail: &RailApp, orders: i64, why: &str) {
    let held = format!(
        "SELECT count(*) FROM outbox WHERE kind = 'pay_out' AND done_at IS NULL AND attempts > 2
            AND last_error LIKE '%{why}%'"
    );
    eventually("jobs are held back", async || rail.app.sql.number(&held).await == orders).await;
}

pub(crate) async fn review_comes(rail: &RailApp, kind: &'static str, count: i64) {
    eventually(kind, async || rail.reviews(kind).await == count).await;
}

/// Posts a body to a URL that was minted for the order's last disbursement: what only the rail knows.
pub(crate) async fn knock(rail: &RailApp, id: &str, body: impl FnOnce(&str) -> Value) {
    let last = "SELECT id::text FROM disbursements WHERE order_id = $1::text::uuid
        ORDER BY generation DESC LIMIT 1";
    let reference = text(rail, last, id).await.concat();
    let subject = Subject::Disbursement(Uuid::parse_str(&reference).expect("a reference"));
    let token = CallbackToken::mint(|| Uuid::now_v7().as_u64_pair().1);
    let engine = rail.engine();
    let mut uow = engine.store.begin().await.expect("a database");
    let now = engine.clock.now();
    uow.add_token(&token.hash(), Hook::Payout, subject, now).await.expect("a door");
    uow.commit().await.expect("a database");
    let path = format!("/hooks/p/{}", token.as_str());
    rail.app.post(&path, "", &body(&reference)).await.expect(200);
    eventually("every callback is read", async || unread(rail).await == 0).await;
}

async fn unread(rail: &RailApp) -> i64 {
    rail.app.sql.number("SELECT count(*) FROM callbacks WHERE settled_at IS NULL").await
}

/// A result as the rail words it.
pub(crate) fn result(reference: &str, code: &str, said: &[(&str, Value)]) -> Value {
    let said: Vec<Value> =
        said.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    json!({ "Result": {
        "ResultType": 0,
        "ResultCode": code,
        "ResultDesc": "said by somebody",
        "OriginatorConversationID": reference,
        "ConversationID": "AG_20240706_20106e9209f64bebd05b",
        "TransactionID": "SAIDBYSOME",
        "ResultParameters": { "ResultParameter": said },
    }})
}

/// A success as the rail words it.
pub(crate) fn success(reference: &str, receipt: &str, phone: &str, shillings: u32) -> Value {
    let said = [
        ("TransactionAmount", json!(shillings)),
        ("TransactionReceipt", json!(receipt)),
        ("ReceiverPartyPublicName", json!(format!("{phone} - JANE SAMPLE DOE"))),
    ];
    result(reference, "0", &said)
}
