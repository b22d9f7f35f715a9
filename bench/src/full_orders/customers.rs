//! The load: customers who place an order, do their part of it, and wait until both of its legs are
//! final before they place the next. Every other order buys, the others sell. Whether one is
//! complete, they learn from the database, all at once.

use crate::machine::threads;
use crate::measure::now;
use crate::rows::create_body;
use crate::world::{
    BUY_OFFER_PREFIX, CALLERS, COINS, CUSTOMER_PREFIX, OFFER_PREFIX, OFFERS, RATE, VENDOR_PREFIX,
    VENDORS, WALLET, numbered,
};
use anyhow::{Context, Result, anyhow, ensure};
use reqwest::Client;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_postgres::NoTls;
use twins::tron::TronControl;

/// What the customers' threads are called.
const THREADS: &str = "customers";
/// Longer than any order takes.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often the database is asked.
const BEAT: Duration = Duration::from_millis(10);
/// Phones without a fate of their own in the twin: one per order.
const FIRST_PHONE: i64 = 254_720_000_000;

/// What is to be done.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) url: String,
    pub(super) database: String,
    pub(super) tokens: Vec<String>,
    /// Where those who sell send their coin.
    pub(super) chain: TronControl,
    pub(super) customers: u32,
    /// Not measured.
    pub(super) warm_up: Duration,
    pub(super) time: Duration,
    /// The number of the first order: no two runs share a phone.
    pub(super) first: i64,
}

/// What was done.
#[derive(Debug)]
pub(super) struct Driven {
    /// Between these moments it is measured.
    pub(super) begun_us: i64,
    pub(super) ended_us: i64,
    /// Orders, those before and after included. All are complete.
    pub(super) orders: i64,
    /// Processor time of the customers.
    pub(super) own_us: u64,
}

/// Orders whose end somebody waits for.
type Waiting = Mutex<HashMap<String, oneshot::Sender<()>>>;

#[derive(Debug)]
struct Street {
    plan: Plan,
    client: Client,
    next: AtomicI64,
    until: Instant,
    waiting: Waiting,
}

pub(super) fn drive(plan: Plan) -> Result<Driven> {
    let runtime =
        Builder::new_multi_thread().worker_threads(1).thread_name(THREADS).enable_all().build()?;
    let (micros, first) = (i64::try_from(plan.time.as_micros())?, plan.first);
    let begun = i64::try_from(now().unix_timestamp_nanos() / 1_000)?;
    let begun_us = begun + i64::try_from(plan.warm_up.as_micros())?;
    let street = Arc::new(Street {
        client: Client::builder().no_proxy().timeout(PATIENCE).build()?,
        next: AtomicI64::new(first),
        until: Instant::now() + plan.warm_up + plan.time,
        waiting: Waiting::default(),
        plan,
    });
    runtime.block_on(open(&street))?;
    let orders = street.next.load(Ordering::Relaxed) - first;
    let own_us = threads(THREADS)?;
    Ok(Driven { begun_us, ended_us: begun_us + micros, orders, own_us })
}

/// Lets the customers in, and waits until the last has gone.
async fn open(street: &Arc<Street>) -> Result<()> {
    let mut clerk = JoinSet::new();
    clerk.spawn(tell_complete(Arc::clone(street)));
    let mut customers = JoinSet::new();
    for _ in 0..street.plan.customers {
        customers.spawn(order_on_and_on(Arc::clone(street)));
    }
    loop {
        tokio::select! {
            gone = customers.join_next() => match gone {
                Some(gone) => gone??,
                None => return Ok(()),
            },
            Some(ended) = clerk.join_next() => ended??,
        }
    }
}

async fn order_on_and_on(street: Arc<Street>) -> Result<()> {
    while Instant::now() < street.until {
        let n = street.next.fetch_add(1, Ordering::Relaxed);
        let done = if n % 2 == 0 { street.buy(n).await } else { street.sell(n).await };
        done.with_context(|| format!("order {n}"))?;
    }
    Ok(())
}

