//! The flows of the matrix, each on a database and a twin of its own.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use adapters_db::PgStore;
use api_actix::environment::{SystemClock, SystemEntropy};
use api_actix::rail;
use api_actix::settings::Settings;
use domain::access::Caller;
use domain::address::Network;
use domain::ids::OrderId;
use domain::order::{Deposit, DepositId, DepositStage, Order, OrderEvent, OrderState};
use domain::party::{Msisdn, Role};
use domain::placement::{PlaceOrder, StoredAnswer};
use domain::rail::Tempo;
use domain::service::{Cashier, Engine, PaymentStarted, Request, StartPayment};
use domain::testing::{PlainAddressBook, samples};
use e2e::{Database, Sql, Stage, check_books, check_rail_books};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use twins::daraja::{DarajaTwin, Options, Rules};

use crate::hooks::{self, Up};
use crate::orders::{self, order, tell};
use crate::replica::{beat, wired, work};
use crate::tripwire::{Spot, Trip, Tripwire};

/// What the customer wants and what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// Paid for: ends in `delivering`.
    Buy,
    /// Paid out: ends in `completed`.
    Sell,
    /// Paid for, not deliverable: ends in `refunded`.
    Refund,
}

/// A second of schedules: two milliseconds. The twin runs as fast.
const SECOND: time::Duration = time::Duration::milliseconds(2);
const SPEED: u32 = 500;
/// From the first effect to the end, on a busy machine.
const LIMIT: Duration = Duration::from_secs(40);

pub(crate) struct World {
    flow: Flow,
    twin: DarajaTwin,
    cashier: Cashier,
    /// The scenario's own, which no mishap concerns.
    engine: Engine,
    sql: Sql,
    up: Up,
    order: OrderId,
    _server: JoinSet<()>,
}

impl World {
    pub(crate) async fn new(flow: Flow) -> Self {
        let database = Database::fresh().await;
        // Nobody else pays here, and an empty statement has to say so.
        let rules = Rules { pull_empty_is_not_found: false, ..Rules::default() };
        let twin = DarajaTwin::start(Options { rules, speed: SPEED, ..Options::default() }).await;
        let twin = twin.expect("the twin listens");
        let up = Up::default();
        let (url, server) = hooks::listen(Arc::clone(&up)).await;
        // A process that stands still in a unit of work loses it soon, and its locks with it.
        let stage = Stage::test().set("KIVUKO__DATABASE__IDLE_TIMEOUT_MS", 1_500);
        let stage = stage.with_rail(&twin).set("KIVUKO__MPESA__CALLBACK_BASE", &url);
        let settings = stage.settings(&database).expect("settings");
        let calm = Stage::test().settings(&database).expect("settings");
        let engine = e2e::engine(&calm);
        let cashier = cashier(&settings);
        cashier.register_bills().await.expect("statements and notifications");
        let sql = Sql::connect(&database.url).await;
        let order = place(&engine, flow).await;
        Self { flow, twin, cashier, engine, sql, up, order, _server: server }
    }

    /// Runs the flow to its end with this mishap; answers with the effects that the first process had.
    pub(crate) async fn run(&self, at: Trip) -> Vec<Spot> {
        let wire = Tripwire::new(at);
        let first = wired(&self.cashier, &wire);
        self.put_up(&first);
        let mut process = work(&first);
        process.spawn(pay(self.flow, first, self.order));
        let ended = timeout(LIMIT, async {
            tokio::select! {
                () = wire.tripped() => {}
                () = Box::pin(self.ends()) => {}
            }
        });
        assert!(
            ended.await.is_ok(),
            "{at:?}: the first process gets nowhere: {}",
            self.story().await
        );
        let stalls = at.is_some_and(|(_, mishap)| mishap.stalls());
        if wire.has_tripped() && at.is_some_and(|(_, mishap)| mishap.kills()) {
            process.abort_all();
            while process.join_next().await.is_some() {}
        }
        let second = work(&self.cashier);
        self.put_up(&self.cashier);
        let ended = timeout(LIMIT, Box::pin(self.ends())).await;
        assert!(ended.is_ok(), "{at:?}: nobody goes on: {}", self.story().await);
        wire.release();
        if stalls {
            self.let_it_find_out(&wire).await;
        }
        drop((process, second));
        self.check(at).await;
        wire.spots()
    }

    /// A process that stalled and goes on must do no harm: it gets time to try.
    async fn let_it_find_out(&self, wire: &Tripwire) {
        let (mut beat, mut seen) = (beat(50), usize::MAX);
        while seen != wire.count() {
            seen = wire.count();
            beat.tick().await;
            beat.tick().await;
        }
        let settled = timeout(LIMIT, Box::pin(self.ends())).await;
        assert!(settled.is_ok(), "the woken process left work behind");
    }

    fn put_up(&self, cashier: &Cashier) {
        *self.up.lock().unwrap_or_else(PoisonError::into_inner) = Some(cashier.clone());
    }

    /// The order is where it should end, and nothing is left to do. The customer, who may have got no
    /// answer, tries again whenever the order lets them.
    async fn ends(&self) {
        let (mut beat, mut tried) = (beat(50), Instant::now());
        loop {
            beat.tick().await;
            let order = order(&self.engine, self.order).await;
            if self.is_over(&order) && self.left().await == 0 {
                return;
            }
            let may_pay = order.state == OrderState::AwaitingPayment { collection: None };
            let has_waited = tried.elapsed() > Duration::from_millis(300);
            if self.flow != Flow::Sell && may_pay && has_waited {
                tried = Instant::now();
                pay(self.flow, self.cashier.clone(), self.order).await;
            }
            if self.flow == Flow::Refund && order.state == OrderState::Delivering {
                let event = OrderEvent::DeliveryFailed { tx_hash: "dead".into() };
                tell(&self.engine, self.order, &event).await;
            }
        }
    }

