//! Views of orders. Lists are ordered by id, which is the order of creation (see
//! [`domain::ids::time_ordered`]), so that one index serves the order and the cursor alike.

use async_trait::async_trait;
use bigdecimal::BigDecimal;
use diesel::dsl::{not, sql};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::access::Visibility;
use domain::ids::{OrderId, lower_bound};
use domain::offer::OfferType;
use domain::order::{HistoryEntry, Order, OrderStatus, OrderType};
use domain::ports::{
    OrderDetails, OrderFilter, OrderQueries, Overdue, Page, PageRequest, Start, StoreError,
};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::PgStore;
use crate::error::{corrupt, from_diesel};
use crate::prepared::Prepared;
use crate::rows::{ContactRow, EventRow, OrderRow, contact, rate_from};
use crate::schema::{offers, order_events, orders, parties};

diesel::alias!(parties as customers: Customers, parties as vendors: Vendors);

/// The predicates of partial indexes, in their very words: the planner sees no index that a bind
/// might lead away from.
const IS_PENDING: &str = "orders.status = 'pending'";
const AWAITS_FIRST_LEG: &str =
    "orders.state IN ('awaiting_payment', 'awaiting_deposit') AND orders.collection_id IS NULL";
/// One of the order's attempts told this reference to the payer; the bind and `)` follow.
const OF_ATTEMPT: &str = "orders.id IN (SELECT collections.order_id FROM collections
    WHERE collections.account_reference = ";

type Orders<'a> = orders::BoxedQuery<'a, Pg>;

/// Which side of an order the viewer is on, as far as one index can tell.
#[derive(Debug, Clone, Copy)]
enum Side {
    Any,
    Customer(Uuid),
    Vendor(Uuid),
    Either(Uuid),
}

fn filtered(side: Side, filter: &OrderFilter) -> Orders<'_> {
    let mut query = orders::table.into_boxed();
    query = match side {
        Side::Any => query,
        Side::Customer(id) => query.filter(orders::customer_id.eq(id)),
        Side::Vendor(id) => query.filter(orders::vendor_id.eq(id)),
        Side::Either(id) => query.filter(orders::customer_id.eq(id).or(orders::vendor_id.eq(id))),
    };
    if let Some(order_type) = filter.order_type {
        query = query.filter(orders::order_type.eq(order_type.as_str()));
    }
    if let Some(subtype) = filter.order_subtype {
        let types = subtype.types().map(OrderType::as_str);
        query = query.filter(orders::order_type.eq_any(types));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(orders::updated_at.ge(since));
    }
    query = match filter.statuses.as_slice() {
        [] => query,
        [OrderStatus::Pending] => query.filter(sql::<Bool>(IS_PENDING)),
        statuses => query.filter(orders::status.eq_any(statuses.iter().map(|s| s.as_str()))),
    };
    if let Some(id) = filter.customer_id {
        query = query.filter(orders::customer_id.eq(id.0));
    }
    if let Some(id) = filter.vendor_id {
        query = query.filter(orders::vendor_id.eq(id.0));
    }
    if let Some(from) = filter.created_from {
        query = query.filter(orders::id.ge(lower_bound(from)));
    }
    if let Some(to) = filter.created_to {
        query = query.filter(orders::id.lt(lower_bound(to)));
    }
    if let Some(at) = filter.unexpired_at {
        query = query.filter(not(orders::expires_at.le(at)));
    }
    if let Some(reference) = &filter.account_reference {
        let of_attempt = sql::<Bool>(OF_ATTEMPT).bind::<Text, _>(reference).sql(")");
        query = query.filter(of_attempt);
    }
    query
}

