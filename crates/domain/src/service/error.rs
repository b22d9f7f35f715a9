//! Why a service did not do as asked. What this means for HTTP is the API's business.

use crate::offer::OfferError;
use crate::order::Refused;
use crate::placement::Breach;
use crate::ports::{SignerError, SourceError, StoreError};
use crate::rail::NotDone;

/// The outcome of a service when it is not the one asked for.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// There is no such thing, or it is not the caller's: which of the two is not told.
    #[error("not found")]
    NotFound,
    #[error("{0}")]
    Forbidden(&'static str),
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Every broken policy of a new order.
    #[error("the order breaks {} rules", .0.len())]
    Breaches(Vec<Breach>),
    #[error(transparent)]
    Offer(#[from] OfferError),
    #[error("the vendor is not provisioned as a vendor")]
    VendorUnknown,
    #[error("a party with this id exists")]
    PartyExists,
    #[error("a party with this e-mail address exists")]
    EmailTaken,
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The phone was asked a moment ago.
    #[error("the phone was asked a moment ago: try again in {0} s")]
    PhoneAskedRecently(i64),
    /// The rail definitely did not take a prompt.
    #[error("M-Pesa did not take the request")]
    PromptNotSent(NotDone),
    /// A chain could not be asked. Nothing may be concluded from it.
    #[error(transparent)]
    Chain(#[from] SourceError),
    #[error(transparent)]
    Signer(#[from] SignerError),
    #[error(transparent)]
    Store(#[from] StoreError),
}
