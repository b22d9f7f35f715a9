//! `kivuko` stopped in the middle of every leg, by Ctrl-C and by kill -9, and started again: every order
//! ends as the table says, on its own database and on twins that remember what they have answered.

use std::path::{Path, PathBuf};
use std::time::Duration;

use e2e::{Program, Serving, in_time};
use reqwest::Client;
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_mins(2);
const CUSTOMER: &str = "b523ed51-a7e0-4c53-8ac2-3c0b7e1c9cd5";
const SELLER: &str = "8d09359f-325a-4ecf-998d-dbe5eda3a498";

/// What makes a minute of waiting a few seconds.
const QUICK: [(&str, &str); 12] = [
    // What a killed worker held is nobody's for so long.
    ("KIVUKO__MPESA__LEASE_S", "5"),
    ("KIVUKO__TREASURY__LEASE_S", "5"),
    ("KIVUKO__MPESA__TWIN_SPEED", "10"),
    ("KIVUKO__MPESA__SECOND_MS", "100"),
    ("KIVUKO__MPESA__SWEEP_INTERVAL_MS", "500"),
    ("KIVUKO__TRON__TWIN_SLOT_MS", "150"),
    ("KIVUKO__TRON__REQUESTS_PER_SECOND", "1000"),
    ("KIVUKO__ETHEREUM__ANVIL_BLOCK_MS", "250"),
    ("KIVUKO__ETHEREUM__REQUESTS_PER_SECOND", "1000"),
    ("KIVUKO__TREASURY__SECOND_MS", "100"),
    ("KIVUKO__TREASURY__JOB_INTERVAL_MS", "100"),
    ("KIVUKO__TREASURY__WATCH_INTERVAL_MS", "150"),
];

#[derive(Debug, Clone, Copy)]
enum Stop {
    CtrlC,
    Kill,
}

