//! What the world must be asked to do: complete when decided, so that whoever carries it out
//! recomputes nothing.

use serde::{Deserialize, Serialize};

use super::event::RefundOf;
use super::{DepositId, Order};
use crate::address::Network;
use crate::ids::{CollectionId, OrderId};
use crate::money::{Crypto, Fiat};
use crate::offer::Asset;
use crate::party::Msisdn;

/// What an operator is called to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewKind {
    WrongAmount,
    WrongPhone,
    Contradiction,
    DeepReorg,
    PayoutBlocked,
    RefundFailed,
    Held,
    /// Facts that came in while the order was on hold.
    FactOnHold,
}

/// An act outside the database, asked for through the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    RequestCollection {
        collection: CollectionId,
        phone: Msisdn,
        amount: Fiat,
    },
    Deliver {
        network: Network,
        asset: Asset,
        to: String,
        amount: Crypto,
    },
    PayOut {
        phone: Msisdn,
        amount: Fiat,
    },
    RefundFiat {
        refund: RefundOf,
        phone: Msisdn,
        amount: Fiat,
        receipt: String,
    },
    RefundCrypto {
        refund: RefundOf,
        network: Network,
        asset: Asset,
        to: String,
        amount: Crypto,
    },
    /// Gathers what lies at the order's escrow address in the hot wallet.
    Sweep {
        network: Network,
        asset: Asset,
        index: u32,
        from: String,
        amount: Crypto,
        round: u32,
    },
    /// Gives the escrow address what its sweep will cost, in sun or wei.
    FundGas {
        network: Network,
        to: String,
        units: u64,
        round: String,
    },
    /// Sends native coin from the escrow address back to the order's own wallet, in sun or wei: an
    /// operator has said so.
    ReturnNative {
        arrival: DepositId,
        index: u32,
        from: String,
        to: String,
        units: u64,
    },
    OpenReview {
        kind: ReviewKind,
        cause: String,
    },
}

impl ReviewKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WrongAmount => "wrong_amount",
            Self::WrongPhone => "wrong_phone",
            Self::Contradiction => "contradiction",
            Self::DeepReorg => "deep_reorg",
            Self::PayoutBlocked => "payout_blocked",
            Self::RefundFailed => "refund_failed",
            Self::Held => "held",
            Self::FactOnHold => "fact_on_hold",
        }
    }
}

impl Effect {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::RequestCollection { .. } => "request_collection",
            Self::Deliver { .. } => "deliver",
            Self::PayOut { .. } => "pay_out",
            Self::RefundFiat { .. } => "refund_fiat",
            Self::RefundCrypto { .. } => "refund_crypto",
            Self::Sweep { .. } => "sweep",
            Self::FundGas { .. } => "fund_gas",
            Self::ReturnNative { .. } => "return_native",
            Self::OpenReview { .. } => "open_review",
        }
    }

    /// The network that it moves coin on.
    pub fn network(&self) -> Option<Network> {
        match self {
            Self::Deliver { network, .. }
            | Self::RefundCrypto { network, .. }
            | Self::Sweep { network, .. }
            | Self::FundGas { network, .. } => Some(*network),
            Self::ReturnNative { arrival, .. } => Some(arrival.network),
            Self::RequestCollection { .. }
            | Self::PayOut { .. }
            | Self::RefundFiat { .. }
            | Self::OpenReview { .. } => None,
        }
    }

    /// The same for the same act of the same order, for ever: one delivery, one payout, one refund
    /// of each thing. The outbox keeps it unique.
    pub fn idempotency_key(&self, order: OrderId) -> String {
        let kind = self.kind();
        match self {
            Self::Deliver { .. } | Self::PayOut { .. } => format!("{order}:{kind}"),
            Self::Sweep { asset, round, .. } => {
                format!("{order}:{kind}:{}:{round}", asset.as_str())
            }
            Self::FundGas { round, .. } => format!("{order}:{kind}:{round}"),
            Self::ReturnNative { arrival, .. } => format!("{order}:{kind}:{}", arrival.cause()),
            Self::RequestCollection { collection, .. } => format!("{order}:{kind}:{collection}"),
            Self::OpenReview { cause, .. } => format!("{order}:{kind}:{cause}"),
            Self::RefundFiat { refund, .. } | Self::RefundCrypto { refund, .. } => match refund {
                RefundOf::Order => format!("{order}:refund"),
                RefundOf::Extra(cause) => format!("{order}:refund:{cause}"),
            },
        }
    }

    /// Sends coin back to the order's own wallet, never to where a transfer came from.
    pub(super) fn return_coin(order: &Order, refund: RefundOf, amount: Crypto) -> Self {
        Self::RefundCrypto {
            refund,
            network: order.wallet.network(),
            asset: order.asset,
            to: order.wallet.as_str().to_owned(),
            amount,
        }
    }

    /// Sends back something that came on top of the order.
    pub(super) fn is_extra_refund(&self) -> bool {
        matches!(
            self,
            Self::RefundFiat { refund: RefundOf::Extra(_), .. }
                | Self::RefundCrypto { refund: RefundOf::Extra(_), .. }
        )
    }

    /// A review is for one event of the order's history: the same thing happening again calls an
    /// operator again. Every other act stays the same act.
    pub(super) fn called_for_by(self, version: i32) -> Self {
        match self {
            Self::OpenReview { kind, cause } => {
                Self::OpenReview { kind, cause: format!("{cause}@{version}") }
            }
            act @ (Self::RequestCollection { .. }
            | Self::Deliver { .. }
            | Self::PayOut { .. }
            | Self::RefundFiat { .. }
            | Self::RefundCrypto { .. }
            | Self::Sweep { .. }
            | Self::FundGas { .. }
            | Self::ReturnNative { .. }) => act,
        }
    }
}
