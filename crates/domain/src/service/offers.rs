//! Publishing and amending offers.

use super::{Answer, Engine, Render, Request, ServiceError};
use crate::access::Caller;
use crate::ids::{OfferId, PartyId};
use crate::money::Crypto;
use crate::offer::{Asset, Offer, OfferChange, OfferStatus, OfferType};
use crate::party::Role;
use crate::ports::{ClaimOutcome, UnitOfWork};
use crate::rate::Rate;

/// An offer as its vendor asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishOffer {
    pub vendor_id: PartyId,
    pub offer_type: OfferType,
    pub asset: Asset,
    pub crypto_amount: Crypto,
    /// `None` means the whole.
    pub available: Option<Crypto>,
    pub rate: Rate,
    pub min_order: Crypto,
    pub max_order: Crypto,
    pub description: Option<String>,
}

/// What a request's idempotency key says about the work.
pub(super) enum Claimed {
    /// To be done in this unit of work.
    Fresh(Box<dyn UnitOfWork>),
    /// Done before.
    Replayed(Answer),
}

impl Engine {
    /// Publishes an offer, active at once.
    ///
    /// # Errors
    /// `Forbidden` for somebody else's, `VendorUnknown`, `Offer` when its terms do not fit each
    /// other, `KeyReused`, or the store's own.
    pub async fn publish_offer(
        &self,
        request: &Request,
        command: PublishOffer,
        render: Render<'_, Offer>,
    ) -> Result<Answer, ServiceError> {
        if !request.caller.may_publish_for(command.vendor_id) {
            return Err(ServiceError::Forbidden(
                "only a vendor publishes offers, and only their own",
            ));
        }
        let offer = self.new_offer(command).checked()?;
        let mut uow = match self.begin_claimed(request).await? {
            Claimed::Fresh(uow) => uow,
            Claimed::Replayed(answer) => return Ok(answer),
        };
        let vendor = uow.find_party(offer.vendor_id).await?;
        if vendor.is_none_or(|vendor| vendor.role != Role::Vendor) {
            uow.rollback().await?;
            return Err(ServiceError::VendorUnknown);
        }
        uow.insert_offer(&offer).await?;
        let answer = self.answer(&mut *uow, request, render(&offer)).await?;
        uow.commit().await?;
        Ok(answer)
    }

    /// Changes an offer's terms; orders keep the rate they were made at.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden` for somebody else's, `Offer` when the terms would not fit.
    pub async fn amend_offer(
        &self,
        caller: Caller,
        id: OfferId,
        change: OfferChange,
    ) -> Result<Offer, ServiceError> {
        let mut uow = self.store.begin().await?;
        let Some(offer) = uow.lock_offer(id).await? else {
            uow.rollback().await?;
            return Err(ServiceError::NotFound);
        };
        if !caller.may_publish_for(offer.vendor_id) {
            uow.rollback().await?;
            return Err(ServiceError::Forbidden(
                "only a vendor changes offers, and only their own",
            ));
        }
        match offer.amended(change, self.clock.now()) {
            Ok(amended) => {
                uow.save_offer(&amended).await?;
                uow.commit().await?;
                Ok(amended)
            }
            Err(error) => {
                uow.rollback().await?;
                Err(error.into())
            }
        }
    }

    fn new_offer(&self, command: PublishOffer) -> Offer {
        let now = self.clock.now();
        Offer {
            id: OfferId(self.new_id(now)),
            vendor_id: command.vendor_id,
            offer_type: command.offer_type,
            asset: command.asset,
            crypto_amount: command.crypto_amount,
            available: command.available.unwrap_or(command.crypto_amount),
            held: Crypto::ZERO,
            rate: command.rate,
            min_order: command.min_order,
            max_order: command.max_order,
            description: command.description,
            status: OfferStatus::Active,
            terms_version: 1,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        }
    }

    /// Begins a unit of work that has claimed the request's key, if it has one. A key that was used
    /// before ends it: anybody can send one, and a drop costs a connection.
    pub(super) async fn begin_claimed(&self, request: &Request) -> Result<Claimed, ServiceError> {
        let mut uow = self.store.begin().await?;
        let Some(claim) = &request.claim else {
            return Ok(Claimed::Fresh(uow));
        };
        let used = match uow.claim_key(claim).await? {
            ClaimOutcome::Fresh => return Ok(Claimed::Fresh(uow)),
            ClaimOutcome::Replay(stored) => Ok(Claimed::Replayed(Answer::replayed(stored))),
            ClaimOutcome::Reused => Err(ServiceError::KeyReused),
        };
        uow.rollback().await?;
        used
    }

    /// Stores the answer under the request's key, if it has one.
    pub(super) async fn answer(
        &self,
        uow: &mut dyn UnitOfWork,
        request: &Request,
        stored: crate::placement::StoredAnswer,
    ) -> Result<Answer, ServiceError> {
        if let Some(claim) = &request.claim {
            uow.store_answer(claim, &stored, self.clock.now()).await?;
        }
        Ok(Answer::fresh(stored))
    }
}
