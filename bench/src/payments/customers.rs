//! The load: customers who place an order, start its payment, and wait until it is confirmed before
//! they place the next. Whether it is, they learn from the database, all at once: asking the service
//! would be most of its work.

use crate::machine::threads;
use crate::measure::now;
use crate::rows::create_body;
use crate::world::{
    CALLERS, CUSTOMER_PREFIX, OFFER_PREFIX, OFFERS, VENDOR_PREFIX, VENDORS, numbered,
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

/// What the customers' threads are called.
const THREADS: &str = "customers";
/// Longer than any payment takes.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often the database is asked.
const BEAT: Duration = Duration::from_millis(10);
/// Phones without a fate of their own in the twin: one per payment.
const FIRST_PHONE: i64 = 254_720_000_000;

/// What is to be done.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) url: String,
    pub(super) database: String,
    pub(super) tokens: Vec<String>,
    pub(super) customers: u32,
    /// Not measured.
    pub(super) warm_up: Duration,
    pub(super) time: Duration,
    /// The number of the first payment: no two runs share a phone.
    pub(super) first: i64,
}

/// What was done.
#[derive(Debug)]
pub(super) struct Driven {
    /// Between these moments it is measured.
    pub(super) begun_us: i64,
    pub(super) ended_us: i64,
    /// Payments, those before and after included. All are confirmed.
    pub(super) flows: i64,
    /// How long the requests to pay took, in microseconds.
    pub(super) posts: Vec<u64>,
    /// Processor time of the customers.
    pub(super) own_us: u64,
}

/// Orders whose confirmation somebody waits for.
type Waiting = Mutex<HashMap<String, oneshot::Sender<()>>>;

#[derive(Debug)]
struct Street {
    plan: Plan,
    client: Client,
    next: AtomicI64,
    measured_from: Instant,
    until: Instant,
    waiting: Waiting,
}

pub(super) fn drive(plan: Plan) -> Result<Driven> {
    let runtime =
        Builder::new_multi_thread().worker_threads(1).thread_name(THREADS).enable_all().build()?;
    let (micros, first) = (i64::try_from(plan.time.as_micros())?, plan.first);
    let begun = i64::try_from(now().unix_timestamp_nanos() / 1_000)?;
    let begun_us = begun + i64::try_from(plan.warm_up.as_micros())?;
    let measured_from = Instant::now() + plan.warm_up;
    let street = Arc::new(Street {
        client: Client::builder().no_proxy().timeout(PATIENCE).build()?,
        next: AtomicI64::new(first),
        measured_from,
        until: measured_from + plan.time,
        waiting: Waiting::default(),
        plan,
    });
    let posts = runtime.block_on(open(&street))?;
    let flows = street.next.load(Ordering::Relaxed) - first;
    let own_us = threads(THREADS)?;
    Ok(Driven { begun_us, ended_us: begun_us + micros, flows, posts, own_us })
}

/// Lets the customers in, and waits until the last has gone.
async fn open(street: &Arc<Street>) -> Result<Vec<u64>> {
    let mut clerk = JoinSet::new();
    clerk.spawn(tell_confirmed(Arc::clone(street)));
    let mut customers = JoinSet::new();
    for _ in 0..street.plan.customers {
        customers.spawn(buy_and_pay(Arc::clone(street)));
    }
    let mut posts = Vec::new();
    loop {
        tokio::select! {
            gone = customers.join_next() => match gone {
                Some(gone) => posts.extend(gone??),
                None => return Ok(posts),
            },
            Some(ended) = clerk.join_next() => ended??,
        }
    }
}

async fn buy_and_pay(street: Arc<Street>) -> Result<Vec<u64>> {
    let mut posts = Vec::new();
    while Instant::now() < street.until {
        let n = street.next.fetch_add(1, Ordering::Relaxed);
        let took = street.flow(n).await.with_context(|| format!("payment {n}"))?;
        if Instant::now() >= street.measured_from && Instant::now() < street.until {
            posts.push(took);
        }
    }
    Ok(posts)
}

impl Street {
    /// One payment from beginning to end; answers how long the request to pay took.
    async fn flow(&self, n: i64) -> Result<u64> {
        let (customer, offer) = (n % CALLERS, n % OFFERS);
        let token = &self.plan.tokens[usize::try_from(customer)?];
        let order = create_body(
            &numbered(CUSTOMER_PREFIX, customer),
            &numbered(VENDOR_PREFIX, offer % VENDORS),
            &numbered(OFFER_PREFIX, offer),
        );
        let placed = self.post("/api/v1/auth/orders", token, order).await?;
        let id = placed["id"].as_str().context("an order without id")?;
        let (told, confirmed) = oneshot::channel();
        self.waiting().insert(id.to_owned(), told);
        let phone = FIRST_PHONE + n;
        let pay = format!(r#"{{"order_id":"{id}","phone_number":"{phone}"}}"#);
        let begun = Instant::now();
        self.post("/api/v1/auth/orders/payment", token, pay).await?;
        let took = u64::try_from(begun.elapsed().as_micros())?;
        let confirmed = tokio::time::timeout(PATIENCE, confirmed).await;
        confirmed.map_err(|_| anyhow!("order {id} was not confirmed in {PATIENCE:?}"))??;
        Ok(took)
    }

    async fn post(&self, path: &str, token: &str, body: String) -> Result<Value> {
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

/// Asks the database which of the orders that are waited for are confirmed.
async fn tell_confirmed(street: Arc<Street>) -> Result<()> {
    let (client, connection) = tokio_postgres::connect(&street.plan.database, NoTls).await?;
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let confirmed = client
        .prepare("SELECT id::text FROM orders WHERE id = ANY ($1::text[]::uuid[]) AND status = 'processing'")
        .await?;
    let mut beat = tokio::time::interval(BEAT);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        let waiting: Vec<String> = street.waiting().keys().cloned().collect();
        if waiting.is_empty() {
            continue;
        }
        for row in client.query(&confirmed, &[&waiting]).await? {
            let told = street.waiting().remove(row.try_get::<_, &str>(0)?);
            // Nobody listens where a customer has lost patience.
            told.map(|told| told.send(()).ok());
        }
    }
}
