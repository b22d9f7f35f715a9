//! An order's balances: what its evidence and its state say about where its money is.

mod books;
mod coin;
mod shillings;

use super::Balances;
use crate::order::Order;

/// The order's balances. They sum to zero in each asset, whatever the order.
pub fn position(order: &Order) -> Balances {
    let mut balances = shillings::shillings(order).balances();
    balances.extend(coin::coin(order).balances());
    balances
}
