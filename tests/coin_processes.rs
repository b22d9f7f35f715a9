//! The real program, several times over, with coin and shillings: one API and two workers on one
//! database and one journal of signatures, orders both ways at once, and a worker that is killed in
//! the middle of it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use api_actix::auth::local_token;
use api_actix::settings::Settings;
use domain::address::Network;
use e2e::{
    CUSTOMER, Coins, Database, Program, Role, SELLER, STOCK, Serving, Sql, Stage, buy, check_books,
    check_coin_books, check_positions, check_rail_books, engine, hot_address, now, sell, tron_with,
    twin, with,
};
use futures_util::stream::{self, StreamExt as _};
use reqwest::Client;
use serde_json::{Value, json};
use twins::daraja::DarajaTwin;
use twins::tron::{TronControl, TronOptions};

/// Orders that buy, and as many that sell.
const ORDERS: u32 = 500;
/// Customers at the same time.
const AT_ONCE: usize = 16;
const LIMIT: Duration = Duration::from_mins(4);
/// Real milliseconds per block of three seconds.
const SLOT_MS: u64 = 100;
/// So long is a second of the treasury's schedules, as a slot is three of them.
const SECOND_MS: u64 = SLOT_MS / 3;

/// Units that an order of this number moves: no two orders move as many.
fn units(number: u32) -> u128 {
    1_000_000 + u128::from(number)
}

/// The same, as people write it.
fn coins(number: u32) -> String {
    format!("1.{number:06}")
}

struct Customers {
    client: Client,
    url: String,
    buyer: String,
    seller: String,
    chain: TronControl,
    wallet: String,
}

impl Customers {
    fn of(api: &Serving, settings: &Settings, coins: &Coins) -> Self {
        let token = |role, id: e2e::PartyId| {
            local_token(settings, role, id.0, now(), time::Duration::HOUR).expect("the local key")
        };
        let (chain, wallet) = (coins.tron(), coins.stranger().to_owned());
        let holder = wallet.parse().expect("an address");
        chain.create_account(holder, 1_000_000_000_000);
        chain.fund_token(chain.token_address(), holder, STOCK);
        Self {
            client: Client::builder().no_proxy().build().expect("a client"),
            url: api.url.clone(),
            buyer: token(Role::Customer, CUSTOMER),
            seller: token(Role::Customer, SELLER),
            chain,
            wallet,
        }
    }

    /// Asks until there is an answer: the same key is the same request.
    async fn post(&self, path: &str, token: &str, body: &Value) -> Value {
        let (url, key) = (format!("{}/api/v1/auth/{path}", self.url), uuid::Uuid::now_v7());
        let (deadline, mut beat) =
            (Instant::now() + LIMIT, tokio::time::interval(Duration::from_millis(200)));
        loop {
            beat.tick().await;
            let request = self.client.post(&url).bearer_auth(token).json(body);
            let answer = e2e::send(request.header("Idempotency-Key", key.to_string())).await;
            let code = answer.json["code"].as_str().unwrap_or_default();
            let passes = ["busy", "unavailable", "rail_unavailable"].contains(&code);
            let is_busy = passes && Instant::now() < deadline;
            assert!(is_busy || (200..300).contains(&answer.status), "{path}: {}", answer.text);
            if !is_busy {
                return answer.json;
            }
        }
    }

    async fn buy_and_pay(&self, number: u32) {
        let changes = json!({
            "usdt_amount": coins(number), "fiat_amount": "146.00", "wallet_address": self.wallet,
        });
        let order = self.post("orders", &self.buyer, &with(buy(), &changes)).await;
        let phone = format!("2547{:08}", 20_000_000 + number);
        let body = json!({ "order_id": order["id"], "phone_number": phone });
        self.post("orders/payment", &self.buyer, &body).await;
    }

