//! The double-entry ledger: accounts, postings, and the one rule that writes them.
//!
//! An order's balances are a *function of the order* ([`position`]). What an event posts is the
//! difference between the positions after and before it, so that no path can post twice, forget to
//! post, or post what does not sum to zero: nothing posts, the state does (ADR 12).

mod position;

pub use position::position;

use std::collections::BTreeMap;

use time::OffsetDateTime;

use crate::ids::{OrderId, PartyId};
use crate::order::Order;

/// Where money is, or whose it is. Debits are positive: what we hold is positive, what we owe is
/// negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// Shillings that customers paid to our short code.
    MpesaCollection,
    /// The float that payouts come from.
    MpesaUtility,
    /// What a customer has paid or delivered and not received the other side of.
    CustomerPayable,
    /// What a vendor is owed (negative) or has had paid for them (positive).
    VendorPayable,
    /// What belongs to nobody yet: to be returned, or an operator's to decide.
    Parked,
    /// What rounding to whole shillings leaves.
    Residue,
    /// What the rail charges.
    Fees,
    /// The operator's own money: the float as it was first seen, and what tops it up.
    Capital,
}

impl Account {
    pub const ALL: [Self; 8] = [
        Self::MpesaCollection,
        Self::MpesaUtility,
        Self::CustomerPayable,
        Self::VendorPayable,
        Self::Parked,
        Self::Residue,
        Self::Fees,
        Self::Capital,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::MpesaCollection => "mpesa_collection",
            Self::MpesaUtility => "mpesa_utility",
            Self::CustomerPayable => "customer_payable",
            Self::VendorPayable => "vendor_payable",
            Self::Parked => "parked",
            Self::Residue => "residue",
            Self::Fees => "fees",
            Self::Capital => "capital",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|account| account.as_str() == text)
    }
}

/// What an account is kept in: shillings in cents, coins in 10⁻⁸.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LedgerAsset {
    Kes,
    Usdt,
    Usdc,
}

impl LedgerAsset {
    pub const ALL: [Self; 3] = [Self::Kes, Self::Usdt, Self::Usdc];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kes => "KES",
            Self::Usdt => "USDT",
            Self::Usdc => "USDC",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|asset| asset.as_str() == text)
    }
}

/// An account of somebody, in one asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountKey {
    pub account: Account,
    pub asset: LedgerAsset,
    pub party: Option<PartyId>,
}

/// Balances in minor units; zero is left out.
pub type Balances = BTreeMap<AccountKey, i64>;

/// What happened to money, as postings that sum to zero per asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub order_id: Option<OrderId>,
    /// What it is posted for; a cause posts once.
    pub cause: String,
    pub postings: Balances,
    pub at: OffsetDateTime,
}

/// The entry that an event owes the ledger, if it moved money.
pub fn entry(before: &Order, after: &Order) -> Option<Entry> {
    let postings = difference(&position(before), &position(after));
    (!postings.is_empty()).then(|| Entry {
        order_id: Some(after.id),
        cause: format!("{}:{}", after.id, after.version),
        postings,
        at: after.updated_at,
    })
}

fn difference(before: &Balances, after: &Balances) -> Balances {
    let mut change = after.clone();
    for (key, amount) in before {
        let slot = change.entry(*key).or_default();
        *slot = slot.saturating_sub(*amount);
    }
    change.retain(|_, amount| *amount != 0);
    change
}
