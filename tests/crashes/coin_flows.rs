//! The flows of the matrix that move coin, each in a world of its own on a lane's ground.

use std::collections::HashSet;
use std::time::Duration;

use domain::address::{ChainAddress, Network};
use domain::ids::OrderId;
use domain::offer::Asset;
use domain::order::{Order, OrderEvent, OrderState, Payment};
use domain::placement::PlaceOrder;
use domain::testing::samples;
use e2e::{Coins, check_books, check_coin_books, check_positions, eventually};
use time::OffsetDateTime;
use tokio::time::timeout;

use crate::coin_ground::Ground;
use crate::orders::{self, tell};
use crate::replica::{Treasury, beat, look};
use crate::tripwire::{Mishap, Spot, Trip, Tripwire};
use crate::wired_chain::{Given, SIGN, Witness};

/// Why coin moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// Paid for in shillings: coin goes to the customer.
    Delivery,
    /// Too little coin came until the deadline of the chain's clock: it goes back.
    Refund,
    /// An order that sold coin is over: its escrow address gets gas, and is swept.
    Sweep,
}

/// From the first effect to the end, on a busy machine.
const LIMIT: Duration = Duration::from_secs(40);
/// Block time until an order's deadline.
const TTL: time::Duration = time::Duration::seconds(60);
/// Units of coin: what the samples' orders are about, and less than that.
const BOUGHT: u128 = 1_200_000_000;
const SOLD: u128 = 799_990_000;
const TOO_LITTLE: u128 = 700_000_000;

pub(crate) struct World<'a> {
    flow: Flow,
    network: Network,
    ground: &'a Ground,
    lasting: Treasury,
    order: OrderId,
    escrow: Option<String>,
    deadline: Option<OffsetDateTime>,
    /// What was on the chain before.
    transfers: usize,
    executed: u64,
    witness: Witness,
}

/// What a run has shown.
pub(crate) struct Ran {
    pub(crate) spots: Vec<Spot>,
    /// A signature was made that only the journal knew of, and the same one was used.
    pub(crate) signed_unheard: bool,
}

impl<'a> World<'a> {
    pub(crate) async fn new(ground: &'a Ground, flow: Flow, network: Network) -> Self {
        ground.empty().await;
        ground.finalize(network).await;
        let mut lasting = ground.lasting(network);
        lasting.sweeps = flow == Flow::Sweep;
        let opened = lasting.treasurer.book_stock(network, Asset::Usdt).await;
        opened.expect("the stock is counted");
        let transfers = ground.coins(network).transfers().await.len();
        let executed = ground.executed(network).await;
        let now = ground.now(network).await;
        let wallet = ground.coins(network).stranger().to_owned();
        let command = command(flow, ChainAddress::trusted(network, wallet), now + TTL);
        let order = orders::place(&lasting.treasurer.engine, &command).await;
        let witness = Witness::default();
        let (escrow, deadline) = (None, None);
        let mut world = Self {
            flow,
            network,
            ground,
            lasting,
            order,
            escrow,
            deadline,
            transfers,
            executed,
            witness,
        };
        world.begin().await;
        world
    }

    fn coins(&self) -> &Coins {
        self.ground.coins(self.network)
    }

    /// Brings the order to where the flow begins.
    async fn begin(&mut self) {
        let engine = &self.lasting.treasurer.engine;
        let order = self.order().await;
        self.escrow = order.escrow.as_ref().map(|escrow| escrow.address.as_str().to_owned());
        match (self.flow, &self.escrow) {
            (Flow::Refund, Some(escrow)) => {
                self.coins().send(escrow, TOO_LITTLE).await;
                self.deadline = Some(order.expires_at);
            }
            (Flow::Sweep, Some(escrow)) => {
                // The watcher begins at what is final: before the deposit.
                self.read().await;
                self.coins().send(escrow, SOLD).await;
                self.ground.finalize(self.network).await;
                self.read().await;
                let event = OrderEvent::PayoutConfirmed { receipt: "SKA1B2C3D4".into() };
                tell(engine, self.order, &event).await;
            }
            (Flow::Delivery, _) | (_, None) => {
                let (amount, phone) = (order.collection_due(), samples::phone());
                let payment = Payment { receipt: "SKA1B2C3D4".into(), amount, phone };
                tell(engine, self.order, &OrderEvent::PaymentConfirmed { payment, doubt: None })
                    .await;
            }
        }
    }

    /// The chain is read in peace. A busy machine can lose a unit of work for standing still.
    async fn read(&self) {
        eventually("the chain is read", async || look(&self.lasting.watcher).await.is_ok()).await;
    }

    async fn order(&self) -> Order {
        orders::order(&self.lasting.treasurer.engine, self.order).await
    }

    /// Runs the flow to its end with this mishap.
    pub(crate) async fn run(&self, at: Trip) -> Ran {
        tokio::select! {
            ran = self.live(at) => ran,
            () = self.ground.grow(self.network, self.deadline) => unreachable!("it never ends"),
        }
    }

    async fn live(&self, at: Trip) -> Ran {
        let wire = Tripwire::new(at);
        let mut first = self.ground.mortal(self.network);
        first.sweeps = self.lasting.sweeps;
        let mut process = first.wired(&wire, &self.witness).work();
        let ended = timeout(LIMIT, async {
            tokio::select! {
                () = wire.tripped() => {}
                () = self.ends() => {}
            }
        });
        assert!(ended.await.is_ok(), "{}", self.story(at, "the first process gets nowhere").await);
        if wire.has_tripped() && at.is_some_and(|(_, mishap)| mishap.kills()) {
            process.abort_all();
            while process.join_next().await.is_some() {}
        }
        let second = self.lasting.wired(&Tripwire::new(None), &self.witness).work();
        let ended = timeout(LIMIT, self.ends()).await;
        assert!(ended.is_ok(), "{}", self.story(at, "nobody goes on").await);
        wire.release();
        if at.is_some_and(|(_, mishap)| mishap.stalls()) {
            self.let_it_find_out(&wire, at).await;
        }
        drop((process, second));
        self.check(at).await;
        let is_unheard = |(spot, mishap): (Spot, Mishap)| {
            spot.what == SIGN && matches!(mishap, Mishap::DiesAfter | Mishap::ReplyLost)
        };
        let signed_unheard = wire.has_tripped() && at.is_some_and(is_unheard);
        Ran { spots: wire.spots(), signed_unheard }
    }