    async fn sell_and_send(&self, number: u32) {
        let phone = format!("2547{:08}", 40_000_000 + number);
        let changes = json!({
            "usdt_amount": coins(number), "fiat_amount": "141.00", "wallet_address": self.wallet,
            "payout_phone": phone,
        });
        let order = self.post("orders", &self.seller, &with(sell(), &changes)).await;
        let escrow = order["escrow_wallet_address"]["String"].as_str().expect("an address");
        let [from, to] = [&self.wallet, escrow].map(|text| text.parse().expect("an address"));
        self.chain.transfer(from, to, units(number));
    }
}

/// Everything that the processes share.
struct Ground {
    database: Database,
    rail: DarajaTwin,
    coins: Coins,
    sql: Sql,
}

impl Ground {
    async fn new() -> Self {
        let rail = twin().await;
        rail.control().set_float(10_000_000_000);
        let coins = tron_with(TronOptions { slot_ms: SLOT_MS, ..TronOptions::default() }).await;
        coins.tron().change_rules(|rules| rules.max_pending = 10_000);
        let database = Database::fresh().await;
        let sql = Sql::connect(&database.url).await;
        Self { database, rail, coins, sql }
    }

    /// What all of the processes are told. Nothing is gathered: what is at an escrow address stays.
    fn stage(&self) -> Stage {
        let journal = std::env::temp_dir().join(format!("kivuko-signed-{}", uuid::Uuid::now_v7()));
        Stage::test()
            .with_rail(&self.rail)
            .with_coins(&self.coins)
            .set("KIVUKO__TREASURY__JOURNAL", journal.display())
            .set("KIVUKO__TREASURY__SECOND_MS", SECOND_MS)
            .set("KIVUKO__TREASURY__SWEEP_LEAST", "10000")
    }

    async fn until(&self, what: &str, query: &str, wanted: i64) {
        let (deadline, mut beat) =
            (Instant::now() + LIMIT, tokio::time::interval(Duration::from_millis(50)));
        loop {
            beat.tick().await;
            let is = self.sql.number(query).await;
            if is >= wanted {
                assert_eq!(is, wanted, "{what}");
                return;
            }
            assert!(Instant::now() < deadline, "{what}: {is} of {wanted}");
        }
    }

    /// A kill in the middle: when a quarter of the orders of either kind have all behind them.
    async fn until_middle(&self) {
        let mut beat = tokio::time::interval(Duration::from_millis(20));
        while self.sql.number(ENDED_OF_EITHER).await < i64::from(ORDERS / 4) {
            beat.tick().await;
        }
    }

    /// Waits for all orders, while customers whose prompt never came, as their orders show, ask again.
    async fn until_all_completed(&self, customers: &Customers) {
        let (deadline, mut beat) =
            (Instant::now() + LIMIT, tokio::time::interval(Duration::from_millis(500)));
        while self.sql.number(COMPLETED).await < i64::from(2 * ORDERS) {
            assert!(Instant::now() < deadline, "not all orders complete");
            for row in self.sql.rows(UNASKED, &[]).await {
                let body = json!({
                    "order_id": row.get::<_, &str>(0), "phone_number": row.get::<_, &str>(1),
                });
                customers.post("orders/payment", &customers.buyer, &body).await;
            }
            beat.tick().await;
        }
    }

    /// Exactly what was ordered happened, by the word of both twins.
    fn check_counts(&self) {
        let rail = self.rail.control().oracle();
        assert_eq!((rail.payments.len(), rail.payouts.len()), (ORDERS as usize, ORDERS as usize));
        let (chain, hot) = (self.coins.tron().oracle(), hot_address(Network::Tron));
        let hot = hot.parse().expect("an address");
        let customer = self.coins.stranger().parse().expect("an address");
        let ordered: BTreeMap<u128, u32> = (0..ORDERS).map(|number| (units(number), 1)).collect();
        let (mut delivered, mut deposited) = (BTreeMap::new(), BTreeMap::new());
        for transfer in &chain.transfers {
            let kind = if transfer.from == hot { &mut delivered } else { &mut deposited };
            *kind.entry(transfer.units).or_insert(0) += 1;
            assert!(transfer.from == customer || transfer.to == customer, "{transfer:?}");
        }
        assert_eq!(delivered, ordered, "each delivery once");
        assert_eq!(deposited, ordered, "each deposit once");
        // Nothing else of ours is on the chain, failures included.
        assert_eq!(chain.executions_by(hot).len(), ORDERS as usize);
    }
}