    fn is_over(&self, order: &Order) -> bool {
        match self.flow {
            Flow::Buy => order.state == OrderState::Delivering,
            Flow::Sell => order.state == OrderState::Completed,
            Flow::Refund => matches!(order.state, OrderState::Refunded { .. }),
        }
    }

    /// Jobs and callbacks that are not done.
    async fn left(&self) -> i64 {
        let query =
            "SELECT (SELECT count(*) FROM outbox WHERE done_at IS NULL AND kind <> 'deliver')
            + (SELECT count(*) FROM callbacks WHERE settled_at IS NULL)";
        self.sql.number(query).await
    }

    async fn check(&self, at: Trip) {
        let oracle = self.twin.control().oracle();
        let what = format!("{:?} {at:?}: {oracle:?} {}", self.flow, self.notes().await);
        let (debits, credits) = match self.flow {
            Flow::Buy => (1, 0),
            Flow::Sell => (0, 1),
            Flow::Refund => (1, 0),
        };
        // A process that stands still in the middle of sending, until the customer has tried again and
        // paid, can make a second prompt: there is no key. What it collects goes back by itself.
        let stalls = at.is_some_and(|(_, mishap)| mishap.stalls());
        let extra = oracle.payments.len().saturating_sub(debits);
        assert!(extra == 0 || stalls, "{what}");
        assert_eq!(
            (oracle.payments.len() - extra, oracle.payouts.len()),
            (debits, credits),
            "{what}"
        );
        let back = oracle.payments.iter().filter(|payment| payment.reversed).count();
        assert_eq!(back, usize::from(self.flow == Flow::Refund) + extra, "{what}");
        check_rail_books(&self.sql, &oracle).await;
        check_books(&self.sql).await;
        // A process that stands still holds its locks: the other's patience may end meanwhile.
        let calls = self.sql.number("SELECT count(*) FROM reviews WHERE kind <> 'unknown_expired'");
        assert_eq!(calls.await, 0, "{what}");
        self.twin.stop().await;
    }

    /// What operators were called for, and what is known of the attempts.
    async fn notes(&self) -> String {
        let query = "SELECT kind || ': ' || detail FROM reviews UNION ALL
            SELECT account_reference || ' ' || state || ' ' || evidence::text FROM collections";
        let notes = self.sql.rows(query, &[]).await;
        let notes: Vec<String> = notes.iter().map(|row| row.get(0)).collect();
        format!("{notes:#?}")
    }

    async fn story(&self) -> String {
        let rows =
            self.sql.rows("SELECT kind || ' -> ' || state FROM order_events ORDER BY seq", &[]);
        let story: Vec<String> = rows.await.iter().map(|row| row.get(0)).collect();
        let jobs = self.sql.rows("SELECT kind || ' ' || attempts || ' ' || coalesce(last_error, '') || ' ' || (available_at - now())::text FROM outbox WHERE done_at IS NULL", &[]).await;
        let jobs: Vec<String> = jobs.iter().map(|row| row.get(0)).collect();
        format!("{story:?}, jobs {jobs:?}, oracle {:?}", self.twin.control().oracle())
    }
}

fn cashier(settings: &Settings) -> Cashier {
    let shelf = Arc::new(PgStore::new(&settings.database).expect("a pool"));
    let engine = Engine {
        store: Arc::new(PgStore::new(&settings.database).expect("a pool")),
        addresses: Arc::new(PlainAddressBook),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        rules: settings.order_rules(),
    };
    let rail = rail::Rail::new(&settings.mpesa, shelf).expect("settings").expect("a rail");
    let tempo = Tempo {
        second: SECOND,
        lease: time::Duration::milliseconds(400),
        ..settings.mpesa.tempo()
    };
    Cashier { tempo, ..rail.cashier(engine) }
}

async fn place(engine: &Engine, flow: Flow) -> OrderId {
    let command: PlaceOrder = match flow {
        Flow::Buy | Flow::Refund => samples::place_buy(),
        Flow::Sell => samples::place_sell(),
    };
    let id = orders::place(engine, &command).await;
    if flow == Flow::Sell {
        deposit(engine, id).await;
    }
    id
}

async fn deposit(engine: &Engine, id: OrderId) {
    let (order, now) = (order(engine, id).await, engine.clock.now());
    let deposit = Deposit {
        id: DepositId { network: Network::Tron, tx_hash: "d0".into(), ordinal: 0 },
        amount: order.deposit_due(),
        block_time: now,
        detected_at: now,
        confirmations: 20,
        height: None,
        stage: DepositStage::Final,
    };
    tell(engine, id, &OrderEvent::DepositFinal { deposit }).await;
}

/// The customer pays; what they are told is not what counts.
async fn pay(flow: Flow, cashier: Cashier, order_id: OrderId) {
    if flow == Flow::Sell {
        return;
    }
    let caller = Caller { id: samples::CUSTOMER, role: Role::Customer };
    let phone = Msisdn::parse("254711222333").expect("a phone");
    let render = |_: &PaymentStarted| StoredAnswer { status: 200, body: String::new() };
    let request = Request { caller, claim: None };
    let _answer = cashier.start_payment(&request, &StartPayment { order_id, phone }, &render).await;
}
