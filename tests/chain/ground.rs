//! What the scenarios stand on: a service over a chain of its own, orders of both kinds, what became
//! of every arrival, and the check of all books at the end.

use std::sync::Arc;

use api_actix::app;
use api_actix::chains::Chains;
use domain::address::{AddressBook, Network};
use domain::ids::OrderId;
use domain::order::{Actor, OrderEvent};
use domain::service::{ServiceError, Treasurer, Watcher};
use e2e::{
    ADMIN, Answer, Coins, Database, RailApp, Stage, check_coin_books, eventually, hot_address,
    ledger_holds, minor, now, twin, with,
};
use serde_json::{Value, json};
use time::Duration;
use time::format_description::well_known::Rfc3339;
use twins::daraja::DarajaTwin;
use uuid::Uuid;

/// Pays and is paid.
pub(crate) const PHONE: &str = "254711222333";

/// A coin, in the chain's units.
pub(crate) const COIN: u128 = 1_000_000;

/// Longer than an order lives unless it says otherwise.
pub(crate) const LIFE: Duration = Duration::minutes(31);

/// A service and the chain that it watches.
#[derive(Debug)]
pub(crate) struct Ground {
    pub(crate) rail: Box<RailApp>,
    pub(crate) coins: Coins,
    stage: Stage,
}

/// An off-ramp order, and where its coin is expected.
#[derive(Debug, Clone)]
pub(crate) struct Sell {
    pub(crate) id: String,
    pub(crate) escrow: String,
}

/// One signed transaction of a transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) generation: i32,
    pub(crate) variant: i32,
    pub(crate) state: String,
    pub(crate) sends: i32,
    pub(crate) nonce: String,
    pub(crate) tx_hash: String,
}

impl Ground {
    pub(crate) async fn on(coins: Coins) -> Self {
        Self::staged(Stage::test(), coins).await
    }

    /// With settings of its own.
    pub(crate) async fn staged(stage: Stage, coins: Coins) -> Self {
        let stage = stage.with_coins(&coins);
        let rail = Box::pin(RailApp::start_as(stage.clone(), twin().await)).await;
        Self { rail: Box::new(rail), coins, stage }
    }

    /// On a database that somebody else uses too.
    pub(crate) async fn beside(
        stage: Stage,
        coins: Coins,
        (database, twin): (Database, DarajaTwin),
    ) -> Self {
        let app = Box::pin(stage.clone().start_on(&database)).await;
        Self { rail: Box::new(RailApp { app, twin, database }), coins, stage }
    }

    /// The service is down while this happens.
    pub(crate) async fn down_while(self, what: impl AsyncFnOnce(&Coins)) -> Self {
        let Self { rail, coins, stage } = self;
        let RailApp { app, twin, database } = *rail;
        Box::pin(app.finish()).await;
        what(&coins).await;
        let app = Box::pin(stage.clone().with_rail(&twin).start_on(&database)).await;
        Self { rail: Box::new(RailApp { app, twin, database }), coins, stage }
    }

    /// The wallet of every order here: who sends coin is somebody else.
    pub(crate) fn wallet(&self) -> String {
        wallet(&self.coins)
    }

    pub(crate) async fn sell(&self, coins: u32) -> Sell {
        self.sell_with(coins, &json!({})).await
    }

    pub(crate) async fn sell_with(&self, coins: u32, changes: &Value) -> Sell {
        let terms = json!({
            "usdt_amount": coins.to_string(),
            "fiat_amount": format!("{}.00", u64::from(coins) * 141),
            "wallet_address": self.wallet(),
            "payout_phone": PHONE,
        });
        let body = with(with(e2e::sell(), &terms), changes);
        let placed = self.rail.app.place(&self.rail.app.seller, &body).await;
        let escrow = placed.json["escrow_wallet_address"]["String"].as_str();
        Sell { id: placed.id().to_owned(), escrow: escrow.expect("an address").to_owned() }
    }

    /// An on-ramp order of so many coins that is paid for: its delivery is due.
    pub(crate) async fn buy(&self, coins: u32) -> String {
        let terms = json!({
            "usdt_amount": coins.to_string(),
            "fiat_amount": format!("{}.00", u64::from(coins) * 146),
            "wallet_address": self.wallet(),
        });
        self.buy_as(&with(e2e::buy(), &terms)).await
    }

    pub(crate) async fn buy_as(&self, body: &Value) -> String {
        let placed = self.rail.app.place(&self.rail.app.customer, body).await;
        let id = placed.id().to_owned();
        self.rail.pay(&id, PHONE).await.expect(200);
        id
    }

