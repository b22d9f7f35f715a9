//! An engine over a store in memory that knows the seeds' parties and offers. When a test ends, its
//! books must balance.
#![expect(clippy::missing_panics_doc, reason = "a test whose scene breaks must fail")]

use std::sync::Arc;

use uuid::Uuid;

use super::samples::{self, NOW};
use super::{MemoryStore, SetClock};
use crate::access::Visibility;
use crate::ids::{OfferId, OrderId};
use crate::offer::Offer;
use crate::order::{Actor, HistoryEntry, Order, OrderEvent};
use crate::party::Role;
use crate::placement::{PlaceOrder, StoredAnswer};
use crate::ports::{OfferQueries, OrderFilter, OrderQueries, OutboxRow, PageRequest, Start, Store};
use crate::service::{Engine, Recorded, Request};

const REMEMBERS: &str = "memory is always there";

/// Everything a service needs, at [`NOW`] until the clock is moved.
#[derive(Debug)]
pub struct Scene {
    pub store: MemoryStore,
    pub clock: Arc<SetClock>,
    pub engine: Engine,
}

impl Scene {
    pub async fn seeded() -> Self {
        let (store, clock) = (MemoryStore::default(), Arc::new(SetClock::at(NOW)));
        store.insert_parties(samples::parties()).await;
        let mut uow = store.begin().await.expect(REMEMBERS);
        for offer in [samples::sell_offer(), samples::buy_offer()] {
            uow.insert_offer(&offer).await.expect(REMEMBERS);
        }
        uow.commit().await.expect(REMEMBERS);
        let engine = samples::engine(Arc::new(store.clone()), Arc::clone(&clock));
        Self { store, clock, engine }
    }

    /// Places the order as its customer.
    pub async fn place(&self, command: &PlaceOrder) -> Order {
        let request =
            Request { caller: samples::caller(command.customer_id, Role::Customer), claim: None };
        let answer = self.engine.place_order(&request, command, &Self::render).await;
        let answer = answer.expect("samples can be placed").stored;
        self.order(Self::rendered(&answer)).await
    }

    /// Answers with the order's id alone.
    pub fn render(order: &Order) -> StoredAnswer {
        samples::answer(&order.id.to_string())
    }

    /// The order that [`Scene::render`] has answered with.
    pub fn rendered(answer: &StoredAnswer) -> OrderId {
        OrderId(Uuid::parse_str(&answer.body).expect("a rendered id"))
    }

    /// The rail tells a fact, or the engine asks by itself.
    pub async fn tell(&self, id: OrderId, event: &OrderEvent) -> Recorded {
        let recorded = self.engine.record_event(id, Actor::System, event).await;
        recorded.expect("facts are never refused")
    }

    pub async fn order(&self, id: OrderId) -> Order {
        let details = self.store.find_details(Visibility::All, id).await.expect(REMEMBERS);
        details.expect("the order was placed").order
    }

    /// All orders, newest first.
    pub async fn orders(&self) -> Vec<Order> {
        let page = PageRequest { start: Start::Offset(0), size: 100 };
        let everything = OrderFilter::default();
        let listed = self.store.list_orders(Visibility::All, &everything, page).await;
        listed.expect(REMEMBERS).rows
    }

    pub async fn offer(&self, id: OfferId) -> Offer {
        self.store.find_offer(id).await.expect(REMEMBERS).expect("the offer was published")
    }

    pub async fn history(&self, id: OrderId) -> Vec<HistoryEntry> {
        let history = self.store.find_history(Visibility::All, id).await.expect(REMEMBERS);
        history.expect("the order was placed")
    }

    pub async fn effects(&self, id: OrderId) -> Vec<OutboxRow> {
        let mut uow = self.store.begin().await.expect(REMEMBERS);
        uow.pending_effects(id).await.expect(REMEMBERS)
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.store.books(), Ok(()), "holds are what open orders ask for");
        }
    }
}
