//! Placing orders: the terms in one read, the placement in one statement.

use async_trait::async_trait;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::address::{KeyAccount, OwnerAddresses};
use domain::ids::{OfferId, PartyId};
use domain::offer::Offer;
use domain::placement::{IdempotencyClaim, Placed, Placement, Terms};
use domain::ports::{ClaimOutcome, Placements, StoreError};

use crate::PgStore;
use crate::error::{from_diesel, violated};
use crate::idempotency::find_answer;
use crate::own_addresses::{escrow_of, own_of};
use crate::rows::{OfferRow, OrderProgress, rate_column};
use crate::schema::{offers, parties};
use crate::statement::{Bind, Statement};

const PLACE_ORDER: &str = include_str!("sql/place_order.sql");

#[async_trait]
impl Placements for PgStore {
    async fn terms(
        &self,
        offer: OfferId,
        customer: PartyId,
        wallet: &OwnerAddresses,
    ) -> Result<Terms, StoreError> {
        let mut connection = self.connection().await?;
        let ours = (exists(escrow_of(wallet)), exists(own_of(wallet)));
        let provisioned = exists(parties::table.filter(parties::id.eq(customer.0)));
        let found: Option<(OfferRow, bool, (bool, bool))> = offers::table
            .find(offer.0)
            .select((OfferRow::as_select(), provisioned, ours))
            .first(&mut connection)
            .await
            .optional()
            .map_err(from_diesel)?;
        let Some((row, customer_is_provisioned, (is_escrow, is_own))) = found else {
            let known = parties::table.filter(parties::id.eq(customer.0));
            let ours = (exists(escrow_of(wallet)), exists(own_of(wallet)));
            let known = diesel::select((exists(known), ours.0, ours.1));
            let known = known.get_result(&mut connection).await;
            let (customer_is_provisioned, is_escrow, is_own) = known.map_err(from_diesel)?;
            let wallet_is_ours: bool = is_escrow || is_own;
            return Ok(Terms { offer: None, customer_is_provisioned, wallet_is_ours });
        };
        let offer = Offer::try_from(row)?;
        let offer = offer.deleted_at.is_none().then_some(offer);
        let wallet_is_ours = is_escrow || is_own;
        Ok(Terms { offer, customer_is_provisioned, wallet_is_ours })
    }

    async fn next_escrow_index(&self, account: &KeyAccount) -> Result<u32, StoreError> {
        if let Some(index) = self.children.at_hand(account) {
            return Ok(index);
        }
        let mut connection = self.connection().await?;
        self.children.take(account, &mut connection).await
    }

    async fn place(&self, placement: &Placement) -> Result<Placed, StoreError> {
        let progress = OrderProgress::try_from(&placement.order)?;
        let statement = Statement { text: PLACE_ORDER, binds: binds(placement, &progress) };
        // Rows are counted when the server has committed; the first row itself comes before that.
        let placed = statement.execute(&mut self.connection().await?).await;
        match placed {
            Ok(1) => {
                crate::changes::tell("nothing", &placement.entry);
                Ok(Placed::Done)
            }
            Ok(_) => Ok(Placed::Stale),
            Err(error) => match violated(&error) {
                Some("idempotency_keys_pkey") => Ok(Placed::KeyTaken),
                Some("idempotency_keys_order_is_placed") => Ok(Placed::Stale),
                _ => Err(from_diesel(error)),
            },
        }
    }

    async fn find_answer(
        &self,
        claim: &IdempotencyClaim,
    ) -> Result<Option<ClaimOutcome>, StoreError> {
        let mut connection = self.connection().await?;
        find_answer(&mut connection, claim).await
    }
}

/// The statement's `$1…$31`, in their order.
fn binds<'a>(placement: &'a Placement, progress: &OrderProgress) -> Vec<Bind<'a>> {
    let Placement { order, entry, terms_version, claim } = placement;
    let escrow = order.escrow.as_ref();
    let index = escrow.and_then(|escrow| i32::try_from(escrow.index).ok());
    let text = |text: &'a str| Bind::Text(Some(text));
    let key = claim.as_ref().map(|(claim, _)| claim);
    let answer = claim.as_ref().map(|(_, answer)| answer);
    let status = answer.and_then(|answer| i16::try_from(answer.status).ok());
    vec![
        Bind::BigInt(order.crypto.minor()),
        Bind::Uuid(Some(order.offer_id.0)),
        Bind::Integer(Some(*terms_version)),
        Bind::Uuid(Some(order.id.0)),
        text(order.order_type.as_str()),
        Bind::Uuid(Some(order.customer_id.0)),
        Bind::Uuid(Some(order.vendor_id.0)),
        text(order.asset.as_str()),
        Bind::BigInt(order.fiat.minor()),
        Bind::Numeric(rate_column(order.rate)),
        text(order.wallet.network().as_str()),
        text(order.wallet.as_str()),
        Bind::Text(order.payout_phone.as_ref().map(domain::party::Msisdn::as_str)),
        Bind::Text(escrow.map(|escrow| escrow.address.as_str())),
        Bind::Integer(index),
        Bind::Uuid(escrow.map(|escrow| escrow.reference)),
        text(progress.state),
        text(progress.status),
        Bind::Time(order.created_at),
        Bind::Time(order.expires_at),
        Bind::Bytes(Some(&order.head)),
        text(entry.actor.as_str()),
        Bind::Uuid(entry.actor.party().map(|id| id.0)),
        text(&entry.kind),
        text(&entry.payload),
        Bind::Bytes(Some(&entry.prev_hash)),
        Bind::Uuid(key.map(|key| key.principal.0)),
        Bind::Text(key.map(|key| key.key.as_str())),
        Bind::Bytes(key.map(|key| key.fingerprint.as_slice())),
        Bind::SmallInt(status),
        Bind::Text(answer.map(|answer| answer.body.as_str())),
    ]
}
