//! Orders as the matrix places them and tells them what a rail would.

use std::sync::{Mutex, PoisonError};

use domain::access::Caller;
use domain::ids::OrderId;
use domain::order::{Actor, Order, OrderEvent};
use domain::party::Role;
use domain::placement::{PlaceOrder, StoredAnswer};
use domain::service::{Engine, Request};
use domain::testing::samples;

/// Places an order in an empty database, as its customer.
pub(crate) async fn place(engine: &Engine, command: &PlaceOrder) -> OrderId {
    let mut uow = engine.store.begin().await.expect("a database");
    for party in samples::parties() {
        uow.insert_party(&party).await.expect("parties");
    }
    for offer in [samples::sell_offer(), samples::buy_offer()] {
        uow.insert_offer(&offer).await.expect("offers");
    }
    uow.commit().await.expect("a database");
    let caller = Caller { id: command.customer_id, role: Role::Customer };
    let placed = Mutex::new(None);
    let render = |order: &Order| {
        *placed.lock().unwrap_or_else(PoisonError::into_inner) = Some(order.id);
        StoredAnswer { status: 201, body: String::new() }
    };
    let request = Request { caller, claim: None };
    engine.place_order(&request, command, &render).await.expect("placed");
    let id: Option<OrderId> = *placed.lock().unwrap_or_else(PoisonError::into_inner);
    id.expect("rendered")
}

pub(crate) async fn tell(engine: &Engine, id: OrderId, event: &OrderEvent) {
    engine.record_event(id, Actor::System, event).await.expect("facts are never refused");
}

pub(crate) async fn order(engine: &Engine, id: OrderId) -> Order {
    let mut uow = engine.store.begin().await.expect("a database");
    let order = uow.lock_order(id).await.expect("a database").expect("an order");
    uow.rollback().await.expect("a database");
    order
}
