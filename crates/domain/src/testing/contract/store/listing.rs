//! Pages of orders: newest first, nothing twice, nothing left out.

use time::Duration;

use super::stage::{page, place, seed};
use crate::ids::OrderId;
use crate::order::Order;
use crate::ports::{Page, Start, Store};
use crate::testing::samples::{self, NOW, crypto};

/// Places `count` small orders a microsecond apart, not in the order of their times, and answers
/// their ids newest first.
async fn place_many(store: &dyn Store, count: i64) -> Vec<OrderId> {
    seed(store).await;
    let (even, odd): (Vec<_>, Vec<_>) = (0..count).partition(|age| age % 2 == 0);
    let mut orders = Vec::new();
    for age in even.into_iter().chain(odd) {
        orders.push(place_small(store, age).await);
    }
    orders.sort_by_key(|order| std::cmp::Reverse(order.created_at));
    orders.iter().map(|order| order.id).collect()
}

async fn place_small(store: &dyn Store, age: i64) -> Order {
    let at = NOW.saturating_sub(Duration::microseconds(age));
    let entropy = u64::try_from(age).expect("orders are made in the past");
    let order = samples::order_at(&samples::place_buy(), at, entropy);
    place(store, &samples::placement_of(Order { crypto: crypto("1"), ..order })).await
}

fn ids(page: &Page<Order>) -> Vec<OrderId> {
    page.rows.iter().map(|order| order.id).collect()
}

pub async fn orders_come_newest_first(store: &dyn Store) {
    let newest_first = place_many(store, 7).await;
    let all = page(store, Start::Offset(0), 100).await;
    assert_eq!((ids(&all), all.has_more), (newest_first, false));
}

pub async fn offsets_cover_the_list_once(store: &dyn Store) {
    let newest_first = place_many(store, 7).await;
    let cases =
        [(0, 0..3, true), (3, 3..6, true), (6, 6..7, false), (5, 5..7, false), (9, 7..7, false)];
    for (offset, rows, has_more) in cases {
        let page = page(store, Start::Offset(offset), 3).await;
        assert_eq!(ids(&page), newest_first[rows], "from {offset}");
        assert_eq!(page.has_more, has_more, "from {offset}");
    }
}

pub async fn cursors_cover_the_list_once(store: &dyn Store) {
    let newest_first = place_many(store, 7).await;
    let mut walked = Vec::new();
    let mut next = page(store, Start::Offset(0), 3).await;
    while next.has_more {
        walked.extend(ids(&next));
        let last = next.rows.last().expect("a page before others has rows").id;
        next = page(store, Start::After(last.0), 3).await;
    }
    walked.extend(ids(&next));
    assert_eq!(walked, newest_first);
}

pub async fn a_newer_order_does_not_move_the_page_after_a_cursor(store: &dyn Store) {
    seed(store).await;
    for age in 1..=4 {
        place_small(store, age).await;
    }
    let first = page(store, Start::Offset(0), 2).await;
    let cursor = Start::After(first.rows[1].id.0);
    let before = page(store, cursor, 2).await;
    place_small(store, 0).await;
    assert_eq!(page(store, cursor, 2).await, before);
    assert_ne!(page(store, Start::Offset(0), 2).await, first);
}

pub async fn a_full_last_page_has_nothing_after_it(store: &dyn Store) {
    let newest_first = place_many(store, 4).await;
    let last = page(store, Start::Offset(2), 2).await;
    assert_eq!((ids(&last), last.has_more), (newest_first[2..].to_vec(), false));
    let beyond = page(store, Start::After(newest_first[3].0), 2).await;
    assert_eq!(beyond, Page { rows: vec![], has_more: false });
}

pub async fn an_empty_list_is_an_empty_page(store: &dyn Store) {
    for start in [Start::Offset(0), Start::Offset(50), Start::After(uuid::Uuid::max())] {
        assert_eq!(page(store, start, 100).await, Page { rows: vec![], has_more: false });
    }
}