const STOCK_COUNTED: &str = "SELECT count(*) FROM ledger_entries WHERE cause LIKE 'opening:%:USDT'";
/// Orders whose prompt is known to have never come, and who was to get it.
const UNASKED: &str = "SELECT DISTINCT ON (orders.id) orders.id::text, collections.phone
    FROM orders JOIN collections ON collections.order_id = orders.id
    WHERE orders.state = 'awaiting_payment' AND orders.collection_id IS NULL";
const COMPLETED: &str = "SELECT count(*) FROM orders WHERE state = 'completed'";
const ENDED_OF_EITHER: &str = "SELECT least(count(*) FILTER (WHERE order_type = 'ON_RAMP_BUY'),
    count(*) FILTER (WHERE order_type = 'OFF_RAMP_SELL')) FROM orders WHERE state = 'completed'";
const LEFT: &str = "SELECT -(SELECT count(*) FROM outbox WHERE done_at IS NULL)
    - (SELECT count(*) FROM callbacks WHERE settled_at IS NULL)
    - (SELECT count(*) FROM reviews)";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_orders_both_ways_end_with_exact_counts_although_a_worker_is_killed() {
    let ground = Ground::new().await;
    let stage = ground.stage();
    let settings = stage.settings(&ground.database).expect("settings");
    // Who takes requests need not be able to move anything.
    let api = Program::of_stage(&stage, &ground.database)
        .set("KIVUKO__MPESA__INITIATOR", "")
        .set("KIVUKO__MPESA__SECURITY_CREDENTIAL", "")
        .unset("KIVUKO__TREASURY__HOT_PHRASE")
        .unset("KIVUKO__TREASURY__ESCROW_PHRASE");
    let api = api.serve_with(&["serve", "--role", "api"]).await;
    let stage = stage.set("KIVUKO__MPESA__CALLBACK_BASE", &api.url);
    let worker = Program::of_stage(&stage, &ground.database);
    let start = || worker.serve_with(&["serve", "--role", "worker"]);
    let (doomed, survivor) = (start().await, start().await);
    let registered = worker.output(&["mpesa", "register"]).await;
    assert!(registered.status.success(), "{}", registered.stderr);
    ground.until("the stock is counted", STOCK_COUNTED, 1).await;

    let (customers, began) = (Customers::of(&api, &settings, &ground.coins), Instant::now());
    let flows = stream::iter(0..ORDERS).for_each_concurrent(AT_ONCE, async |number| {
        tokio::join!(customers.sell_and_send(number), customers.buy_and_pay(number));
    });
    let killing = async {
        ground.until_middle().await;
        doomed.kill().await;
        start().await
    };
    let ((), replacement) = tokio::join!(flows, killing);
    ground.until_all_completed(&customers).await;
    println!("{ORDERS} orders of either kind in {:?}", began.elapsed());
    ground.until("nothing is left", LEFT, 0).await;

    ground.check_counts();
    check_coin_books(&ground.sql, &ground.coins).await;
    check_rail_books(&ground.sql, &ground.rail.control().oracle()).await;
    check_positions(&ground.sql, &engine(&settings)).await;
    check_books(&ground.sql).await;
    for process in [survivor, replacement, api] {
        assert!(process.terminate().await.success());
    }
    ground.coins.stop().await;
    ground.rail.stop().await;
}