    /// Somebody sends USDT to the order's address.
    pub(crate) async fn send(&self, to: &Sell, units: u128) -> String {
        self.coins.send(&to.escrow, units).await
    }

    /// What the service says of everything that came to the order's address.
    pub(crate) async fn deposits(&self, of: &Sell) -> Vec<Value> {
        let path = format!("/api/v1/auth/order/id/{}/deposits", of.id);
        let told = self.rail.app.get(&path, &self.rail.app.seller).await.expect(200);
        let explained = |row: &Value| row["explanation"].as_str().is_some_and(|it| !it.is_empty());
        assert!(told.rows().iter().all(explained), "{}", told.text);
        told.rows().to_vec()
    }

    pub(crate) async fn dispositions(&self, of: &Sell) -> Vec<String> {
        let word = |row: &Value| row["disposition"].as_str().expect("a word").to_owned();
        self.deposits(of).await.iter().map(word).collect()
    }

    /// Waits until what came for the order stands so, in the order of the chain.
    #[track_caller]
    pub(crate) fn disposed<'a>(
        &'a self,
        of: &'a Sell,
        wanted: &'a [&'a str],
    ) -> impl Future<Output = ()> + 'a {
        eventually("arrivals end as they should", async move || {
            self.dispositions(of).await == wanted
        })
    }

    /// Waits until the order ends in this status, for this reason.
    pub(crate) async fn ends(&self, id: &str, status: &str, reason: &str) {
        let order = self.rail.reaches(id, status).await;
        assert_eq!(order["status_reason"], reason, "{order}");
    }

    #[track_caller]
    pub(crate) fn reviewed<'a>(&'a self, kind: &'a str) -> impl Future<Output = ()> + 'a {
        eventually("an operator is called", async move || self.rail.reviews(kind).await == 1)
    }

    /// What went from our wallet to that of the orders.
    pub(crate) async fn sent_out(&self) -> Vec<u128> {
        let (hot, wallet) = (hot_address(self.coins.network()), self.wallet());
        let all = self.coins.transfers().await;
        let ours = all.into_iter().filter(|(_, from, to, _)| *from == hot && *to == wallet);
        ours.map(|(.., units)| units).collect()
    }

    /// Waits until this and nothing else went to the wallet of the orders.
    #[track_caller]
    pub(crate) fn pays_back<'a>(&'a self, wanted: &'a [u128]) -> impl Future<Output = ()> + 'a {
        eventually("coin goes to the order's wallet", async move || self.sent_out().await == wanted)
    }

    pub(crate) async fn cancel(&self, order: &Sell) -> Answer {
        self.rail.app.cancel(&self.rail.app.seller, &order.id).await
    }

    /// An operator's act, or the refusal of it.
    pub(crate) async fn operate(&self, id: &str, act: OrderEvent) -> Result<(), ServiceError> {
        let id = OrderId(Uuid::parse_str(id).expect("an id"));
        self.rail.engine().record_event(id, Actor::Operator(ADMIN), &act).await.map(drop)
    }

    /// The signed transactions of an order's transfers of this kind, oldest first.
    pub(crate) async fn signatures(&self, id: &str, kind: &str) -> Vec<Signature> {
        let query =
            "SELECT generation, variant, chain_attempts.state, sends, sequence::text, tx_hash
            FROM chain_attempts JOIN chain_transfers USING (key)
            WHERE order_id = $1::text::uuid AND kind = $2::text ORDER BY generation, variant";
        let rows = self.rail.app.sql.rows(query, &[&id, &kind]).await;
        let signature = |row: &tokio_postgres::Row| Signature {
            generation: row.get(0),
            variant: row.get(1),
            state: row.get(2),
            sends: row.get(3),
            nonce: row.get(4),
            tx_hash: row.get(5),
        };
        rows.iter().map(signature).collect()
    }

    /// The chain's clock moves on by so much; the service's does not.
    pub(crate) async fn pass(&self, time: Duration) {
        pass(&self.coins, time).await;
    }

    async fn powers(&self) -> Chains {
        let settings = &self.rail.app.settings;
        let book: Arc<dyn AddressBook> = app::engine(settings).expect("settings").addresses;
        Chains::open(settings, &book).await.expect("the same settings").expect("a chain")
    }

    /// A watcher beside the service's own: for what operators do.
    pub(crate) async fn watcher(&self) -> Watcher {
        let mut watchers = self.powers().await.watchers(&self.rail.engine());
        watchers.pop().expect("one chain")
    }

    /// A treasurer beside the service's own, likewise.
    pub(crate) async fn treasurer(&self) -> Treasurer {
        self.powers().await.treasurer(self.rail.engine()).expect("settings")
    }

    /// How the service says that it follows its chain.
    pub(crate) async fn readiness(&self) -> Value {
        self.rail.app.get("/readyz", "").await.expect(200).json
    }

    /// Waits until nothing moves.
    pub(crate) async fn settle(&self) {
        self.settled(async || {}).await;
    }

    /// The same, and checks everything against everything.
    pub(crate) async fn end(self) {
        self.settle().await;
        self.close().await;
    }

    /// The same on a chain whose blocks come by hand.
    pub(crate) async fn end_mining(self) {
        self.settled(async || self.coins.mine(1).await).await;
        self.close().await;
    }

    async fn settled(&self, meanwhile: impl AsyncFn()) {
        eventually("the stock is counted", async || {
            meanwhile().await;
            let query = "SELECT count(*) FROM ledger_entries WHERE cause LIKE 'opening:%:USDT'";
            self.rail.app.sql.number(query).await == 1
        })
        .await;
        eventually("nothing moves, and the books say what the chain says", async || {
            meanwhile().await;
            self.is_quiet().await && self.agrees().await && self.is_quiet().await
        })
        .await;
    }

    async fn close(self) {
        check_coin_books(&self.rail.app.sql, &self.coins).await;
        self.check_arrivals().await;
        Box::pin(self.rail.finish()).await;
        self.coins.stop().await;
    }

    /// No job waits, nothing is untold, and nothing is worth gathering.
    async fn is_quiet(&self) -> bool {
        let query = "SELECT (SELECT count(*) FROM outbox WHERE done_at IS NULL)
            + (SELECT count(*) FROM chain_deposits
               WHERE told IS DISTINCT FROM stage AND NOT (told IS NULL AND stage = 'orphaned'))
            + (SELECT count(*) FROM chain_deposits JOIN orders ON orders.id = order_id
               WHERE stage = 'final' AND NOT is_emptied AND amount >= 500000000
                 AND orders.state IN ('completed', 'refunded', 'cancelled'))";
        self.rail.app.sql.number(query).await == 0
    }

    async fn agrees(&self) -> bool {
        let network = self.coins.network().as_str();
        let sql = &self.rail.app.sql;
        let hot = self.coins.balance(&hot_address(self.coins.network())).await;
        let mut escrow = 0_u128;
        for address in self.escrows().await {
            escrow += self.coins.balance(&address).await;
        }
        minor(hot) == ledger_holds(sql, &format!("{network}_hot")).await
            && minor(escrow) == ledger_holds(sql, &format!("{network}_escrow")).await
    }

    async fn escrows(&self) -> Vec<String> {
        let rows = self.rail.app.sql.rows("SELECT address FROM escrow_addresses", &[]).await;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Every transfer of USDT to an address of ours is stored once, as final, and nothing else is.
    async fn check_arrivals(&self) {
        let escrows = self.escrows().await;
        let on_chain = self.coins.transfers().await.into_iter();
        let mut on_chain: Vec<_> = on_chain
            .filter(|(_, _, to, units)| escrows.contains(to) && *units > 0)
            .map(|(hash, _, to, units)| (hash, to, units.to_string()))
            .collect();
        let query = "SELECT tx_hash, to_address, units::text FROM chain_deposits
            WHERE stage = 'final' AND asset = 'USDT'";
        let rows = self.rail.app.sql.rows(query, &[]).await;
        let mut stored: Vec<(String, String, String)> =
            rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
        on_chain.sort();
        stored.sort();
        assert_eq!(stored, on_chain, "what arrived, and what is stored of it");
    }
}

/// A moment so much ahead, as a body says it.
pub(crate) fn ahead(by: Duration) -> String {
    (now() + by).format(&Rfc3339).expect("a time")
}

pub(crate) fn wallet(coins: &Coins) -> String {
    match coins.network() {
        Network::Tron => twins::tron::Address::new([0x42; 20]).to_string(),
        Network::Ethereum => twins::anvil::Address([0x42; 20]).to_string(),
    }
}

/// The chain's clock moves on by so much; nobody else's does.
pub(crate) async fn pass(coins: &Coins, time: Duration) {
    match coins.network() {
        Network::Tron => coins.tron().skip_time(time),
        Network::Ethereum => {
            let chain = coins.ethereum();
            let head = chain.block_number().await.expect("a head");
            let head = chain.block_time(head).await.expect("a time");
            let by = u64::try_from(time.whole_seconds()).expect("forwards");
            chain.mine_at(head + by).await.expect("a block");
        }
    }
}