    /// A process that stalled and goes on must do no harm: it gets time to try.
    async fn let_it_find_out(&self, wire: &Tripwire, at: Trip) {
        let (mut beat, mut seen) = (beat(50), usize::MAX);
        while seen != wire.count() {
            seen = wire.count();
            beat.tick().await;
            beat.tick().await;
        }
        let settled = timeout(LIMIT, self.ends()).await;
        assert!(settled.is_ok(), "{}", self.story(at, "the woken process left work behind").await);
    }

    /// The order is where it should end, what moves coin is done, and nothing is left to do.
    async fn ends(&self) {
        let mut beat = beat(100);
        loop {
            beat.tick().await;
            if self.left().await == 0 && self.is_over(&self.order().await) {
                return;
            }
        }
    }

    fn is_over(&self, order: &Order) -> bool {
        match self.flow {
            Flow::Delivery | Flow::Sweep => order.state == OrderState::Completed,
            Flow::Refund => matches!(order.state, OrderState::Refunded { .. }),
        }
    }

    /// Transfers to come, jobs that are not done, and arrivals that were not told.
    async fn left(&self) -> i64 {
        let due = if self.flow == Flow::Sweep { 2 } else { 1 };
        let query = format!(
            "SELECT {due} - (SELECT count(*) FROM chain_transfers WHERE state = 'done')
            + (SELECT count(*) FROM outbox WHERE done_at IS NULL AND kind <> 'pay_out')"
        );
        self.ground.sql.number(&query).await
    }

    async fn check(&self, at: Trip) {
        let what = self.story(at, "the end").await;
        let sql = &self.ground.sql;
        assert_eq!(self.moved().await, self.meant(), "{what}");
        let executed = self.ground.executed(self.network).await;
        assert_eq!(executed, self.executed + 1, "transactions of the hot wallet: {what}");
        self.check_signatures(at, &what);
        check_coin_books(sql, self.coins()).await;
        check_books(sql).await;
        check_positions(sql, &self.lasting.treasurer.engine).await;
        let twice = "SELECT count(*) - count(DISTINCT cause) FROM ledger_entries";
        assert_eq!(sql.number(twice).await, 0, "{what}");
        let calls = sql.number("SELECT count(*) FROM reviews WHERE kind <> 'unknown_expired'");
        assert_eq!(calls.await, 0, "{what}");
    }

    /// What moved since the world began: from, to, units.
    async fn moved(&self) -> Vec<(String, String, u128)> {
        let all = self.coins().transfers().await;
        all.into_iter().skip(self.transfers).map(|(_, from, to, units)| (from, to, units)).collect()
    }

    fn meant(&self) -> Vec<(String, String, u128)> {
        let (hot, stranger) = (self.ground.hot(self.network), self.coins().stranger());
        let (hot, stranger) = (hot.to_owned(), stranger.to_owned());
        let escrow = || self.escrow.clone().unwrap_or_default();
        match self.flow {
            Flow::Delivery => vec![(hot, stranger, BOUGHT)],
            Flow::Refund => {
                vec![(stranger.clone(), escrow(), TOO_LITTLE), (hot, stranger, TOO_LITTLE)]
            }
            Flow::Sweep => vec![(stranger, escrow(), SOLD), (escrow(), hot, SOLD)],
        }
    }

    /// One signature is one hash, whoever asks how often. What was signed and not heard is asked for
    /// again.
    fn check_signatures(&self, at: Trip, what: &str) {
        let given = self.witness.given();
        for one in &given {
            let is_again = |other: &&Given| other.is_of_the_same(one);
            let mut again = given.iter().filter(is_again);
            assert!(again.all(|other| other.tx_hash == one.tx_hash), "{given:?} {what}");
        }
        if let Some((Spot { what: SIGN, .. }, Mishap::DiesAfter)) = at {
            let hashes: HashSet<&str> = given.iter().map(|one| one.tx_hash.as_str()).collect();
            assert!(given.len() > hashes.len(), "nobody asked again: {given:?} {what}");
        }
    }

    async fn story(&self, at: Trip, what: &str) -> String {
        let query = "SELECT kind || ' -> ' || state FROM order_events
            UNION ALL SELECT 'job ' || kind || ' ' || attempts || ' ' || coalesce(last_error, '')
                || ' ' || (available_at - now())::text FROM outbox WHERE done_at IS NULL
            UNION ALL SELECT 'transfer ' || key || ' ' || state FROM chain_transfers
            UNION ALL SELECT 'review ' || kind || ': ' || detail FROM reviews";
        let rows = self.ground.sql.rows(query, &[]).await;
        let rows: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        format!("{what}: {:?} on {:?}, {at:?}: {rows:#?}", self.flow, self.network)
    }
}

fn command(flow: Flow, wallet: ChainAddress, until: OffsetDateTime) -> PlaceOrder {
    match flow {
        Flow::Delivery => PlaceOrder { wallet, ..samples::place_buy() },
        Flow::Refund | Flow::Sweep => {
            PlaceOrder { wallet, expires_at: Some(until), ..samples::place_sell() }
        }
    }
}
