//! Which orders a list has: what was asked for, of what the caller may see.

use time::{Duration, OffsetDateTime};

use super::stage::{WORKS, place, save_as, seed};
use crate::access::Visibility;
use crate::ids::{OfferId, PartyId};
use crate::offer::Offer;
use crate::order::{
    CancelReason, HoldReason, Order, OrderState, OrderStatus, OrderSubtype, OrderType,
};
use crate::ports::{OrderFilter, PageRequest, Start, Store};
use crate::testing::samples::{self, ADMIN, BUYING_VENDOR, CUSTOMER, NOW, SELLER, VENDOR, crypto};

/// When the orders are made: ten minutes apart.
fn at(times: i64) -> OffsetDateTime {
    NOW.saturating_add(Duration::minutes(times.saturating_mul(10)))
}

/// So many seconds after one of them was made.
fn after(times: i64, seconds: i64) -> OffsetDateTime {
    at(times).saturating_add(Duration::seconds(seconds))
}

/// Five orders of different kinds, named by their amounts; a vendor is the customer of the last.
async fn stage(store: &dyn Store) {
    seed(store).await;
    let buys = OfferId(uuid::Uuid::from_u128(0xB5));
    let sold_by_buyer = Offer { id: buys, vendor_id: BUYING_VENDOR, ..samples::sell_offer() };
    super::stage::publish(store, &[sold_by_buyer]).await;
    let orders = [
        samples::order_at(&samples::place_buy(), at(0), 1),
        samples::order_at(&samples::place_buy(), at(1), 2),
        samples::order_at(&samples::place_sell(), at(2), 3),
        samples::order_at(&samples::place_sell(), at(3), 4),
        Order {
            customer_id: VENDOR,
            vendor_id: BUYING_VENDOR,
            offer_id: buys,
            ..samples::order_at(&samples::place_buy(), at(4), 5)
        },
    ];
    let states = [
        None,
        Some(OrderState::Cancelled { reason: CancelReason::Expired }),
        None,
        Some(OrderState::Completed),
        Some(OrderState::Delivering),
    ];
    for ((order, state), name) in orders.into_iter().zip(states).zip(1_i64..) {
        let order = Order { crypto: named(name), ..order };
        let order = place(store, &samples::placement_of(order)).await;
        if let Some(state) = state {
            save_as(store, &order, state).await;
        }
    }
}

fn named(name: i64) -> crate::money::Crypto {
    crypto(&name.to_string())
}

/// The names of the listed orders, newest first.
async fn listed(store: &dyn Store, sees: Visibility, filter: &OrderFilter) -> Vec<i64> {
    let request = PageRequest { start: Start::Offset(0), size: 50 };
    let page = store.list_orders(sees, filter, request).await.expect(WORKS);
    page.rows.iter().map(|order| order.crypto.minor().div_euclid(100_000_000)).collect()
}

fn by(set: impl FnOnce(&mut OrderFilter)) -> OrderFilter {
    let mut filter = OrderFilter::default();
    set(&mut filter);
    filter
}

fn by_status(statuses: &[OrderStatus]) -> OrderFilter {
    by(|f| f.statuses = statuses.into())
}

pub async fn each_filter_of_orders_selects_alone(store: &dyn Store) {
    stage(store).await;
    let cases = [
        (by(|_| {}), vec![5, 4, 3, 2, 1]),
        (by(|f| f.order_type = Some(OrderType::OnRampBuy)), vec![5, 2, 1]),
        (by(|f| f.order_type = Some(OrderType::OffRampSell)), vec![4, 3]),
        (by(|f| f.order_type = Some(OrderType::OnRampSell)), vec![]),
        (by_status(&[OrderStatus::Pending]), vec![1]),
        (by_status(&[OrderStatus::Pending, OrderStatus::AwaitingCrypto]), vec![3, 1]),
        (by_status(&[OrderStatus::Failed]), vec![]),
        (by_status(&OrderStatus::ALL), vec![5, 4, 3, 2, 1]),
        (by(|f| f.customer_id = Some(CUSTOMER)), vec![2, 1]),
        (by(|f| f.customer_id = Some(VENDOR)), vec![5]),
        (by(|f| f.customer_id = Some(ADMIN)), vec![]),
        (by(|f| f.vendor_id = Some(VENDOR)), vec![2, 1]),
        (by(|f| f.vendor_id = Some(BUYING_VENDOR)), vec![5, 4, 3]),
        (by(|f| f.created_from = Some(at(2))), vec![5, 4, 3]),
        (by(|f| f.created_to = Some(at(2))), vec![2, 1]),
        (by(|f| f.order_subtype = Some(OrderSubtype::StandardOnramp)), vec![5, 2, 1]),
        (by(|f| f.order_subtype = Some(OrderSubtype::StandardOfframp)), vec![4, 3]),
        (
            by(|f| {
                f.order_type = Some(OrderType::OnRampBuy);
                f.order_subtype = Some(OrderSubtype::StandardOfframp);
            }),
            vec![],
        ),
        // Those that changed did so a second later.
        (by(|f| f.updated_since = Some(at(2))), vec![5, 4, 3]),
        (by(|f| f.updated_since = Some(after(4, 1))), vec![5]),
        (by(|f| f.updated_since = Some(after(4, 2))), vec![]),
        (by(|f| f.unexpired_at = Some(at(3))), vec![5, 4, 3, 2]),
        (by(|f| f.unexpired_at = Some(at(4))), vec![5, 4, 3]),
    ];
    assert_lists(store, cases).await;
}

