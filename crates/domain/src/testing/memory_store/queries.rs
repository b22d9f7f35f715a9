//! The read-only views, over what is committed.

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;

use super::MemoryStore;
use super::tables::Tables;
use crate::access::Visibility;
use crate::ids::{OfferId, OrderId};
use crate::offer::Offer;
use crate::order::{HistoryEntry, Order, OrderState};
use crate::ports::{
    OfferFilter, OfferQueries, OrderDetails, OrderFilter, OrderQueries, Overdue, Page, PageRequest,
    Start, StoreError,
};

/// Cuts a page out of `rows`, which come with what they are sorted by, newest first; the page
/// begins behind `after`, if there is one.
fn page<'a, K: PartialOrd + Copy, T: Clone + 'a>(
    rows: impl Iterator<Item = (K, &'a T)>,
    after: Option<K>,
    PageRequest { start, size }: PageRequest,
) -> Page<T> {
    let skipped = match start {
        Start::Offset(rows) => usize::try_from(rows).unwrap_or(0),
        Start::After(_) => 0,
    };
    let rows = rows.filter(|(key, _)| after.is_none_or(|after| *key < after)).skip(skipped);
    let one_too_many = usize::from(size).saturating_add(1);
    Page::cut(rows.take(one_too_many).map(|(_, row)| row.clone()).collect(), size)
}

/// The id behind which a page begins.
fn cursor(request: PageRequest) -> Option<Uuid> {
    match request.start {
        Start::Offset(_) => None,
        Start::After(id) => Some(id),
    }
}

fn agrees<T: PartialEq + Copy>(wanted: Option<T>, is: T) -> bool {
    wanted.is_none_or(|wanted| wanted == is)
}

/// Whether one of the order's attempts has the reference that is asked for.
fn has_reference(tables: &Tables, filter: &OrderFilter, order: &Order) -> bool {
    let Some(reference) = &filter.account_reference else { return true };
    let mut attempts = tables.collections.values().filter(|one| one.order_id == order.id);
    attempts.any(|one| one.account_reference == *reference)
}

fn wants_order(filter: &OrderFilter, order: &Order) -> bool {
    agrees(filter.order_type, order.order_type)
        && agrees(filter.order_subtype, order.order_type.subtype())
        && filter.updated_since.is_none_or(|since| order.updated_at >= since)
        && (filter.statuses.is_empty() || filter.statuses.contains(&order.status()))
        && agrees(filter.customer_id, order.customer_id)
        && agrees(filter.vendor_id, order.vendor_id)
        && filter.created_from.is_none_or(|from| order.created_at >= from)
        && filter.created_to.is_none_or(|to| order.created_at < to)
        && filter.unexpired_at.is_none_or(|at| order.expires_at > at)
}

/// Whether the deadline can do anything to an order in this state.
fn awaits_first_leg(order: &Order) -> bool {
    matches!(
        order.state,
        OrderState::AwaitingPayment { collection: None } | OrderState::AwaitingDeposit
    )
}

fn wants_offer(filter: &OfferFilter, offer: &Offer) -> bool {
    offer.deleted_at.is_none()
        && agrees(filter.offer_type, offer.offer_type)
        && agrees(filter.status, offer.status)
        && agrees(filter.vendor_id, offer.vendor_id)
}

#[async_trait]
impl OrderQueries for MemoryStore {
    async fn list_orders(
        &self,
        sees: Visibility,
        filter: &OrderFilter,
        request: PageRequest,
    ) -> Result<Page<Order>, StoreError> {
        let tables = self.tables();
        let wanted = |order: &&Order| {
            sees.covers(order)
                && wants_order(filter, order)
                && has_reference(&tables, filter, order)
        };
        let rows = tables.orders.values().rev().filter(wanted);
        Ok(page(rows.map(|order| (order.id.0, order)), cursor(request), request))
    }

    async fn find_details(
        &self,
        sees: Visibility,
        id: OrderId,
    ) -> Result<Option<OrderDetails>, StoreError> {
        let tables = self.tables();
        let order = tables.orders.get(&id).filter(|order| sees.covers(order));
        Ok(order.and_then(|order| {
            let offer = tables.offers.get(&order.offer_id)?;
            Some(OrderDetails {
                order: order.clone(),
                customer: tables.parties.get(&order.customer_id)?.contact(),
                vendor: tables.parties.get(&order.vendor_id)?.contact(),
                offer_type: offer.offer_type,
                offer_rate: offer.rate,
            })
        }))
    }

    async fn find_history(
        &self,
        sees: Visibility,
        id: OrderId,
    ) -> Result<Option<Vec<HistoryEntry>>, StoreError> {
        let tables = self.tables();
        let visible = tables.orders.get(&id).is_some_and(|order| sees.covers(order));
        Ok(if visible { tables.history.get(&id).cloned() } else { None })
    }

    async fn list_overdue(
        &self,
        now: OffsetDateTime,
        after: Option<Overdue>,
        limit: u16,
    ) -> Result<Vec<Overdue>, StoreError> {
        let tables = self.tables();
        let open = tables.orders.values().filter(|order| awaits_first_leg(order));
        let mut overdue: Vec<_> = open
            .map(|order| Overdue { expires_at: order.expires_at, id: order.id })
            .filter(|it| it.expires_at <= now && Some(*it) > after)
            .collect();
        overdue.sort();
        overdue.truncate(limit.into());
        Ok(overdue)
    }
}

#[async_trait]
impl OfferQueries for MemoryStore {
    async fn find_offer(&self, id: OfferId) -> Result<Option<Offer>, StoreError> {
        Ok(self.tables().offer(id).cloned())
    }

    async fn list_offers(
        &self,
        filter: OfferFilter,
        request: PageRequest,
    ) -> Result<Page<Offer>, StoreError> {
        let tables = self.tables();
        let place = |offer: &Offer| (offer.created_at, offer.id);
        let after = cursor(request).map(|id| tables.offers.get(&OfferId(id)).map(place));
        let Some(after) = after.map_or(Some(None), |known| known.map(Some)) else {
            return Ok(Page { rows: vec![], has_more: false });
        };
        let wanted = tables.offers.values().filter(|offer| wants_offer(&filter, offer));
        let mut rows: Vec<_> = wanted.map(|offer| (place(offer), offer)).collect();
        rows.sort_unstable_by(|(one, _), (other, _)| other.cmp(one));
        Ok(page(rows.into_iter(), after, request))
    }
}
