//! A watcher that was away for thousands of blocks: it reads every one of them, and what came to us
//! meanwhile is found exactly once.

use std::time::Instant;

use e2e::{
    Coins, Database, RailApp, Sql, Stage, check_coin_books, ethereum, eventually, sell, tron, twin,
    with,
};
use serde_json::json;
use twins::daraja::DarajaTwin;

/// Orders whose coin arrives while nobody looks.
const DEPOSITS: u32 = 50;
/// Orders that stay without.
const FORGOTTEN: u32 = 5;
/// Blocks at the end, so that all before them are final.
const TAIL: u64 = 80;

/// An order, and where it waits for its coin.
struct Waiting {
    id: String,
    escrow: String,
    units: u128,
}

/// An order to sell; no two sell as much.
async fn order(rail: &RailApp, coins: &Coins, number: u32) -> Waiting {
    let changes = json!({
        "usdt_amount": format!("1.{number:06}"), "fiat_amount": "141.00",
        "wallet_address": coins.stranger(), "payout_phone": format!("2547{:08}", 40_000_000 + number),
    });
    let placed = rail.app.place(&rail.app.seller, &with(sell(), &changes)).await;
    let escrow = placed.json["escrow_wallet_address"]["String"].as_str().expect("an address");
    let units = 1_000_000 + u128::from(number);
    Waiting { id: placed.id().to_owned(), escrow: escrow.to_owned(), units }
}

/// Blocks at once, the first with all that is pending.
async fn make_blocks(coins: &Coins, count: u64) {
    match coins {
        Coins::Tron(twin) => {
            twin.control().produce_block();
            twin.control().produce_empty_blocks(count - 1);
        }
        Coins::Ethereum(anvil) => anvil.chain().mine(count).await.expect("blocks"),
    }
}

async fn height(coins: &Coins) -> u64 {
    match coins {
        Coins::Tron(twin) => twin.control().head().number,
        Coins::Ethereum(anvil) => anvil.chain().block_number().await.expect("a number"),
    }
}

/// Blocks from one deposit to the next. A private EVM node makes them slowly.
fn apart(coins: &Coins) -> u64 {
    match coins {
        Coins::Tron(_) => 100,
        Coins::Ethereum(_) => 10,
    }
}

/// Neither ours nor the sender's.
fn elsewhere(coins: &Coins) -> &'static str {
    match coins {
        Coins::Tron(_) => "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        Coins::Ethereum(_) => "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
    }
}

async fn read_to(sql: &Sql) -> u64 {
    let height =
        sql.number("SELECT coalesce(max(last_height), 0)::bigint FROM chain_cursors").await;
    u64::try_from(height).expect("a height")
}

/// Everything but the service, which is not always there.
struct Ground {
    stage: Stage,
    rail: DarajaTwin,
    database: Database,
}

impl Ground {
    async fn new(coins: &Coins) -> Self {
        // Nothing is gathered: what came to an address stays there.
        let stage = Stage::test().with_coins(coins).set("KIVUKO__TREASURY__SWEEP_LEAST", "10000");
        Self { stage, rail: twin().await, database: Database::fresh().await }
    }

    async fn start(&self) -> RailApp {
        let app = self.stage.clone().with_rail(&self.rail).start_on(&self.database).await;
        RailApp { app, twin: self.rail.clone(), database: self.database.clone() }
    }
}

async fn a_watcher_catches_up_on(coins: Coins) {
    let ground = Ground::new(&coins).await;
    let rail = ground.start().await;
    rail.cashier().register_bills().await.expect("the twin registers");
    let seen = order(&rail, &coins, 999).await;
    coins.send(&seen.escrow, seen.units).await;
    rail.reaches(&seen.id, "completed").await;
    let mut waiting = Vec::new();
    for number in 0..DEPOSITS + FORGOTTEN {
        waiting.push(order(&rail, &coins, number).await);
    }
    let forgotten = waiting.split_off(DEPOSITS as usize);
    eventually("the stock is counted", async || stock_is_counted(&rail.app.sql).await).await;
    let from = read_to(&rail.app.sql).await;
    rail.app.finish().await;

    for order in &waiting {
        coins.send(&order.escrow, order.units).await;
        coins.send(elsewhere(&coins), order.units).await;
        make_blocks(&coins, apart(&coins)).await;
    }
    let all = height(&coins).await;
    make_blocks(&coins, TAIL).await;

    let (rail, began) = (ground.start().await, Instant::now());
    eventually("the watcher reads on", async || read_to(&rail.app.sql).await >= all).await;
    let (blocks, took) = (all - from, began.elapsed());
    println!("{blocks} blocks in {took:?}: {:.0} per second", f64_of(blocks) / took.as_secs_f64());
    for order in waiting.iter().chain([&seen]) {
        rail.reaches(&order.id, "completed").await;
        check_found(&rail.app.sql, order).await;
    }
    for order in &forgotten {
        assert_eq!(rail.order(&order.id).await["status"], "awaiting_crypto");
    }
    let deposits = i64::from(DEPOSITS) + 1;
    assert_eq!(rail.app.sql.number("SELECT count(*) FROM chain_deposits").await, deposits);
    assert_eq!(rail.app.sql.number("SELECT count(*) FROM reviews").await, 0);
    eventually("nothing is left to do", async || {
        rail.app.sql.number("SELECT count(*) FROM outbox WHERE done_at IS NULL").await == 0
    })
    .await;
    check_coin_books(&rail.app.sql, &coins).await;
    rail.finish().await;
    coins.stop().await;
}

async fn stock_is_counted(sql: &Sql) -> bool {
    let query = "SELECT count(*) FROM ledger_entries WHERE cause LIKE 'opening:%:USDT'";
    sql.number(query).await == 1
}

/// The order has this one arrival, which it was told of for good.
async fn check_found(sql: &Sql, order: &Waiting) {
    let query = format!(
        "SELECT units::bigint FROM chain_deposits
         WHERE order_id = '{}' AND stage = 'final' AND told = 'final'",
        order.id
    );
    let found: Vec<i64> = sql.rows(&query, &[]).await.iter().map(|row| row.get(0)).collect();
    assert_eq!(found, [i64::try_from(order.units).expect("few units")], "{}", order.id);
}

fn f64_of(blocks: u64) -> f64 {
    u32::try_from(blocks).expect("few blocks").into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_catches_up_on_tron() {
    a_watcher_catches_up_on(tron().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_catches_up_on_ethereum() {
    a_watcher_catches_up_on(ethereum().await).await;
}
