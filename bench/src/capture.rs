//! One request of each kind, to learn what the service sends for it. A service of its own with one
//! thread and resting workers answers it, so that the log holds that request's statements alone.

use crate::rows::{Aim, CAPTURED_CUSTOMER, CAPTURED_OFFER, Row, Tokens, create_body};
use crate::service::Service;
use crate::statements::{Ear, Sent, prepared_anew};
use crate::world::{CUSTOMER_PREFIX, OFFER_PREFIX, VENDOR_PREFIX, VENDORS, numbered};
use anyhow::{Context, Result};
use serde_json::Value;

/// What one request made the service send.
#[derive(Debug)]
pub(crate) struct Captured {
    /// The order that it was about, or whose cursor it sent.
    pub(crate) order: String,
    pub(crate) sent: Vec<Sent>,
    /// The statements that the service prepares for every request, where once would do.
    pub(crate) prepared_anew: Vec<String>,
}

impl Captured {
    /// The later of two requests of one kind.
    fn after(self, earlier: &Self) -> Self {
        Self { prepared_anew: prepared_anew(&earlier.sent, &self.sent), ..self }
    }
}

/// Orders that capturing has placed, and cancelled: every request is made twice, because the first
/// one on a connection may ask the server more than the later ones.
pub(crate) const PLACED: i64 = 4;
pub(crate) const CANCELLED: i64 = 2;

/// Captures for every row of [`Row::ALL`], in that order.
pub(crate) fn capture(
    service: &Service,
    ear: &Ear<'_>,
    aim: &Aim,
    tokens: &Tokens,
) -> Result<Vec<Captured>> {
    let clerk = Clerk { service, ear, tokens };
    let old = aim.past.order_id(aim.at_depth(aim.depth()));
    let cursor = format!("c1{}", old.simple());
    let middle = aim.past.count / 2;
    let details = aim.past.order_id(middle).to_string();
    let vendor = usize::try_from(middle % VENDORS)?;
    let list = "/api/v1/auth/orders";
    let reads = [
        (format!("{list}?page_id=1&page_size=20"), String::new()),
        (format!("{list}?page_size=20&cursor={cursor}"), old.to_string()),
        (format!("{list}/pending?page_id=1&page_size=20"), String::new()),
    ];
    let mut captured = Vec::new();
    for (path, order) in reads {
        captured.push(clerk.read(&path, &tokens.admin, order)?);
    }
    let path = format!("/api/v1/auth/order/id/{details}/details");
    captured.push(clerk.read(&path, &tokens.vendors[vendor], details)?);
    let places = [clerk.place()?, clerk.place()?, clerk.place()?, clerk.place()?];
    let cancels = [clerk.cancel(&places[0].order)?, clerk.cancel(&places[1].order)?];
    let [_, first, second, third] = places;
    let third = third.after(&second);
    captured.push(second.after(&first));
    captured.push(third);
    let [first, second] = cancels;
    captured.push(second.after(&first));
    debug_assert_eq!(captured.len(), Row::ALL.len());
    Ok(captured)
}

fn captured(order: String, sent: Vec<Sent>) -> Captured {
    Captured { order, sent, prepared_anew: Vec::new() }
}

struct Clerk<'a> {
    service: &'a Service,
    ear: &'a Ear<'a>,
    tokens: &'a Tokens,
}

impl Clerk<'_> {
    fn read(&self, path: &str, token: &str, order: String) -> Result<Captured> {
        let head = format!("GET {path}");
        let act = || self.service.must(&head, token, "").map(drop);
        let first = captured(order.clone(), self.ear.during(act)?);
        Ok(captured(order, self.ear.during(act)?).after(&first))
    }

    fn customer(&self) -> Result<&str> {
        Ok(&self.tokens.customers[usize::try_from(CAPTURED_CUSTOMER)?])
    }

    fn place(&self) -> Result<Captured> {
        let body = create_body(
            &numbered(CUSTOMER_PREFIX, CAPTURED_CUSTOMER),
            &numbered(VENDOR_PREFIX, CAPTURED_OFFER % VENDORS),
            &numbered(OFFER_PREFIX, CAPTURED_OFFER),
        );
        let mut answer = String::new();
        let sent = self.ear.during(|| {
            answer = self.service.must("POST /api/v1/auth/orders", self.customer()?, &body)?;
            Ok(())
        })?;
        let order: Value = serde_json::from_str(&answer)?;
        let order = order["id"].as_str().context("an order without id")?;
        Ok(captured(order.to_owned(), sent))
    }

    fn cancel(&self, order: &str) -> Result<Captured> {
        let head = format!("PUT /api/v1/auth/order/id/{order}/cancel");
        let sent = self.ear.during(|| self.service.must(&head, self.customer()?, "").map(drop))?;
        Ok(captured(order.to_owned(), sent))
    }
}
