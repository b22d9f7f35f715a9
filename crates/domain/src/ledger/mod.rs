//! The double-entry ledger: accounts, postings, and the one rule that writes them.
//!
//! An order's balances are a *function of the order* ([`position`]). What an event posts is the
//! difference between the positions after and before it, so that no path can post twice, forget to
//! post, or post what does not sum to zero: nothing posts, the state does (ADR 12).

mod position;

pub use position::position;

use std::collections::BTreeMap;

use time::OffsetDateTime;

use crate::address::Network;
use crate::ids::{OrderId, PartyId};
use crate::offer::Asset;
use crate::order::Order;

/// Where money is, or whose it is. Debits are positive: what we hold is positive, what we owe is
/// negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// Shillings that customers paid to our short code.
    MpesaCollection,
    /// The float that payouts come from.
    MpesaUtility,
    /// Coin at the escrow addresses of a network.
    TronEscrow,
    EthereumEscrow,
    /// The network's working stock of coin, that deliveries and refunds come from.
    TronHot,
    EthereumHot,
    /// What fees are paid from: the chain's own coin. Only what was spent of it is posted.
    Gas,
    /// What a customer has paid or delivered and not received the other side of.
    CustomerPayable,
    /// What a vendor is owed (negative) or has had paid for them (positive).
    VendorPayable,
    /// What belongs to nobody yet: to be returned, or an operator's to decide.
    Parked,
    /// What rounding to whole shillings, or to what a chain can move, leaves; and what a deposit within
    /// the tolerance is short.
    Residue,
    /// What the rail charges.
    Fees,
    /// The operator's own money: the float as it was first seen, and what tops it up.
    Capital,
}

impl Account {
    pub const ALL: [Self; 13] = [
        Self::MpesaCollection,
        Self::MpesaUtility,
        Self::TronEscrow,
        Self::EthereumEscrow,
        Self::TronHot,
        Self::EthereumHot,
        Self::Gas,
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
            Self::TronEscrow => "tron_escrow",
            Self::EthereumEscrow => "ethereum_escrow",
            Self::TronHot => "tron_hot",
            Self::EthereumHot => "ethereum_hot",
            Self::Gas => "gas",
            Self::CustomerPayable => "customer_payable",
            Self::VendorPayable => "vendor_payable",
            Self::Parked => "parked",
            Self::Residue => "residue",
            Self::Fees => "fees",
            Self::Capital => "capital",
        }
    }

    /// Where coin waits at the escrow addresses of a network.
    pub fn escrow(network: Network) -> Self {
        match network {
            Network::Tron => Self::TronEscrow,
            Network::Ethereum => Self::EthereumEscrow,
        }
    }

    /// The working stock of a network.
    pub fn hot(network: Network) -> Self {
        match network {
            Network::Tron => Self::TronHot,
            Network::Ethereum => Self::EthereumHot,
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|account| account.as_str() == text)
    }
}

/// What an account is kept in: shillings in cents, coins in 10⁻⁸, what fees are paid in as the chain
/// counts it (sun, wei).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LedgerAsset {
    Kes,
    Usdt,
    Usdc,
    Trx,
    Eth,
}

impl LedgerAsset {
    pub const ALL: [Self; 5] = [Self::Kes, Self::Usdt, Self::Usdc, Self::Trx, Self::Eth];

    /// What fees are paid in on a network.
    pub fn native(network: Network) -> Self {
        match network {
            Network::Tron => Self::Trx,
            Network::Ethereum => Self::Eth,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kes => "KES",
            Self::Usdt => "USDT",
            Self::Usdc => "USDC",
            Self::Trx => "TRX",
            Self::Eth => "ETH",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|asset| asset.as_str() == text)
    }
}

impl From<Asset> for LedgerAsset {
    fn from(asset: Asset) -> Self {
        match asset {
            Asset::Usdt => Self::Usdt,
            Asset::Usdc => Self::Usdc,
        }
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
