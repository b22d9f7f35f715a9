//! The real program, several times over: one API and two workers on one database, a burst, and a
//! worker that is killed in the middle of it.

use std::time::{Duration, Instant};

use api_actix::auth::local_token;
use api_actix::settings::Settings;
use e2e::{
    CUSTOMER, Database, Program, Role, SELLER, Serving, Sql, Stage, buy, check_books,
    check_positions, check_rail_books, deposit, engine, now, sell, twin, with,
};
use futures_util::stream::{self, StreamExt as _};
use reqwest::Client;
use serde_json::{Value, json};

/// Payments, and as many payouts. Whole orders by the thousand are in `coin_processes`.
const BURST: usize = 300;
/// Customers at the same time.
const AT_ONCE: usize = 32;
const LIMIT: Duration = Duration::from_mins(4);

struct Customers {
    client: Client,
    url: String,
    buyer: String,
    seller: String,
}

impl Customers {
    fn of(api: &Serving, settings: &Settings) -> Self {
        let token = |role, id: e2e::PartyId| {
            local_token(settings, role, id.0, now(), time::Duration::HOUR).expect("the local key")
        };
        Self {
            client: Client::builder().no_proxy().build().expect("a client"),
            url: api.url.clone(),
            buyer: token(Role::Customer, CUSTOMER),
            seller: token(Role::Customer, SELLER),
        }
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> Value {
        let url = format!("{}/api/v1/auth/{path}", self.url);
        let answer = e2e::send(self.client.post(url).bearer_auth(token).json(body)).await;
        assert!((200..300).contains(&answer.status), "{path}: {}", answer.text);
        answer.json
    }

    async fn buy_and_pay(&self, number: usize) {
        let changes = json!({ "usdt_amount": "1", "fiat_amount": "146.00" });
        let order = self.post("orders", &self.buyer, &with(buy(), &changes)).await;
        let phone = format!("2547{:08}", 20_000_000 + number);
        let body = json!({ "order_id": order["id"], "phone_number": phone });
        self.post("orders/payment", &self.buyer, &body).await;
    }

    /// Until all have paid: customers whose prompt never came, as their orders show, ask for another.
    async fn ask_again(&self, sql: &Sql, all: i64) {
        let (deadline, mut beat) =
            (Instant::now() + LIMIT, tokio::time::interval(Duration::from_millis(500)));
        while sql.number(PAID).await < all {
            assert!(Instant::now() < deadline, "not all payments come");
            for row in sql.rows(UNASKED, &[]).await {
                let (order, phone): (&str, &str) = (row.get(0), row.get(1));
                let body = json!({ "order_id": order, "phone_number": phone });
                self.post("orders/payment", &self.buyer, &body).await;
            }
            beat.tick().await;
        }
    }

    async fn sell(&self, number: usize) -> String {
        let phone = format!("2547{:08}", 40_000_000 + number);
        let changes = json!({ "usdt_amount": "1", "fiat_amount": "141.00", "payout_phone": phone });
        let order = self.post("orders", &self.seller, &with(sell(), &changes)).await;
        order["id"].as_str().expect("an id").to_owned()
    }
}

async fn until(what: &str, sql: &Sql, query: &str, wanted: i64) {
    let (deadline, mut beat) =
        (Instant::now() + LIMIT, tokio::time::interval(Duration::from_millis(50)));
    loop {
        beat.tick().await;
        let is = sql.number(query).await;
        if is >= wanted {
            assert_eq!(is, wanted, "{what}");
            return;
        }
        assert!(Instant::now() < deadline, "{what}: {is} of {wanted}");
    }
}

const PAID: &str = "SELECT count(*) FROM orders WHERE state = 'delivering'";
/// Orders whose prompt is known to have never come, and who was to get it.
const UNASKED: &str = "SELECT DISTINCT ON (orders.id) orders.id::text, collections.phone
    FROM orders JOIN collections ON collections.order_id = orders.id
    WHERE orders.state = 'awaiting_payment' AND orders.collection_id IS NULL";
const PAID_OUT: &str = "SELECT count(*) FROM orders WHERE state = 'completed'";
const LEFT: &str =
    "SELECT -(SELECT count(*) FROM outbox WHERE done_at IS NULL AND kind <> 'deliver')
    - (SELECT count(*) FROM callbacks WHERE settled_at IS NULL)";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_ends_with_exact_counts_although_a_worker_is_killed() {
    let (database, twin) = (Database::fresh().await, twin().await);
    twin.control().set_float(10_000_000_000);
    let stage = Stage::test().with_rail(&twin);
    let settings = stage.settings(&database).expect("settings");
    // Who takes requests need not know who moves money out.
    let api = Program::of_stage(&stage, &database)
        .set("KIVUKO__MPESA__INITIATOR", "")
        .set("KIVUKO__MPESA__SECURITY_CREDENTIAL", "");
    let api = api.serve_with(&["serve", "--role", "api"]).await;
    let stage = stage.set("KIVUKO__MPESA__CALLBACK_BASE", &api.url);
    let worker = Program::of_stage(&stage, &database);
    let workers = [
        worker.serve_with(&["serve", "--role", "worker"]).await,
        worker.serve_with(&["serve", "--role", "worker"]).await,
    ];
    let registered = worker.output(&["mpesa", "register"]).await;
    assert!(registered.status.success(), "{}", registered.stderr);
    let (sql, customers) = (Sql::connect(&database.url).await, Customers::of(&api, &settings));
    let (engine, began) = (engine(&settings), Instant::now());
    let flows = stream::iter(0..BURST).for_each_concurrent(AT_ONCE, |number| {
        let (customers, engine) = (&customers, &engine);
        async move {
            let sold = customers.sell(number).await;
            deposit(engine, &sold).await;
            customers.buy_and_pay(number).await;
        }
    });
    let [doomed, survivor] = workers;
    let killing = async {
        until_half(&sql).await;
        doomed.kill().await;
        worker.serve_with(&["serve", "--role", "worker"]).await
    };
    let ((), replacement) = tokio::join!(flows, killing);
    let all = i64::try_from(BURST).expect("a count");
    customers.ask_again(&sql, all).await;
    until("payments", &sql, PAID, all).await;
    until("payouts", &sql, PAID_OUT, all).await;
    println!("{BURST} payments and {BURST} payouts in {:?}", began.elapsed());
    until("nothing left", &sql, LEFT, 0).await;
    let oracle = twin.control().oracle();
    assert_eq!((oracle.payments.len(), oracle.payouts.len()), (BURST, BURST));
    check_rail_books(&sql, &oracle).await;
    check_positions(&sql, &engine).await;
    check_books(&sql).await;
    for process in [survivor, replacement, api] {
        assert!(process.terminate().await.success());
    }
    twin.stop().await;
}

/// A kill in the middle: when a quarter of all is done.
async fn until_half(sql: &Sql) {
    let mut beat = tokio::time::interval(Duration::from_millis(20));
    let half = i64::try_from(BURST / 2).expect("a count");
    while sql.number(PAID).await + sql.number(PAID_OUT).await < half {
        beat.tick().await;
    }
}
