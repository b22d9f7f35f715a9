//! An engine with the rail in memory: the mobile-money service, ready to be worked by hand. Its store and
//! its rail can be made to fail, and be left at any call.

use std::sync::Arc;

use time::Duration;

use super::MemoryMobileMoney;
use crate::ids::OrderId;
use crate::ledger::{Account, LedgerAsset};
use crate::order::{Order, OrderEvent};
use crate::party::{Msisdn, Role};
use crate::ports::{ReviewQueries, Store};
use crate::rail::{Circuit, Collection, OpenReview, RailReview, Tempo};
use crate::service::{
    Answer, Cashier, Engine, JOB_KINDS, PaymentStarted, Request, ServiceError, StartPayment,
};
use crate::testing::matrix::facts::{arrived, deposit};
use crate::testing::memory_chain::stepping::SteppingStore;
use crate::testing::samples::{self, CUSTOMER, place_buy, place_sell};
use crate::testing::{MemoryStore, Scene};

const REMEMBERS: &str = "memory is always there";
/// More turns than any order needs to come to its end.
const MANY: usize = 500;

/// A scene with the rail; callbacks from unlisted addresses are not acted on.
#[derive(Debug)]
pub struct MobileMoneyFixture {
    pub scene: Scene,
    pub store: SteppingStore,
    pub rail: MemoryMobileMoney,
    pub engine: Engine,
}

impl MobileMoneyFixture {
    pub async fn new() -> Self {
        let scene = Scene::seeded().await;
        let rail = MemoryMobileMoney::new(Arc::clone(&scene.clock));
        let store = SteppingStore::over(scene.store.clone());
        let shared: Arc<dyn Store> = Arc::new(store.clone());
        let engine = samples::engine(shared, Arc::clone(&scene.clock));
        Self { scene, store, rail, engine }
    }

    /// The service as a process has it that has just been started.
    pub fn service(&self) -> Cashier {
        Cashier {
            engine: self.engine.clone(),
            rail: Arc::new(self.rail.clone()),
            tempo: Tempo::default(),
            enforces_sources: true,
        }
    }

    pub fn memory(&self) -> &MemoryStore {
        &self.scene.store
    }

    /// An order that awaits 175,200 shillings.
    pub async fn buy(&self) -> Order {
        self.scene.place(&place_buy()).await
    }

    /// An order whose deposit is final: 112,798 shillings are to be paid out.
    pub async fn sell(&self) -> Order {
        let order = self.scene.place(&place_sell()).await;
        let paid_in = arrived(deposit("a deposit", order.deposit_due()));
        self.scene.tell(order.id, &paid_in).await;
        self.order(order.id).await
    }

    /// The order's customer asks to be prompted on this phone.
    pub async fn start_payment(
        &self,
        order: OrderId,
        phone: &Msisdn,
    ) -> Result<Answer, ServiceError> {
        let request = Request { caller: samples::caller(CUSTOMER, Role::Customer), claim: None };
        let command = StartPayment { order_id: order, phone: phone.clone() };
        let render = |started: &PaymentStarted| Scene::render(&started.order);
        Box::pin(self.service().start_payment(&request, &command, &render)).await
    }

    /// An order that is paid for, and wants its coin delivered.
    pub async fn paid(&self, phone: &Msisdn) -> Order {
        let order = self.buy().await;
        self.start_payment(order.id, phone).await.expect("it is sent");
        self.rail.pay_all();
        self.run(order.id).await;
        self.order(order.id).await
    }

    /// An order that was paid for and cannot be delivered: its payment goes back.
    pub async fn refunding(&self, phone: &Msisdn) -> Order {
        let order = self.paid(phone).await;
        self.scene.tell(order.id, &OrderEvent::DeliveryFailed { tx_hash: "0xdead".into() }).await;
        self.order(order.id).await
    }

    /// Stores the callbacks that are on their way, and reads all that nobody has read.
    pub async fn read_callbacks(&self) {
        let service = self.service();
        for received in self.rail.take_callbacks() {
            // The rail does not come again; whoever takes requests keeps what cannot be stored.
            while service.receive(&received).await.is_err() {}
        }
        for callback in service.claim_callbacks(100).await.unwrap_or_default() {
            Box::pin(service.read_callback(callback)).await;
        }
    }

    /// One step of every job that is due.
    pub async fn turn(&self) {
        let service = self.service();
        for job in service.claim_jobs(10).await.unwrap_or_default() {
            Box::pin(service.work_on(job)).await;
        }
    }

    /// Balances, callbacks, jobs and statements in turn, until nothing of the order is left to do, or an operator is
    /// called because nobody knows what became of money.
    pub async fn run(&self, order: OrderId) {
        for _ in 0..MANY {
            let _waits_for_its_next_turn = self.service().ask_balance().await;
            self.read_callbacks().await;
            self.turn().await;
            let _waits_for_its_next_turn = self.service().sweep_statement().await;
            if self.open_jobs(order).await == 0 || self.is_lost().await {
                return;
            }
            self.scene.clock.advance(Duration::seconds(20));
        }
        panic!("it comes to no end: {:?}", self.order(order).await.state);
    }

    async fn is_lost(&self) -> bool {
        let lost = RailReview::UnknownExpired.as_str();
        self.reviews().await.iter().any(|review| review.kind == lost)
    }

    async fn open_jobs(&self, order: OrderId) -> usize {
        let effects = self.scene.effects(order).await;
        effects.iter().filter(|row| JOB_KINDS.contains(&row.effect.kind())).count()
    }

    pub async fn order(&self, id: OrderId) -> Order {
        self.scene.order(id).await
    }

    pub async fn reviews(&self) -> Vec<OpenReview> {
        self.memory().open_reviews(100).await.expect(REMEMBERS)
    }

    pub async fn circuit(&self) -> Circuit {
        let mut uow = self.memory().begin().await.expect(REMEMBERS);
        uow.lock_circuit(samples::NOW).await.expect(REMEMBERS)
    }

    /// The attempt that a prompt belongs to, as it is stored.
    pub async fn collection(&self, account_reference: &str) -> Collection {
        let mut uow = self.memory().begin().await.expect(REMEMBERS);
        let found = uow.find_collection_by_reference(account_reference).await.expect(REMEMBERS);
        let id = found.expect("what is prompted for is stored");
        uow.find_collection(id).await.expect(REMEMBERS).expect("it was found")
    }

    /// Cents that the ledger has in an account.
    pub fn posted(&self, account: Account) -> i64 {
        let entries = self.memory().entries();
        let all = entries.iter().flat_map(|entry| &entry.postings);
        let of_it = all.filter(|(key, _)| key.account == account && key.asset == LedgerAsset::Kes);
        of_it.map(|(_, minor)| minor).sum()
    }

    /// The ledger has moved what the rail has: payments that were not given back, and payouts.
    pub fn assert_books(&self) {
        let kept = self.rail.paid_in().into_iter().filter(|paid| !paid.is_reversed);
        let paid_in: i64 = kept.map(|paid| paid.amount.minor()).sum();
        assert_eq!(self.posted(Account::MpesaCollection), paid_in, "payments");
        let paid_out: i64 = self.rail.paid_out().iter().map(|paid| paid.amount.minor()).sum();
        // What was there before the first payout is the operator's.
        let accounts = [Account::MpesaUtility, Account::Fees, Account::Capital];
        let left: i64 = accounts.into_iter().map(|account| self.posted(account)).sum();
        assert_eq!(left.checked_neg(), Some(paid_out), "payouts");
    }
}
