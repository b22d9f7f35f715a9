//! The addresses that are watched: rows like those of orders to sell, of any number.

use crate::db::Db;
use crate::world::Block;
use anyhow::Result;
use std::fmt::Write as _;
use std::ops::Range;
use twins::tron::Address;

/// Those of them that coin is sent to; all sizes have them.
const HIT: u64 = 10;

/// Its addresses look like any: the bytes of their number, well mixed.
fn address(n: u64) -> Address {
    let mut account = [0; 20];
    for (part, bytes) in (1_u64..).zip(account.chunks_mut(8)) {
        let mixed = n.wrapping_add(part).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bytes.copy_from_slice(&mixed.to_be_bytes()[..bytes.len()]);
    }
    Address::new(account)
}

/// Whom a block's deposit is for.
pub(super) fn hit(block: u64) -> Address {
    address(block % HIT)
}

/// Adds addresses of these numbers, each of an order that is there.
pub(super) fn add(db: &Db, numbers: Range<i64>, orders: &Block) -> Result<()> {
    let mut lines = String::new();
    for n in numbers {
        let (address, order) = (address(u64::try_from(n)?), orders.order_id(n));
        writeln!(lines, "tron\t{n}\t{address}\t{order}\t2026-01-01T00:00:00Z")?;
    }
    db.copy("escrow_addresses (network, escrow_index, address, order_id, created_at)", lines)?;
    db.run("VACUUM (ANALYZE) escrow_addresses")
}
