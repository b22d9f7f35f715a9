//! A service with a twin of Daraja of its own. The twin's seconds and the service's are both ten
//! milliseconds long, so that a day of schedules fits into a scenario.

use std::sync::Arc;

use adapters_db::PgStore;
use api_actix::environment::{SystemClock, SystemEntropy};
use api_actix::settings::Settings;
use domain::address::Network;
use domain::ids::OrderId;
use domain::order::{Actor, Deposit, DepositId, DepositStage, OrderEvent};
use domain::service::{Cashier, Engine};
use domain::testing::PlainAddressBook;
use serde_json::{Value, json};
use twins::daraja::{Control, Credentials, DarajaTwin, Options, Oracle};
use uuid::Uuid;

use crate::answer::Answer;
use crate::app::{Stage, TestApp};
use crate::cluster::Database;
use crate::orders::{buy, sell, with};
use crate::rail_books::{check_positions, check_rail_books};
use crate::wait::eventually;

/// The twin's seconds per second; a second of the service's schedules is as short (test.toml).
pub const SPEED: u32 = 100;

/// A service, its database, and the twin that it talks to.
#[derive(Debug)]
pub struct RailApp {
    pub app: TestApp,
    pub twin: DarajaTwin,
    pub database: Database,
}

/// A twin for a scenario.
pub async fn twin() -> DarajaTwin {
    twin_with(Options { speed: SPEED, ..Options::default() }).await
}

pub async fn twin_with(options: Options) -> DarajaTwin {
    DarajaTwin::start(options).await.expect("the twin listens")
}

impl Stage {
    /// The stage with the rail that `twin` plays.
    #[must_use]
    pub fn with_rail(self, twin: &DarajaTwin) -> Self {
        let of = Credentials::default();
        self.set("KIVUKO__MPESA__BASE_URL", twin.base_url())
            .set("KIVUKO__MPESA__CONSUMER_KEY", of.consumer_key)
            .set("KIVUKO__MPESA__CONSUMER_SECRET", of.consumer_secret)
            .set("KIVUKO__MPESA__PASSKEY", of.passkey)
            .set("KIVUKO__MPESA__SHORT_CODE", of.stk_short_code)
            .set("KIVUKO__MPESA__B2C_SHORT_CODE", of.b2c_short_code)
            .set("KIVUKO__MPESA__INITIATOR", of.initiator_name)
            .set("KIVUKO__MPESA__SECURITY_CREDENTIAL", twin.security_credential())
    }
}

impl RailApp {
    pub async fn start() -> Self {
        Self::start_as(Stage::test(), twin().await).await
    }

    pub async fn start_as(stage: Stage, twin: DarajaTwin) -> Self {
        let database = Database::fresh().await;
        let app = stage.with_rail(&twin).start_on(&database).await;
        let rail = Self { app, twin, database };
        rail.cashier().register_bills().await.expect("the twin registers");
        rail
    }

    pub fn control(&self) -> Control {
        self.twin.control()
    }

    pub fn oracle(&self) -> Oracle {
        self.twin.control().oracle()
    }

    /// A buy order of the demo customer for so many coins at 146.00.
    pub async fn buy(&self, coins: u32) -> String {
        let fiat = format!("{}.00", u64::from(coins) * 146);
        let body = with(buy(), &json!({ "usdt_amount": coins.to_string(), "fiat_amount": fiat }));
        self.app.place(&self.app.customer, &body).await.id().to_owned()
    }

    /// Asks `phone` to pay.
    pub async fn pay(&self, order: &str, phone: &str) -> Answer {
        let body = json!({ "order_id": order, "phone_number": phone });
        self.app.post("/api/v1/auth/orders/payment", &self.app.customer, &body).await
    }

    /// The order as the admin sees it.
    pub async fn order(&self, id: &str) -> Value {
        self.app.details(&self.app.admin, id).await.expect(200).json
    }

    /// Waits until the order has this status, and answers it.
    pub async fn reaches(&self, id: &str, status: &str) -> Value {
        eventually("an order reaches its status", async || {
            self.order(id).await["status"] == status
        })
        .await;
        self.order(id).await
    }

    /// The kinds of the order's events, oldest first.
    pub async fn story(&self, id: &str) -> Vec<String> {
        let events = self.app.events(&self.app.admin, id).await.expect(200);
        let kind = |event: &Value| event["kind"].as_str().unwrap_or_default().to_owned();
        events.rows().iter().map(kind).collect()
    }

    /// A sell order of so many coins at 141.00 to `phone`, whose deposit is final: its payout is due.
    pub async fn sell_to(&self, phone: &str, coins: u32) -> String {
        let fiat = format!("{}.00", u64::from(coins) * 141);
        self.sell_as(phone, &coins.to_string(), &fiat).await
    }

    /// A sell order of these very amounts to `phone`, whose deposit is final.
    pub async fn sell_as(&self, phone: &str, coins: &str, fiat: &str) -> String {
        let changes = json!({ "usdt_amount": coins, "fiat_amount": fiat, "payout_phone": phone });
        let placed = self.app.place(&self.app.seller, &with(sell(), &changes)).await;
        let id = placed.id().to_owned();
        self.deposit(&id).await;
        id
    }

    /// Tells the order that its coin has arrived for good: what the chain rail will do.
    pub async fn deposit(&self, id: &str) {
        deposit(&self.engine(), id).await;
    }

    /// An engine on the scenario's database, beside the service: for what operators do.
    pub fn engine(&self) -> Engine {
        engine(&self.app.settings)
    }

    /// A cashier on the scenario's database, beside the service's own.
    pub fn cashier(&self) -> Cashier {
        let mut settings = self.app.settings.clone();
        settings.mpesa.callback_base.clone_from(&self.app.url);
        api_actix::app::cashier(&settings).expect("a rail")
    }

    /// How much an operator was told of this kind, in however many reviews.
    pub async fn reviews(&self, kind: &str) -> i64 {
        let query =
            format!("SELECT coalesce(sum(items), 0)::bigint FROM reviews WHERE kind = '{kind}'");
        self.app.sql.number(&query).await
    }

    /// Stops everything; checks the books, and the ledger against what really happened.
    pub async fn finish(self) {
        check_rail_books(&self.app.sql, &self.oracle()).await;
        check_positions(&self.app.sql, &self.engine()).await;
        self.app.finish().await;
        self.twin.stop().await;
    }
}

/// An engine on the database of these settings.
pub fn engine(settings: &Settings) -> Engine {
    let store = PgStore::new(&settings.database).expect("a pool");
    Engine {
        store: Arc::new(store),
        addresses: Arc::new(PlainAddressBook),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        rules: settings.order_rules(),
    }
}

/// Tells an order that its coin has arrived for good: what the chain rail will do.
pub async fn deposit(engine: &Engine, id: &str) {
    let id = OrderId(Uuid::parse_str(id).expect("an id"));
    let mut uow = engine.store.begin().await.expect("a database");
    let order = uow.lock_order(id).await.expect("a database").expect("an order");
    uow.rollback().await.expect("a database");
    let now = engine.clock.now();
    let deposit = Deposit {
        id: DepositId {
            network: Network::Tron,
            tx_hash: format!("{:064x}", id.0.as_u128()),
            ordinal: 0,
        },
        amount: order.deposit_due(),
        block_time: now.min(order.expires_at),
        detected_at: now,
        confirmations: 20,
        height: None,
        stage: DepositStage::Final,
    };
    let event = OrderEvent::DepositFinal { deposit };
    engine.record_event(id, Actor::System, &event).await.expect("a fact");
}
