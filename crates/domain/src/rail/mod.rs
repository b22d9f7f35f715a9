//! What the domain knows of the M-Pesa rail: what an answer proves, what a callback claims, and the
//! two machines that turn both into facts of an order: the [`Collection`] (money in, one STK prompt)
//! and the [`Disbursement`] (money out, one payout or refund).
//!
//! Pure, like the order's table. Daraja's spelling is not here: codes and shapes are the adapter's.

mod circuit;
pub mod collection;
pub mod disbursement;
mod float;
mod holding;
mod notice;
mod review;
mod submission;
mod tempo;

pub use circuit::{CIRCUIT, Circuit, CircuitState, DIFFERENCE, InitiatorUse, UNANSWERED};
pub use collection::Collection;
pub use disbursement::Disbursement;
pub(crate) use float::CHARGE_CEILING;
pub use float::{FloatWatch, Shortage};
pub use holding::pays_out;
pub use notice::{
    BalanceNotice, BillNotice, CallbackToken, CollectionNotice, CollectionOutcome, Fate, Fault,
    Hook, Notice, OutcomeNotice, PayoutOutcome, StatusNotice, Subject,
};
pub use review::{OpenReview, RailReview, Review, ReviewItem};
pub use submission::{Doubt, NotDone, Submission, WhyNot};
pub use tempo::Tempo;

use crate::money::Fiat;
use crate::order::OrderEvent;

/// What a machine wants done because of what it learned, in the same unit of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consequence {
    /// Tell the order.
    Tell(OrderEvent),
    /// Call an operator.
    Review { kind: RailReview, detail: String },
    /// Stop all money going out: the rail refuses us, or we may be about to be locked out.
    OpenCircuit(String),
    /// The rail has shown that our credentials are good.
    CredentialsWork,
    /// The rail has refused a payout of so much because the float is too low.
    FloatShort(Fiat),
    /// The rail has refused a refund of so much because too little is there to take it from.
    RefundShort(Fiat),
}
