//! The policies of creation: each a named function that says yes or names the breach.
//! They judge what is known; the store makes sure that it is still true when the order is stored.

use time::OffsetDateTime;

use super::{PlaceOrder, Proposal, initial_state};
use crate::address::NetworkSet;
use crate::money::{Crypto, Fiat};
use crate::offer::{Offer, OfferStatus};
use crate::order::{OrderType, Ramp};
use crate::ports::whole_micros;
use crate::rate::Rate;
use crate::rounding::Rounding;

/// Judges one aspect of a proposal.
pub type Policy = fn(&Proposal<'_>) -> Result<(), Breach>;

/// All policies, in the order in which their breaches are told.
pub const POLICIES: &[Policy] = &[
    type_is_open_to_customers,
    status_is_initial,
    expiry_is_ahead_and_within_the_cap,
    payout_phone_fits_the_type,
    parties_are_two,
    customer_is_provisioned,
    offer_exists,
    offer_is_active,
    offer_belongs_to_the_vendor,
    offer_pairs_with_the_type,
    offer_has_the_asset,
    network_is_open,
    wallet_is_payable,
    asset_lives_on_the_network,
    amount_is_within_the_offer,
    amounts_agree_with_the_rate,
    shillings_are_within_the_rail,
    liquidity_is_enough,
];

/// A broken policy. [`Breach::code`] is stable; the text says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    #[error("{0} orders are not open yet; use ON_RAMP_BUY or OFF_RAMP_SELL")]
    UnsupportedOrderType(&'static str),
    #[error("must be \"{0}\" or left out: a new order of this type starts there")]
    StatusNotInitial(&'static str),
    #[error("must be in the future")]
    ExpiryPast,
    #[error("must be at most {0} ahead, no later than {1}")]
    ExpiryBeyondCap(String, OffsetDateTime),
    #[error("is required for off-ramp orders: the M-Pesa number that receives the shillings")]
    PayoutPhoneMissing,
    #[error("is for off-ramp orders only; leave it out")]
    PayoutPhoneRefused,
    #[error("customer and vendor must be two parties")]
    SelfTrade,
    #[error("is not provisioned: an admin must add this party first")]
    CustomerUnknown,
    #[error("no such offer")]
    OfferNotFound,
    #[error("the offer is inactive; choose another")]
    OfferInactive,
    #[error("the offer belongs to another vendor")]
    OfferOfAnotherVendor,
    #[error("a {0} offer does not pair with {1}: on-ramp needs SELL, off-ramp needs BUY")]
    OfferWrongSide(&'static str, &'static str),
    #[error("the offer trades {0}")]
    AssetMismatch(&'static str),
    #[error("is an address of {0}, where no orders are taken here; networks that are open: {1}")]
    NetworkNotOpen(&'static str, NetworkSet),
    #[error(
        "belongs to a token's contract or to this service: coin sent there would be lost to you; \
         use a wallet of your own"
    )]
    WalletNotPayable,
    #[error("{0} cannot be moved on {1}; use an address of another network")]
    AssetNotOnNetwork(&'static str, &'static str),
    #[error("must be between {0} and {1}, the offer's limits")]
    AmountOutsideOffer(Crypto, Crypto),
    #[error("does not agree with the offer's rate of {0}: expected about {1}")]
    RateMismatch(Rate, Fiat),
    #[error("must be between {0} and {1} shillings, the limits of M-Pesa")]
    OutsideRailLimits(Fiat, Fiat),
    #[error("the offer has only {0} left; ask for less or choose another offer")]
    InsufficientLiquidity(Crypto),
}

impl Breach {
    /// Every code of the wire.
    pub const CODES: [&str; 20] = [
        "unsupported_order_type",
        "status_not_initial",
        "expires_in_past",
        "expires_beyond_cap",
        "payout_phone_required",
        "payout_phone_not_allowed",
        "self_trade",
        "customer_not_provisioned",
        "offer_not_found",
        "offer_inactive",
        "offer_vendor_mismatch",
        "offer_type_mismatch",
        "asset_mismatch",
        "network_not_open",
        "wallet_not_payable",
        "asset_not_on_network",
        "amount_outside_offer_limits",
        "rate_mismatch",
        "amount_outside_rail_limits",
        "insufficient_liquidity",
    ];

    /// The stable code of the wire.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnsupportedOrderType(_) => "unsupported_order_type",
            Self::StatusNotInitial(_) => "status_not_initial",
            Self::ExpiryPast => "expires_in_past",
            Self::ExpiryBeyondCap(..) => "expires_beyond_cap",
            Self::PayoutPhoneMissing => "payout_phone_required",
            Self::PayoutPhoneRefused => "payout_phone_not_allowed",
            Self::SelfTrade => "self_trade",
            Self::CustomerUnknown => "customer_not_provisioned",
            Self::OfferNotFound => "offer_not_found",
            Self::OfferInactive => "offer_inactive",
            Self::OfferOfAnotherVendor => "offer_vendor_mismatch",
            Self::OfferWrongSide(..) => "offer_type_mismatch",
            Self::AssetMismatch(_) => "asset_mismatch",
            Self::NetworkNotOpen(..) => "network_not_open",
            Self::WalletNotPayable => "wallet_not_payable",
            Self::AssetNotOnNetwork(..) => "asset_not_on_network",
            Self::AmountOutsideOffer(..) => "amount_outside_offer_limits",
            Self::RateMismatch(..) => "rate_mismatch",
            Self::OutsideRailLimits(..) => "amount_outside_rail_limits",
            Self::InsufficientLiquidity(_) => "insufficient_liquidity",
        }
    }

    /// The field of the request to change.
    pub fn field(&self) -> &'static str {
        match self {
            Self::UnsupportedOrderType(_) => "order_type",
            Self::StatusNotInitial(_) => "status",
            Self::ExpiryPast | Self::ExpiryBeyondCap(..) => "expires_at",
            Self::PayoutPhoneMissing | Self::PayoutPhoneRefused => "payout_phone",
            Self::CustomerUnknown => "customer_id",
            Self::SelfTrade | Self::OfferOfAnotherVendor => "vendor_id",
            Self::OfferNotFound | Self::OfferInactive | Self::OfferWrongSide(..) => "offer_id",
            Self::AssetMismatch(_) => "asset",
            Self::NetworkNotOpen(..) | Self::WalletNotPayable | Self::AssetNotOnNetwork(..) => {
                "wallet_address"
            }
            Self::AmountOutsideOffer(..) | Self::InsufficientLiquidity(_) => "crypto_amount",
            Self::RateMismatch(..) | Self::OutsideRailLimits(..) => "fiat_amount",
        }
    }
}

