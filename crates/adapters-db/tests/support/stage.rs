//! Sets the stage of a test: the seeds' parties and offers, and small orders on them.

use std::sync::Arc;

use adapters_db::PgStore;
use domain::order::Order;
use domain::placement::{PlaceOrder, Placed};
use domain::ports::{Placements, Store};
use domain::service::Engine;
use domain::testing::{SetClock, samples};
use time::Duration;

/// The sample parties and offers.
pub(crate) async fn seed(store: &PgStore) {
    let mut uow = store.begin().await.expect("a unit of work");
    for party in samples::parties() {
        uow.insert_party(&party).await.expect("a new party");
    }
    for offer in [samples::sell_offer(), samples::buy_offer()] {
        uow.insert_offer(&offer).await.expect("a new offer");
    }
    uow.commit().await.expect("a commit");
}

/// A small on-ramp order, its deadline so many minutes ahead.
pub(crate) fn buy(entropy: u64, minutes: i64) -> Order {
    small(&samples::place_buy(), entropy, minutes)
}

/// A small off-ramp order.
pub(crate) fn sell(entropy: u64, minutes: i64) -> Order {
    small(&samples::place_sell(), entropy, minutes)
}

fn small(command: &PlaceOrder, entropy: u64, minutes: i64) -> Order {
    Order {
        crypto: samples::crypto("1"),
        expires_at: samples::NOW + Duration::minutes(minutes),
        ..samples::order(command, entropy)
    }
}

/// Stores the order as it is placed.
pub(crate) async fn place(store: &PgStore, order: Order) -> Order {
    let placement = samples::placement_of(order);
    let placed = store.place(&placement).await.expect("nothing against it");
    assert_eq!(placed, Placed::Done);
    placement.order
}

/// An engine over the store, when all small orders with up to so many minutes are overdue.
pub(crate) fn engine(store: &PgStore, minutes: i64) -> Engine {
    let clock = SetClock::at(samples::NOW + Duration::minutes(minutes));
    samples::engine(Arc::new(store.clone()), Arc::new(clock))
}