impl Stop {
    /// Two payments of one amount from one phone would be one too many.
    fn phone(self) -> &'static str {
        match self {
            Self::CtrlC => "254711222331",
            Self::Kill => "254711222332",
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Chain {
    Tron,
    Ethereum,
}

/// A folder, and the program on it.
struct Fixture {
    folder: PathBuf,
    program: Program,
    serving: Option<Serving>,
    chain: Chain,
}

impl Fixture {
    async fn on(chain: Chain, name: &str) -> Self {
        let folder = format!("kivuko-restart-{name}-{chain:?}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir(&folder).expect("a new folder");
        let quick = QUICK
            .iter()
            .fold(Program::in_folder(&folder), |program, (name, value)| program.set(name, value));
        let program = match chain {
            Chain::Tron => quick,
            Chain::Ethereum => {
                quick.set("KIVUKO__TRON__TWIN", "false").set("KIVUKO__ETHEREUM__ANVIL", "true")
            }
        };
        // Asking for an order many times a second is no news.
        let program = program.set("KIVUKO__LOG__LEVEL", "info,api_actix::http::observe=warn");
        // The same port every time: it is where M-Pesa calls back.
        let program = program.set("KIVUKO__HTTP__PORT", free_port());
        let serving = Some(program.serve().await);
        Self { folder, program, serving, chain }
    }

    fn url(&self) -> &str {
        &self.serving.as_ref().expect("it runs").url
    }

    async fn restart(&mut self, how: Stop) {
        let serving = self.serving.take().expect("it runs");
        match how {
            Stop::Kill => serving.kill().await,
            Stop::CtrlC => assert_eq!(serving.interrupt().await.code(), Some(0)),
        }
        let mut serving = self.program.serve().await;
        let story = serving.line().await;
        assert!(story.starts_with("twins begin on where they stopped: M-Pesa, "), "{story}");
        self.serving = Some(serving);
    }

    async fn token(&self, party: &str) -> String {
        let arguments = ["token", "--role", "customer", "--sub", party];
        self.program.output(&arguments).await.stdout.trim().to_owned()
    }

    async fn post(&self, path: &str, party: &str, body: &Value) -> Value {
        let url = format!("{}/api/v1/auth{path}", self.url());
        let sent = Client::new().post(url).bearer_auth(self.token(party).await).json(body);
        let answer = e2e::send(sent).await;
        assert!(answer.status < 300, "{}", answer.text);
        answer.json
    }

    async fn order(&self, id: &str, party: &str, token: &str) -> Value {
        let url = format!("{}/api/v1/auth/order/id/{id}/details?nulls=plain", self.url());
        let answer = e2e::send(Client::new().get(url).bearer_auth(token)).await;
        assert_eq!(answer.status, 200, "{party}: {}", answer.text);
        answer.json
    }

    /// Waits until the order is as wanted.
    async fn until(&self, id: &str, party: &str, is_there: impl Fn(&Value) -> bool) -> Value {
        let token = self.token(party).await;
        let waited = async {
            let mut looks = tokio::time::interval(Duration::from_millis(20));
            loop {
                looks.tick().await;
                let order = self.order(id, party, &token).await;
                if is_there(&order) {
                    return order;
                }
            }
        };
        in_time("the order", LIMIT, waited).await
    }

    async fn ends(&self, id: &str, party: &str, status: &str) -> Value {
        let is_final = |order: &Value| {
            ["completed", "cancelled", "failed"].contains(&order["status"].as_str().unwrap_or(""))
        };
        let order = self.until(id, party, is_final).await;
        assert_eq!(order["status"], status, "{order}");
        order
    }

    fn wallet(&self) -> &'static str {
        match self.chain {
            Chain::Tron => "TPY7ewYk2eY9b4TTYkCHJH3Cqudh3NU6tM",
            Chain::Ethereum => "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
        }
    }

    /// A buy whose prompt stands on the phone until it is answered.
    async fn buy(&self, phone: &str) -> String {
        self.twin(&["payer", phone, "by_hand", "--seconds", "100000"]).await;
        let order = self
            .post(
                "/orders",
                CUSTOMER,
                &json!({
                    "customer_id": CUSTOMER, "vendor_id": "5c81c005-1c52-4e0d-85e2-862ee1cdd4d0",
                    "offer_id": "7c9a9311-7e7d-4739-9abc-34f7db00ff19", "usdt_amount": "100.00",
                    "fiat_amount": "14600.00", "fiat_currency": "KES",
                    "wallet_address": self.wallet(), "payment_method": "mpesa",
                    "order_type": "ON_RAMP_BUY",
                }),
            )
            .await;
        let id = order["id"].as_str().expect("an id").to_owned();
        let asked = json!({ "order_id": id, "phone_number": phone });
        self.post("/orders/payment", CUSTOMER, &asked).await;
        id
    }

    async fn sell(&self, more: &Value) -> String {
        let mut body = json!({
            "customer_id": SELLER, "vendor_id": "7a4301b0-e04b-4102-a999-b17dada65509",
            "offer_id": "0e16f8d4-e557-4343-848b-9be955ccf06c", "usdt_amount": "80.00",
            "fiat_amount": "11280.00", "fiat_currency": "KES", "wallet_address": self.wallet(),
            "payment_method": "mpesa", "order_type": "OFF_RAMP_SELL",
            "payout_phone": "254712345678",
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let order = self.post("/orders", SELLER, &body).await;
        order["id"].as_str().expect("an id").to_owned()
    }

    /// `kivuko twin …`, which finds the service by its folder.
    async fn twin(&self, arguments: &[&str]) -> Value {
        let arguments: Vec<&str> = ["twin"].iter().chain(arguments).copied().collect();
        let said = self.program.output(&arguments).await;
        assert!(said.status.success(), "{}", said.stderr);
        serde_json::from_str(&said.stdout).expect("JSON")
    }

    async fn end(mut self) {
        let books = self.twin(&["books"]).await;
        let receipts = ["payments", "payouts"].iter().flat_map(|what| {
            books[what].as_array().into_iter().flatten().map(|one| one["receipt"].to_string())
        });
        let mut receipts: Vec<String> = receipts.collect();
        let count = receipts.len();
        receipts.sort();
        receipts.dedup();
        assert_eq!(receipts.len(), count, "receipts never repeat: {books}");
        let serving = self.serving.take().expect("it runs");
        assert_eq!(serving.terminate().await.code(), Some(0));
        remove(&self.folder);
    }
}

fn remove(folder: &Path) {
    let _gone_already = std::fs::remove_dir_all(folder);
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

const BOTH: [Stop; 2] = [Stop::CtrlC, Stop::Kill];

fn is(status: &str) -> impl Fn(&Value) -> bool {
    move |order| order["status"] == status
}

async fn a_prompt_stands_again(chain: Chain) {
    let mut fixture = Fixture::on(chain, "prompt").await;
    for stop in BOTH {
        let id = fixture.buy(stop.phone()).await;
        fixture.restart(stop).await;
        fixture.twin(&["answer", stop.phone(), "approve"]).await;
        fixture.ends(&id, CUSTOMER, "completed").await;
    }
    fixture.end().await;
}

async fn a_confirmed_payment_is_delivered(chain: Chain) {
    let mut fixture = Fixture::on(chain, "payment").await;
    for stop in BOTH {
        let id = fixture.buy(stop.phone()).await;
        fixture.twin(&["answer", stop.phone(), "approve"]).await;
        fixture.until(&id, CUSTOMER, |order| order["status"] != "pending").await;
        fixture.restart(stop).await;
        fixture.ends(&id, CUSTOMER, "completed").await;
    }
    fixture.end().await;
}

async fn a_delivery_under_way_becomes_final(chain: Chain) {
    let mut fixture = Fixture::on(chain, "delivery").await;
    for stop in BOTH {
        let id = fixture.buy(stop.phone()).await;
        fixture.twin(&["answer", stop.phone(), "approve"]).await;
        let sent = fixture.until(&id, CUSTOMER, is("confirming")).await;
        fixture.restart(stop).await;
        let done = fixture.ends(&id, CUSTOMER, "completed").await;
        assert_eq!(done["blockchain_txn_hash"], sent["blockchain_txn_hash"], "sent once");
    }
    fixture.end().await;
}

async fn a_deposit_that_was_made_is_paid_out(chain: Chain) {
    let mut fixture = Fixture::on(chain, "deposit").await;
    for stop in BOTH {
        let id = fixture.sell(&json!({})).await;
        let sent = fixture.twin(&["deposit", &id]).await;
        fixture.restart(stop).await;
        let done = fixture.ends(&id, SELLER, "completed").await;
        assert_eq!(done["deposit_tx_hash"], sent["hash"]);
    }
    fixture.end().await;
}

async fn a_payout_that_was_sent(chain: Chain) {
    let mut fixture = Fixture::on(chain, "payout").await;
    for stop in BOTH {
        let id = fixture.sell(&json!({})).await;
        fixture.twin(&["deposit", &id]).await;
        fixture
            .until(&id, SELLER, |order| {
                ["processing", "completed"].contains(&order["status"].as_str().unwrap_or_default())
            })
            .await;
        fixture.restart(stop).await;
        fixture.ends(&id, SELLER, "completed").await;
    }
    let books = fixture.twin(&["books"]).await;
    assert_eq!(books["payouts"].as_array().map(Vec::len), Some(2), "{books}");
    fixture.end().await;
}

async fn too_little_goes_back(chain: Chain) {
    let mut fixture = Fixture::on(chain, "refund").await;
    for stop in BOTH {
        let until = e2e::now() + time::Duration::seconds(8);
        let until = until.format(&time::format_description::well_known::Rfc3339).expect("a time");
        let id = fixture.sell(&json!({ "expires_at": until })).await;
        fixture.twin(&["deposit", &id, "--amount", "30"]).await;
        fixture.restart(stop).await;
        let done = fixture.ends(&id, SELLER, "failed").await;
        assert_eq!(done["status_reason"], "underpaid", "{done}");
    }
    fixture.end().await;
}

#[tokio::test]
async fn a_prompt_that_was_out_stands_on_the_phone_again() {
    a_prompt_stands_again(Chain::Tron).await;
}

#[tokio::test]
async fn a_payment_that_was_confirmed_is_delivered_on_tron() {
    a_confirmed_payment_is_delivered(Chain::Tron).await;
}

#[tokio::test]
async fn a_payment_that_was_confirmed_is_delivered_on_ethereum() {
    a_confirmed_payment_is_delivered(Chain::Ethereum).await;
}

#[tokio::test]
async fn a_refund_goes_back_on_tron() {
    too_little_goes_back(Chain::Tron).await;
}

#[tokio::test]
async fn a_refund_goes_back_on_ethereum() {
    too_little_goes_back(Chain::Ethereum).await;
}

#[tokio::test]
async fn a_delivery_under_way_becomes_final_on_tron() {
    a_delivery_under_way_becomes_final(Chain::Tron).await;
}

#[tokio::test]
async fn a_delivery_under_way_becomes_final_on_ethereum() {
    a_delivery_under_way_becomes_final(Chain::Ethereum).await;
}

#[tokio::test]
async fn a_deposit_that_was_made_is_paid_out_on_tron() {
    a_deposit_that_was_made_is_paid_out(Chain::Tron).await;
}

#[tokio::test]
async fn a_deposit_that_was_made_is_paid_out_on_ethereum() {
    a_deposit_that_was_made_is_paid_out(Chain::Ethereum).await;
}

#[tokio::test]
async fn a_payout_that_was_sent_arrives_once() {
    a_payout_that_was_sent(Chain::Tron).await;
}

#[tokio::test]
async fn a_database_whose_twin_is_gone_is_refused_until_both_begin_anew() {
    let mut fixture = Fixture::on(Chain::Tron, "gone").await;
    fixture.buy(Stop::Kill.phone()).await;
    let running = fixture.program.output(&["reset", "--yes"]).await;
    assert!(!running.status.success() && running.stderr.contains("stop it first"), "{running:?}");
    fixture.serving.take().expect("it runs").kill().await;
    remove(&fixture.folder.join("twins"));

    let refused = fixture.program.output(&[]).await;
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(refused.stderr.contains("M-Pesa's twin"), "{refused:?}");
    assert!(refused.stderr.contains("kivuko reset"), "it says what to do: {refused:?}");
    let again = fixture.program.output(&[]).await;
    assert_eq!(again.status.code(), Some(1), "a refusal makes no new world: {again:?}");

    let unasked = fixture.program.output(&["reset"]).await;
    assert!(!unasked.status.success() && unasked.stderr.contains("--yes"), "{unasked:?}");
    let reset = fixture.program.output(&["reset", "--yes"]).await;
    assert!(reset.status.success(), "{reset:?}");
    let mut serving = fixture.program.serve().await;
    assert_eq!(serving.line().await, "twins begin anew: M-Pesa, Tron");
    assert_eq!(serving.terminate().await.code(), Some(0));
    remove(&fixture.folder);
}

#[tokio::test]
async fn commands_beside_a_local_service_find_it_by_its_folder() {
    let mut fixture = Fixture::on(Chain::Tron, "beside").await;
    for (arguments, said) in [
        (vec!["status"], "health    "),
        (vec!["chain", "status"], "tron hot wallet T"),
        (vec!["mpesa", "status"], "payouts: probing"),
        (vec!["chain", "book-stock", "tron", "USDT"], "booked "),
        (vec!["twin", "prompts"], "[]"),
    ] {
        let output = fixture.program.output(&arguments).await;
        assert!(output.status.success(), "{arguments:?}: {}", output.stderr);
        assert!(output.stdout.contains(said), "{arguments:?}: {}", output.stdout);
    }
    let serving = fixture.serving.take().expect("it runs");
    assert_eq!(serving.terminate().await.code(), Some(0));
    let away = fixture.program.output(&["twin", "prompts"]).await;
    assert!(away.stderr.contains("no local service runs on"), "{away:?}");
    remove(&fixture.folder);
}

#[tokio::test]
async fn the_demo_walks_twice_on_one_folder() {
    let folder = std::env::temp_dir().join(format!("kivuko-demo-twice-{}", std::process::id()));
    let program = Program::new().set("KIVUKO_DATA_DIR", folder.display());
    for _ in 0..2 {
        let said = program.output(&["demo"]).await;
        assert!(said.status.success(), "{}\n{}", said.stdout, said.stderr);
        assert!(said.stdout.contains("all books agree"), "{}", said.stdout);
    }
    remove(&folder);
}