fn ensure(holds: bool, breach: impl FnOnce() -> Breach) -> Result<(), Breach> {
    if holds { Ok(()) } else { Err(breach()) }
}

/// Judges the offer, when there is one; its absence is another policy's business.
fn on_offer(
    p: &Proposal<'_>,
    judge: impl FnOnce(&Offer) -> Result<(), Breach>,
) -> Result<(), Breach> {
    p.terms.offer.as_ref().map_or(Ok(()), judge)
}

fn type_is_open_to_customers(p: &Proposal<'_>) -> Result<(), Breach> {
    closed_type(p.command).map_or(Ok(()), Err)
}

/// The breach of an order whose type nobody may place yet.
pub(crate) fn closed_type(command: &PlaceOrder) -> Option<Breach> {
    let order_type = command.order_type;
    let open = matches!(order_type, OrderType::OnRampBuy | OrderType::OffRampSell);
    (!open).then(|| Breach::UnsupportedOrderType(order_type.as_str()))
}

fn status_is_initial(p: &Proposal<'_>) -> Result<(), Breach> {
    let initial = initial_state(p.command.order_type).status();
    let agrees = p.command.status.is_none_or(|status| status == initial);
    ensure(agrees, || Breach::StatusNotInitial(initial.as_str()))
}

fn expiry_is_ahead_and_within_the_cap(p: &Proposal<'_>) -> Result<(), Breach> {
    // As the order would keep it: less than a microsecond ahead is not ahead.
    let Some(expires_at) = p.command.expires_at.map(whole_micros) else {
        return Ok(());
    };
    let latest = p.now.saturating_add(p.rules.max_ttl);
    ensure(expires_at > p.now, || Breach::ExpiryPast)?;
    ensure(expires_at <= latest, || Breach::ExpiryBeyondCap(p.rules.max_ttl.to_string(), latest))
}

fn payout_phone_fits_the_type(p: &Proposal<'_>) -> Result<(), Breach> {
    match (p.command.order_type.ramp(), &p.command.payout_phone) {
        (Ramp::On, Some(_)) => Err(Breach::PayoutPhoneRefused),
        (Ramp::Off, None) => Err(Breach::PayoutPhoneMissing),
        (Ramp::On, None) | (Ramp::Off, Some(_)) => Ok(()),
    }
}

