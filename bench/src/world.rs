//! Who and what the benchmark's data is about. Every id is a function of a number, so that the load
//! generator's Lua, pgbench's scripts and the loader agree without sharing a list.

use domain::ids::time_ordered;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

pub(crate) const OFFERS: i64 = 1_000;
/// The number of the offer that everybody wants, beside the thousand others.
pub(crate) const HOT_OFFER: i64 = OFFERS;
pub(crate) const VENDORS: i64 = 200;
pub(crate) const CUSTOMERS: i64 = 10_000;
/// Orders are spread over this many customers: a prime, so that customers meet all offers.
pub(crate) const BUYERS: i64 = 9_973;
/// Customers who place and cancel under load; as many again do so through pgbench, so that the
/// books can tell whose orders are whose.
pub(crate) const CALLERS: i64 = 100;

pub(crate) const OFFER_PREFIX: &str = "00000000-0000-7000-9000-";
/// Of the offers that buy what customers sell.
pub(crate) const BUY_OFFER_PREFIX: &str = "00000000-0000-7000-9001-";
pub(crate) const VENDOR_PREFIX: &str = "00000000-0000-7000-a000-";
pub(crate) const CUSTOMER_PREFIX: &str = "00000000-0000-7000-b000-";
pub(crate) const ADMIN: &str = "00000000-0000-7000-8000-00000000ad01";

pub(crate) const WALLET: &str = "TPY7ewYk2eY9b4TTYkCHJH3Cqudh3NU6tM";
/// The amount of every order that the load places: 12 USDT at 146.00 shillings.
pub(crate) const COINS: i64 = 12;
pub(crate) const RATE: i64 = 146;

/// The text of the id with this `prefix` and number.
pub(crate) fn numbered(prefix: &str, number: i64) -> String {
    format!("{prefix}{number:012x}")
}

pub(crate) fn uuid(prefix: &str, number: i64) -> Uuid {
    numbered(prefix, number).parse().unwrap_or_default()
}

/// Orders created at even steps of whole milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block {
    pub(crate) start_ms: i64,
    pub(crate) step_ms: i64,
    pub(crate) count: i64,
}

impl Block {
    pub(crate) fn created_at(&self, n: i64) -> OffsetDateTime {
        let ms = self.start_ms + n * self.step_ms;
        OffsetDateTime::UNIX_EPOCH + Duration::milliseconds(ms)
    }

    /// The service's own layout, with nothing where it puts entropy.
    pub(crate) fn order_id(&self, n: i64) -> Uuid {
        time_ordered(self.created_at(n), 0)
    }

    pub(crate) fn end_ms(&self) -> i64 {
        self.start_ms + self.count * self.step_ms
    }
}

/// The SQL of the id of the order that was created in millisecond `:ms`.
pub(crate) const ORDER_ID_SQL: &str =
    "(lpad(to_hex(:ms::bigint), 12, '0') || '70008000000000000000')::uuid";

/// The SQL of the id with this `prefix` and the number in a variable.
pub(crate) fn numbered_sql(prefix: &str, variable: &str) -> String {
    format!("('{prefix}' || lpad(to_hex(:{variable}::int), 12, '0'))::uuid")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_id_is_its_millisecond_and_nothing_else() {
        let block = Block { start_ms: 0x0193_4b0e_5f00, step_ms: 7_776, count: 10 };
        let id = block.order_id(3).simple().to_string();
        let ms = format!("{:012x}", block.start_ms + 3 * 7_776);
        assert_eq!(id, format!("{ms}70008000000000000000"));
    }
}
