//! The load of whole flows: customers who place an order, do their part of it, and wait until it has
//! come as far as the row is about before they place the next. How far it is, they learn from the
//! database, all at once: asking the service would be most of its work.

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
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_postgres::NoTls;

/// What the customers' threads are called.
const THREADS: &str = "customers";
/// Longer than any request takes.
const ANSWER: Duration = Duration::from_mins(1);
/// How often the database is asked.
const BEAT: Duration = Duration::from_millis(10);
/// Phones without a fate of their own in the twin: one per order.
pub(crate) const FIRST_PHONE: i64 = 254_720_000_000;

/// What is to be done.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) url: String,
    pub(crate) database: String,
    pub(crate) tokens: Vec<String>,
    pub(crate) customers: u32,
    /// Not measured.
    pub(crate) warm_up: Duration,
    pub(crate) time: Duration,
    /// The number of the first order: no two runs share a phone.
    pub(crate) first: i64,
}

/// What was done.
#[derive(Debug)]
pub(crate) struct Driven {
    /// Between these moments it is measured.
    pub(crate) begun_us: i64,
    pub(crate) ended_us: i64,
    /// Orders, those before and after included. All came as far as they should.
    pub(crate) orders: i64,
    /// Processor time of the customers.
    pub(crate) own_us: u64,
}

/// What customers come for.
pub(crate) trait Custom: Send + Sync + 'static {
    /// SQL that is true of an order that has come as far as it should.
    const DONE: &'static str;
    /// Longer than that takes.
    const PATIENCE: Duration;

    /// The order with this number, from beginning to end.
    fn order(&self, street: &Street, n: i64) -> impl Future<Output = Result<()>> + Send;
}

/// Where customers meet the service.
#[derive(Debug)]
pub(crate) struct Street {
    plan: Plan,
    client: Client,
    next: AtomicI64,
    until: Instant,
    patience: Duration,
    /// Orders whose end somebody waits for.
    waiting: Mutex<HashMap<String, oneshot::Sender<()>>>,
}

/// An order that was placed.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) id: String,
    pub(crate) answer: Value,
    end: oneshot::Receiver<()>,
    patience: Duration,
}

pub(crate) fn drive<C: Custom>(plan: Plan, custom: &Arc<C>) -> Result<Driven> {
    let runtime =
        Builder::new_multi_thread().worker_threads(1).thread_name(THREADS).enable_all().build()?;
    let (micros, first) = (i64::try_from(plan.time.as_micros())?, plan.first);
    let begun_us = now_us()? + i64::try_from(plan.warm_up.as_micros())?;
    let street = Arc::new(Street {
        client: Client::builder().no_proxy().timeout(ANSWER).build()?,
        next: AtomicI64::new(first),
        until: Instant::now() + plan.warm_up + plan.time,
        patience: C::PATIENCE,
        waiting: Mutex::default(),
        plan,
    });
    runtime.block_on(open(&street, custom))?;
    let orders = street.next.load(Ordering::Relaxed) - first;
    let own_us = threads(THREADS)?;
    Ok(Driven { begun_us, ended_us: begun_us + micros, orders, own_us })
}

/// The present, in microseconds since 1970.
pub(crate) fn now_us() -> Result<i64> {
    Ok(i64::try_from(now().unix_timestamp_nanos() / 1_000)?)
}

/// Lets the customers in, and waits until the last has gone.
async fn open<C: Custom>(street: &Arc<Street>, custom: &Arc<C>) -> Result<()> {
    let mut clerk = JoinSet::new();
    clerk.spawn(tell_ends(Arc::clone(street), C::DONE));
    let mut customers = JoinSet::new();
    for _ in 0..street.plan.customers {
        customers.spawn(order_on_and_on(Arc::clone(street), Arc::clone(custom)));
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

async fn order_on_and_on<C: Custom>(street: Arc<Street>, custom: Arc<C>) -> Result<()> {
    while Instant::now() < street.until {
        let n = street.next.fetch_add(1, Ordering::Relaxed);
        custom.order(&street, n).await.with_context(|| format!("order {n}"))?;
    }
    Ok(())
}

impl Street {
    /// Buys, pays, and waits; answers how long the request to pay took.
    pub(crate) async fn buy(&self, n: i64) -> Result<Duration> {
        let placed = self.place(n, body(n, OFFER_PREFIX)).await?;
        let (id, phone) = (&placed.id, FIRST_PHONE + n);
        let pay = format!(r#"{{"order_id":"{id}","phone_number":"{phone}"}}"#);
        let begun = Instant::now();
        self.post("/api/v1/auth/orders/payment", n, pay).await?;
        let took = begun.elapsed();
        placed.ends().await?;
        Ok(took)
    }

    pub(crate) async fn place(&self, n: i64, body: String) -> Result<Placed> {
        let answer = self.post("/api/v1/auth/orders", n, body).await?;
        let id = answer["id"].as_str().context("an order without id")?.to_owned();
        let (told, end) = oneshot::channel();
        self.waiting().insert(id.clone(), told);
        Ok(Placed { id, answer, end, patience: self.patience })
    }

    async fn post(&self, path: &str, n: i64, body: String) -> Result<Value> {
        let token = &self.plan.tokens[usize::try_from(n % CALLERS)?];
        let request = self.client.post(format!("{}{path}", self.plan.url)).bearer_auth(token);
        let request = request.header("content-type", "application/json").body(body);
        let answer = request.send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "{path}: {status} {text}");
        Ok(serde_json::from_str(&text)?)
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<String, oneshot::Sender<()>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Placed {
    /// Waits until it has come as far as it should.
    pub(crate) async fn ends(self) -> Result<()> {
        let ended = tokio::time::timeout(self.patience, self.end).await;
        Ok(ended
            .map_err(|_| anyhow!("order {} has not ended in {:?}", self.id, self.patience))??)
    }
}

/// The request for an order with this number, to an offer of this kind.
pub(crate) fn body(n: i64, offers: &str) -> String {
    let offer = n % OFFERS;
    create_body(
        &numbered(CUSTOMER_PREFIX, n % CALLERS),
        &numbered(VENDOR_PREFIX, offer % VENDORS),
        &numbered(offers, offer),
    )
}

/// Asks the database which of the orders that are waited for have ended.
async fn tell_ends(street: Arc<Street>, done: &str) -> Result<()> {
    let (client, connection) = tokio_postgres::connect(&street.plan.database, NoTls).await?;
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let ended = client
        .prepare(&format!(
            "SELECT id::text FROM orders WHERE id = ANY ($1::text[]::uuid[]) AND {done}"
        ))
        .await?;
    let mut beat = tokio::time::interval(BEAT);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        let waiting: Vec<String> = street.waiting().keys().cloned().collect();
        if waiting.is_empty() {
            continue;
        }
        for row in client.query(&ended, &[&waiting]).await? {
            let told = street.waiting().remove(row.try_get::<_, &str>(0)?);
            // Nobody listens where a customer has lost patience.
            told.map(|told| told.send(()).ok());
        }
    }
}