pub async fn filters_of_orders_combine(store: &dyn Store) {
    stage(store).await;
    let between = by(|f| (f.created_from, f.created_to) = (Some(at(1)), Some(at(3))));
    let everything = OrderFilter {
        order_type: Some(OrderType::OffRampSell),
        statuses: vec![OrderStatus::AwaitingCrypto, OrderStatus::Completed],
        customer_id: Some(SELLER),
        vendor_id: Some(BUYING_VENDOR),
        unexpired_at: Some(at(4)),
        ..between.clone()
    };
    let contradictory = OrderFilter { customer_id: Some(CUSTOMER), ..everything.clone() };
    let pending_now =
        OrderFilter { unexpired_at: Some(at(2)), ..by_status(&[OrderStatus::Pending]) };
    let cases = [
        (between, vec![3, 2]),
        (everything, vec![3]),
        (contradictory, vec![]),
        (pending_now, vec![1]),
    ];
    assert_lists(store, cases).await;
}

/// Checks which orders each filter lists, newest first.
async fn assert_lists(store: &dyn Store, cases: impl IntoIterator<Item = (OrderFilter, Vec<i64>)>) {
    for (filter, expected) in cases {
        let listed = listed(store, Visibility::All, &filter).await;
        assert_eq!(listed, expected, "{filter:?}");
    }
}

pub async fn the_status_of_an_order_on_hold_is_that_of_its_state_behind(store: &dyn Store) {
    seed(store).await;
    let order = samples::order(&samples::place_buy(), 1);
    let order = Order { crypto: named(1), ..order };
    let order = place(store, &samples::placement_of(order)).await;
    let was = Box::new(OrderState::DeliveryConfirming);
    save_as(store, &order, OrderState::OnHold { was, reason: HoldReason::ByOperator }).await;
    for status in OrderStatus::ALL {
        let filter = by_status(&[status]);
        let found = !listed(store, Visibility::All, &filter).await.is_empty();
        assert_eq!(found, status == OrderStatus::Confirming, "{status:?}");
    }
}

pub async fn everyone_lists_what_they_may_see(store: &dyn Store) {
    stage(store).await;
    let stranger = PartyId(uuid::Uuid::from_u128(404));
    let cases = [
        (Visibility::All, vec![5, 4, 3, 2, 1]),
        (Visibility::AsCustomer(CUSTOMER), vec![2, 1]),
        (Visibility::AsCustomer(SELLER), vec![4, 3]),
        (Visibility::AsCustomer(VENDOR), vec![5]),
        (Visibility::AsCustomer(BUYING_VENDOR), vec![]),
        (Visibility::AsEitherParty(VENDOR), vec![5, 2, 1]),
        (Visibility::AsEitherParty(BUYING_VENDOR), vec![5, 4, 3]),
        (Visibility::AsEitherParty(stranger), vec![]),
    ];
    for (sees, expected) in cases {
        assert_eq!(listed(store, sees, &OrderFilter::default()).await, expected, "{sees:?}");
    }
    let foreign = by(|f| f.customer_id = Some(SELLER));
    assert!(listed(store, Visibility::AsCustomer(CUSTOMER), &foreign).await.is_empty());
}