impl Street {
    async fn buy(&self, n: i64) -> Result<()> {
        let (customer, offer) = (n % CALLERS, n % OFFERS);
        let order = create_body(
            &numbered(CUSTOMER_PREFIX, customer),
            &numbered(VENDOR_PREFIX, offer % VENDORS),
            &numbered(OFFER_PREFIX, offer),
        );
        let placed = self.post("/api/v1/auth/orders", customer, order).await?;
        let (id, complete) = self.wait_for(&placed)?;
        let phone = FIRST_PHONE + n;
        let pay = format!(r#"{{"order_id":"{id}","phone_number":"{phone}"}}"#);
        self.post("/api/v1/auth/orders/payment", customer, pay).await?;
        in_time(&id, complete).await
    }

    async fn sell(&self, n: i64) -> Result<()> {
        let (customer, offer) = (n % CALLERS, n % OFFERS);
        let placed = self.post("/api/v1/auth/orders", customer, sell_body(n)?).await;
        let placed = placed.with_context(|| format!("offer {offer}"))?;
        let (id, complete) = self.wait_for(&placed)?;
        let escrow = placed["escrow_wallet_address"]["String"].as_str();
        let escrow = escrow.context("an order to sell without an address")?;
        let units = u128::try_from(COINS)? * 1_000_000;
        self.plan.chain.transfer(WALLET.parse()?, escrow.parse()?, units);
        in_time(&id, complete).await
    }

    fn wait_for(&self, placed: &Value) -> Result<(String, oneshot::Receiver<()>)> {
        let id = placed["id"].as_str().context("an order without id")?.to_owned();
        let (told, complete) = oneshot::channel();
        self.waiting().insert(id.clone(), told);
        Ok((id, complete))
    }

    async fn post(&self, path: &str, customer: i64, body: String) -> Result<Value> {
        let token = &self.plan.tokens[usize::try_from(customer)?];
        let request = self.client.post(format!("{}{path}", self.plan.url)).bearer_auth(token);
        let request = request.header("content-type", "application/json").body(body);
        let answer = request.send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "{path}: {status} {text}");
        Ok(serde_json::from_str(&text)?)
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<String, oneshot::Sender<()>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn in_time(id: &str, complete: oneshot::Receiver<()>) -> Result<()> {
    let complete = tokio::time::timeout(PATIENCE, complete).await;
    Ok(complete.map_err(|_| anyhow!("order {id} was not complete in {PATIENCE:?}"))??)
}

/// Sells as much as the others buy, to an offer that buys.
fn sell_body(n: i64) -> Result<String> {
    let offer = n % OFFERS;
    let body = create_body(
        &numbered(CUSTOMER_PREFIX, n % CALLERS),
        &numbered(VENDOR_PREFIX, offer % VENDORS),
        &numbered(BUY_OFFER_PREFIX, offer),
    );
    let mut body: Value = serde_json::from_str(&body)?;
    body["order_type"] = "OFF_RAMP_SELL".into();
    body["fiat_amount"] = format!("{}.00", COINS * RATE).into();
    body["payout_phone"] = (FIRST_PHONE + n).to_string().into();
    Ok(body.to_string())
}

/// Asks the database which of the orders that are waited for are complete.
async fn tell_complete(street: Arc<Street>) -> Result<()> {
    let (client, connection) = tokio_postgres::connect(&street.plan.database, NoTls).await?;
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let complete = client
        .prepare("SELECT id::text FROM orders WHERE id = ANY ($1::text[]::uuid[]) AND state = 'completed'")
        .await?;
    let mut beat = tokio::time::interval(BEAT);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        let waiting: Vec<String> = street.waiting().keys().cloned().collect();
        if waiting.is_empty() {
            continue;
        }
        for row in client.query(&complete, &[&waiting]).await? {
            let told = street.waiting().remove(row.try_get::<_, &str>(0)?);
            // Nobody listens where a customer has lost patience.
            told.map(|told| told.send(()).ok());
        }
    }
}
