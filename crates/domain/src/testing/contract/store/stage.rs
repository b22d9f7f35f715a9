//! Sets the stage of a case, through the ports alone.

use crate::access::Visibility;
use crate::ids::{OfferId, OrderId};
use crate::money::Crypto;
use crate::offer::Offer;
use crate::order::{Order, OrderState};
use crate::placement::{PlaceOrder, Placed, Placement};
use crate::ports::{OrderFilter, Page, PageRequest, Start, Store, UnitOfWork};
use crate::testing::samples;

/// What a store that keeps its contract never makes us say.
pub(super) const WORKS: &str = "the store does as asked";

/// Does `work` in a unit of work of its own and commits it.
pub(super) async fn commit<T>(
    store: &dyn Store,
    work: impl AsyncFnOnce(&mut dyn UnitOfWork) -> T,
) -> T {
    let mut uow = store.begin().await.expect(WORKS);
    let done = work(&mut *uow).await;
    uow.commit().await.expect(WORKS);
    done
}

/// The sample parties and offers.
pub(super) async fn seed(store: &dyn Store) {
    commit(store, async |uow| {
        for party in samples::parties() {
            uow.insert_party(&party).await.expect(WORKS);
        }
    })
    .await;
    publish(store, &[samples::sell_offer(), samples::buy_offer()]).await;
}

pub(super) async fn publish(store: &dyn Store, offers: &[Offer]) {
    commit(store, async |uow| {
        for offer in offers {
            uow.insert_offer(offer).await.expect(WORKS);
        }
    })
    .await;
}

/// Places `placement`, which nothing stands against.
pub(super) async fn place(store: &dyn Store, placement: &Placement) -> Order {
    assert_eq!(store.place(placement).await.expect(WORKS), Placed::Done);
    placement.order.clone()
}

/// Places the order of a sample command.
pub(super) async fn place_sample(store: &dyn Store, command: &PlaceOrder, entropy: u64) -> Order {
    place(store, &samples::placement(command, entropy)).await
}

/// Saves `order` a second later in `state`.
pub(super) async fn save_as(store: &dyn Store, order: &Order, state: OrderState) -> Order {
    let (moved, entry) = samples::moved(order, state);
    commit(store, async |uow| {
        uow.lock_order(order.id).await.expect(WORKS);
        uow.save_order(&moved, &entry).await.expect(WORKS);
    })
    .await;
    moved
}

/// What a unit of work finds stored under `id`.
pub(super) async fn stored(store: &dyn Store, id: OrderId) -> Option<Order> {
    let mut uow = store.begin().await.expect(WORKS);
    let order = uow.lock_order(id).await.expect(WORKS);
    uow.rollback().await.expect(WORKS);
    order
}

pub(super) async fn offer(store: &dyn Store, id: OfferId) -> Offer {
    store.find_offer(id).await.expect(WORKS).expect("the offer is there")
}

/// What the offer has left and what is held of that.
pub(super) async fn balance(store: &dyn Store, id: OfferId) -> (Crypto, Crypto) {
    let offer = offer(store, id).await;
    (offer.available, offer.held)
}

/// A page of all orders.
pub(super) async fn page(store: &dyn Store, start: Start, size: u8) -> Page<Order> {
    let request = PageRequest { start, size };
    let everything = OrderFilter::default();
    store.list_orders(Visibility::All, &everything, request).await.expect(WORKS)
}
