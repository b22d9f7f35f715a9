//! Read-only views: pages of orders and offers, one order with its parties, its history.
//! Every view that shows orders takes a [`Visibility`], so that none can forget whose they are.

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;
use crate::access::Visibility;
use crate::ids::{OfferId, OrderId, PartyId};
use crate::offer::{Offer, OfferStatus, OfferType};
use crate::order::{HistoryEntry, Order, OrderStatus, OrderSubtype, OrderType};
use crate::party::Contact;
use crate::rate::Rate;

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Skips this many rows; costs as many reads.
    Offset(i64),
    /// Right after the thing with this id; costs the same at any depth.
    After(Uuid),
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    pub start: Start,
    /// 1 to 100.
    pub size: u8,
}

/// Part of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// Whether something follows.
    pub has_more: bool,
}

impl<T> Page<T> {
    /// Cuts a page out of up to `size + 1` rows: the one too many tells that something follows.
    pub fn cut(mut rows: Vec<T>, size: u8) -> Self {
        let has_more = rows.len() > usize::from(size);
        rows.truncate(size.into());
        Self { rows, has_more }
    }
}

/// Which orders are wanted; `None` leaves an aspect open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderFilter {
    pub order_type: Option<OrderType>,
    pub order_subtype: Option<OrderSubtype>,
    /// Any of these; empty means all.
    pub statuses: Vec<OrderStatus>,
    pub customer_id: Option<PartyId>,
    pub vendor_id: Option<PartyId>,
    /// Created at or after.
    pub created_from: Option<OffsetDateTime>,
    /// Created before.
    pub created_to: Option<OffsetDateTime>,
    /// Changed at or after.
    pub updated_since: Option<OffsetDateTime>,
    /// Not expired at this time.
    pub unexpired_at: Option<OffsetDateTime>,
    /// One of its collection attempts has this reference.
    pub account_reference: Option<String>,
}

/// Which offers are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OfferFilter {
    pub offer_type: Option<OfferType>,
    pub status: Option<OfferStatus>,
    pub vendor_id: Option<PartyId>,
}

/// An order beside its parties' contacts and its offer's side and rate as they are now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderDetails {
    pub order: Order,
    pub customer: Contact,
    pub vendor: Contact,
    pub offer_type: OfferType,
    pub offer_rate: Rate,
}

/// An order that the deadline concerns, and its place among all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Overdue {
    pub expires_at: OffsetDateTime,
    pub id: OrderId,
}

/// Views of orders.
#[async_trait]
pub trait OrderQueries: Send + Sync {
    async fn list_orders(
        &self,
        sees: Visibility,
        filter: &OrderFilter,
        page: PageRequest,
    ) -> Result<Page<Order>, StoreError>;

    async fn find_details(
        &self,
        sees: Visibility,
        id: OrderId,
    ) -> Result<Option<OrderDetails>, StoreError>;

    /// The order's history, oldest first; `None` when there is no such order to see.
    async fn find_history(
        &self,
        sees: Visibility,
        id: OrderId,
    ) -> Result<Option<Vec<HistoryEntry>>, StoreError>;

    /// Up to `limit` orders that the deadline concerns, oldest deadline first, right after `after`.
    /// Reads no more of a row than that: one that makes no sense otherwise hides no other.
    async fn list_overdue(
        &self,
        now: OffsetDateTime,
        after: Option<Overdue>,
        limit: u16,
    ) -> Result<Vec<Overdue>, StoreError>;
}

/// Views of offers; everyone reads them.
#[async_trait]
pub trait OfferQueries: Send + Sync {
    async fn find_offer(&self, id: OfferId) -> Result<Option<Offer>, StoreError>;

    async fn list_offers(
        &self,
        filter: OfferFilter,
        page: PageRequest,
    ) -> Result<Page<Offer>, StoreError>;
}