fn parties_are_two(p: &Proposal<'_>) -> Result<(), Breach> {
    ensure(p.command.customer_id != p.command.vendor_id, || Breach::SelfTrade)
}

fn customer_is_provisioned(p: &Proposal<'_>) -> Result<(), Breach> {
    ensure(p.terms.customer_is_provisioned, || Breach::CustomerUnknown)
}

fn offer_exists(p: &Proposal<'_>) -> Result<(), Breach> {
    ensure(p.terms.offer.is_some(), || Breach::OfferNotFound)
}

fn offer_is_active(p: &Proposal<'_>) -> Result<(), Breach> {
    on_offer(p, |offer| ensure(offer.status == OfferStatus::Active, || Breach::OfferInactive))
}

fn offer_belongs_to_the_vendor(p: &Proposal<'_>) -> Result<(), Breach> {
    on_offer(p, |offer| {
        ensure(offer.vendor_id == p.command.vendor_id, || Breach::OfferOfAnotherVendor)
    })
}

fn offer_pairs_with_the_type(p: &Proposal<'_>) -> Result<(), Breach> {
    let order_type = p.command.order_type;
    on_offer(p, |offer| {
        ensure(offer.offer_type.pairs_with(order_type), || {
            Breach::OfferWrongSide(offer.offer_type.as_str(), order_type.as_str())
        })
    })
}

fn offer_has_the_asset(p: &Proposal<'_>) -> Result<(), Breach> {
    on_offer(p, |offer| {
        let agrees = p.command.asset.is_none_or(|asset| asset == offer.asset);
        ensure(agrees, || Breach::AssetMismatch(offer.asset.as_str()))
    })
}

/// Before anything is held or asked: nobody would deliver there, nor see a deposit.
fn network_is_open(p: &Proposal<'_>) -> Result<(), Breach> {
    let network = p.command.wallet.network();
    ensure(p.rules.open.contains(network), || {
        Breach::NetworkNotOpen(network.as_str(), p.rules.open)
    })
}

/// Deliveries and refunds go to the wallet: an escrow address would turn one order's coin into
/// another order's deposit.
fn wallet_is_payable(p: &Proposal<'_>) -> Result<(), Breach> {
    ensure(!p.terms.wallet_is_ours, || Breach::WalletNotPayable)
}

fn asset_lives_on_the_network(p: &Proposal<'_>) -> Result<(), Breach> {
    let network = p.command.wallet.network();
    on_offer(p, |offer| {
        ensure(offer.asset.lives_on(network), || {
            Breach::AssetNotOnNetwork(offer.asset.as_str(), network.as_str())
        })
    })
}

fn amount_is_within_the_offer(p: &Proposal<'_>) -> Result<(), Breach> {
    on_offer(p, |offer| {
        let within = (offer.min_order..=offer.max_order).contains(&p.command.crypto);
        ensure(within, || Breach::AmountOutsideOffer(offer.min_order, offer.max_order))
    })
}

fn amounts_agree_with_the_rate(p: &Proposal<'_>) -> Result<(), Breach> {
    let (crypto, fiat) = (p.command.crypto, p.command.fiat);
    on_offer(p, |offer| {
        ensure(offer.rate.agrees(crypto, fiat, p.rules.rate_tolerance_bps), || {
            let expected = offer.rate.convert(crypto, Rounding::Down).unwrap_or(Fiat::ZERO);
            Breach::RateMismatch(offer.rate, expected)
        })
    })
}

/// Judges the whole shillings that will move: collections round up, payouts down.
fn shillings_are_within_the_rail(p: &Proposal<'_>) -> Result<(), Breach> {
    let (least, most, rounding) = match p.command.order_type.ramp() {
        Ramp::On => (p.rules.collection_min, p.rules.collection_max, Rounding::Up),
        Ramp::Off => (p.rules.payout_min, p.rules.payout_max, Rounding::Down),
    };
    let moves = p.command.fiat.to_places(0, rounding);
    let within = moves.is_some_and(|amount| (least..=most).contains(&amount));
    ensure(within, || Breach::OutsideRailLimits(least, most))
}

fn liquidity_is_enough(p: &Proposal<'_>) -> Result<(), Breach> {
    on_offer(p, |offer| {
        ensure(offer.free() >= p.command.crypto, || Breach::InsufficientLiquidity(offer.free()))
    })
}