/// One row more than the page, to know whether something follows.
fn paged(query: Orders<'_>, page: PageRequest) -> Orders<'_> {
    let query = query.order(orders::id.desc()).limit(i64::from(page.size) + 1);
    match page.start {
        Start::Offset(0) => query,
        Start::Offset(rows) => query.offset(rows),
        Start::After(id) => query.filter(orders::id.lt(id)),
    }
}

async fn load(
    connection: &mut AsyncPgConnection,
    side: Side,
    filter: &OrderFilter,
    page: PageRequest,
) -> Result<Vec<Order>, StoreError> {
    let query = paged(filtered(side, filter), page).select(OrderRow::as_select());
    let rows: Vec<OrderRow> = Prepared(query).load(connection).await.map_err(from_diesel)?;
    rows.into_iter().map(Order::try_from).collect()
}

/// Orders of a party on either side: two index walks merged, because no index serves an OR in
/// order. Only an offset still needs the OR.
async fn load_either(
    connection: &mut AsyncPgConnection,
    party: Uuid,
    filter: &OrderFilter,
    page: PageRequest,
) -> Result<Vec<Order>, StoreError> {
    if matches!(page.start, Start::Offset(1..)) {
        return load(connection, Side::Either(party), filter, page).await;
    }
    let mut rows = load(connection, Side::Vendor(party), filter, page).await?;
    rows.extend(load(connection, Side::Customer(party), filter, page).await?);
    rows.sort_unstable_by_key(|order| std::cmp::Reverse(order.id));
    Ok(rows)
}

#[async_trait]
impl OrderQueries for PgStore {
    async fn list_orders(
        &self,
        sees: Visibility,
        filter: &OrderFilter,
        page: PageRequest,
    ) -> Result<Page<Order>, StoreError> {
        let mut connection = self.connection().await?;
        let rows = match sees {
            Visibility::All => load(&mut connection, Side::Any, filter, page).await?,
            Visibility::AsCustomer(id) => {
                load(&mut connection, Side::Customer(id.0), filter, page).await?
            }
            Visibility::AsEitherParty(id) => {
                load_either(&mut connection, id.0, filter, page).await?
            }
        };
        Ok(Page::cut(rows, page.size))
    }

    async fn find_details(
        &self,
        sees: Visibility,
        id: OrderId,
    ) -> Result<Option<OrderDetails>, StoreError> {
        let mut connection = self.connection().await?;
        let contact_of_customer = customers.fields((parties::email, parties::phone));
        let contact_of_vendor = vendors.fields((parties::email, parties::phone));
        let row: Option<(OrderRow, ContactRow, ContactRow, String, BigDecimal)> = orders::table
            .find(id.0)
            .inner_join(customers.on(customers.field(parties::id).eq(orders::customer_id)))
            .inner_join(vendors.on(vendors.field(parties::id).eq(orders::vendor_id)))
            .inner_join(offers::table.on(offers::id.eq(orders::offer_id)))
            .select((
                OrderRow::as_select(),
                contact_of_customer,
                contact_of_vendor,
                offers::offer_type,
                offers::rate,
            ))
            .first(&mut connection)
            .await
            .optional()
            .map_err(from_diesel)?;
        let Some((order, customer, vendor, offer_type, offer_rate)) = row else {
            return Ok(None);
        };
        let order = Order::try_from(order)?;
        if !sees.covers(&order) {
            return Ok(None);
        }
        let wrong = |what| corrupt(what, order.offer_id);
        Ok(Some(OrderDetails {
            customer: contact(customer, order.customer_id)?,
            vendor: contact(vendor, order.vendor_id)?,
            offer_type: OfferType::parse(&offer_type).ok_or_else(|| wrong("offer_type"))?,
            offer_rate: rate_from(&offer_rate).ok_or_else(|| wrong("rate"))?,
            order,
        }))
    }

    async fn find_history(
        &self,
        sees: Visibility,
        id: OrderId,
    ) -> Result<Option<Vec<HistoryEntry>>, StoreError> {
        let mut connection = self.connection().await?;
        let order = orders::table.find(id.0).select((orders::customer_id, orders::vendor_id));
        let parties: Option<(Uuid, Uuid)> =
            order.first(&mut connection).await.optional().map_err(from_diesel)?;
        let is_visible = parties.is_some_and(|(customer, vendor)| match sees {
            Visibility::All => true,
            Visibility::AsCustomer(id) => customer == id.0,
            Visibility::AsEitherParty(id) => customer == id.0 || vendor == id.0,
        });
        if !is_visible {
            return Ok(None);
        }
        let rows: Vec<EventRow> = order_events::table
            .filter(order_events::order_id.eq(id.0))
            .order(order_events::seq)
            .select(EventRow::as_select())
            .load(&mut connection)
            .await
            .map_err(from_diesel)?;
        rows.into_iter().map(HistoryEntry::try_from).collect::<Result<_, _>>().map(Some)
    }

    async fn list_overdue(
        &self,
        now: OffsetDateTime,
        after: Option<Overdue>,
        limit: u16,
    ) -> Result<Vec<Overdue>, StoreError> {
        let mut query = orders::table
            .filter(orders::expires_at.le(now))
            .filter(sql::<Bool>(AWAITS_FIRST_LEG))
            .into_boxed();
        if let Some(Overdue { expires_at, id }) = after {
            let behind = orders::expires_at.gt(expires_at).or(orders::id.gt(id.0));
            // The first condition is where the index walk begins; the second leaves out its head.
            query = query.filter(orders::expires_at.ge(expires_at)).filter(behind);
        }
        let query = query.order((orders::expires_at, orders::id)).limit(limit.into());
        let rows: Vec<(OffsetDateTime, Uuid)> =
            Prepared(query.select((orders::expires_at, orders::id)))
                .load(&mut self.connection().await?)
                .await
                .map_err(from_diesel)?;
        let overdue = |(expires_at, id)| Overdue { expires_at, id: OrderId(id) };
        Ok(rows.into_iter().map(overdue).collect())
    }
}
