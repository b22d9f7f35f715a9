//! The policies of creation: the sample breaks none, every breach has its smallest change, limits
//! hold to the unit.

use domain::address::{ChainAddress, Network, NetworkSet};
use domain::ids::PartyId;
use domain::money::{Crypto, Fiat};
use domain::offer::{Asset, Offer, OfferStatus};
use domain::order::{OrderState, OrderStatus, OrderType};
use domain::placement::{Breach, OrderRules, PlaceOrder, Proposal, Terms};
use domain::rate::Rate;
use domain::testing::samples::{
    self, BUYING_VENDOR, NOW, SELL_OFFER, VENDOR, crypto, fiat, phone, place_buy, place_sell,
};
use std::collections::BTreeSet;
use time::Duration;

/// All that the policies look at, to be changed in one place.
struct Case {
    command: PlaceOrder,
    terms: Terms,
    rules: OrderRules,
}

impl Case {
    fn of(command: PlaceOrder) -> Self {
        Self { terms: samples::terms(&command), command, rules: samples::rules() }
    }

    fn proposal(&self) -> Proposal<'_> {
        Proposal { command: &self.command, terms: &self.terms, rules: &self.rules, now: NOW }
    }

    fn breaches(&self) -> Vec<Breach> {
        self.proposal().judge().err().unwrap_or_default()
    }

    fn offer(&mut self) -> &mut Offer {
        self.terms.offer.as_mut().expect("the sample's offer")
    }
}

type Change = fn(&mut Case);

fn buy(change: Change) -> Case {
    changed(place_buy(), change)
}

fn sell(change: Change) -> Case {
    changed(place_sell(), change)
}

fn changed(command: PlaceOrder, change: Change) -> Case {
    let mut case = Case::of(command);
    change(&mut case);
    case
}

fn told(case: &Case) -> Vec<(&'static str, &'static str)> {
    case.breaches().iter().map(|breach| (breach.code(), breach.field())).collect()
}

#[test]
fn the_samples_break_no_policy() {
    for command in [place_buy(), place_sell()] {
        let case = Case::of(command);
        let offer = case.proposal().judge().map(|offer| offer.id);
        assert_eq!(offer, Ok(case.command.offer_id));
    }
}

#[test]
#[rustfmt::skip] // It is a table: keep it a table.
fn each_breach_is_one_small_change_away() {
    let table: Vec<(Case, &str, &str)> = vec![
        (buy(|c| c.command.order_type = OrderType::OnRampSell), "unsupported_order_type", "order_type"),
        (sell(|c| c.command.order_type = OrderType::OffRampBuy), "unsupported_order_type", "order_type"),
        (buy(|c| c.command.status = Some(OrderStatus::AwaitingCrypto)), "status_not_initial", "status"),
        (sell(|c| c.command.status = Some(OrderStatus::Pending)), "status_not_initial", "status"),
        (buy(|c| c.command.expires_at = Some(NOW)), "expires_in_past", "expires_at"),
        (buy(|c| c.command.expires_at = Some(NOW + Duration::nanoseconds(999))), "expires_in_past", "expires_at"),
        (buy(|c| c.command.expires_at = Some(NOW + Duration::days(31))), "expires_beyond_cap", "expires_at"),
        (sell(|c| c.command.payout_phone = None), "payout_phone_required", "payout_phone"),
        (buy(|c| c.command.payout_phone = Some(phone())), "payout_phone_not_allowed", "payout_phone"),
        (buy(|c| c.command.customer_id = VENDOR), "self_trade", "vendor_id"),
        (buy(|c| c.terms.customer_is_provisioned = false), "customer_not_provisioned", "customer_id"),
        (buy(|c| c.terms.offer = None), "offer_not_found", "offer_id"),
        (buy(|c| c.offer().status = OfferStatus::Inactive), "offer_inactive", "offer_id"),
        (buy(|c| c.command.vendor_id = BUYING_VENDOR), "offer_vendor_mismatch", "vendor_id"),
        (buy(|c| c.offer().offer_type = samples::buy_offer().offer_type), "offer_type_mismatch", "offer_id"),
        (sell(|c| c.offer().offer_type = samples::sell_offer().offer_type), "offer_type_mismatch", "offer_id"),
        (buy(|c| c.command.asset = Some(Asset::Usdc)), "asset_mismatch", "asset"),
        (buy(|c| c.offer().asset = Asset::Usdc), "asset_not_on_network", "wallet_address"),
        (buy(|c| c.rules.open.tron = false), "network_not_open", "wallet_address"),
        (sell(|c| c.rules.open.tron = false), "network_not_open", "wallet_address"),
        (buy(|c| c.terms.wallet_is_ours = true), "wallet_not_payable", "wallet_address"),
        (sell(|c| c.terms.wallet_is_ours = true), "wallet_not_payable", "wallet_address"),
        (buy(|c| c.offer().max_order = crypto("1199")), "amount_outside_offer_limits", "crypto_amount"),
        (buy(|c| c.command.fiat = fiat("176076.01")), "rate_mismatch", "fiat_amount"),
        (buy(|c| c.rules.collection_max = fiat("175199")), "amount_outside_rail_limits", "fiat_amount"),
        (sell(|c| c.rules.payout_min = fiat("112799")), "amount_outside_rail_limits", "fiat_amount"),
        (buy(|c| c.offer().held = crypto("3800.00000001")), "insufficient_liquidity", "crypto_amount"),
    ];
    let codes: BTreeSet<_> = table.iter().map(|(_, code, _)| *code).collect();
    assert_eq!(codes, BTreeSet::from(Breach::CODES), "every code has its case");
    for (case, code, field) in table {
        assert_eq!(told(&case), [(code, field)]);
    }
}

#[test]
fn what_a_client_may_say_again_it_may_say_right() {
    let table = [
        buy(|c| c.command.status = Some(OrderStatus::Pending)),
        sell(|c| c.command.status = Some(OrderStatus::AwaitingCrypto)),
        buy(|c| c.command.asset = Some(Asset::Usdt)),
        buy(|c| {
            c.offer().asset = Asset::Usdc;
            c.command.wallet = ChainAddress::trusted(Network::Ethereum, "0xabc".into());
        }),
    ];
    for case in table {
        assert_eq!(case.breaches(), []);
    }
}

#[test]
fn all_breaches_are_told_at_once_in_the_order_of_the_policies() {
    let case = buy(|c| {
        c.command.order_type = OrderType::OffRampBuy;
        c.command.status = Some(OrderStatus::Completed);
        c.command.expires_at = Some(NOW);
        c.command.customer_id = PartyId(VENDOR.0);
        c.command.asset = Some(Asset::Usdc);
        c.command.crypto = crypto("5000.1");
        c.terms.customer_is_provisioned = false;
        c.offer().status = OfferStatus::Inactive;
        c.offer().vendor_id = BUYING_VENDOR;
    });
    let codes: Vec<_> = told(&case).into_iter().map(|(code, _)| code).collect();
    assert_eq!(
        codes,
        [
            "unsupported_order_type",
            "status_not_initial",
            "expires_in_past",
            "payout_phone_required",
            "self_trade",
            "customer_not_provisioned",
            "offer_inactive",
            "offer_vendor_mismatch",
            "offer_type_mismatch",
            "asset_mismatch",
            "amount_outside_offer_limits",
            "rate_mismatch",
            "insufficient_liquidity",
        ]
    );
}

#[test]
fn a_missing_offer_does_not_hide_what_else_is_wrong_nor_invents_more() {
    let case = sell(|c| {
        c.terms.offer = None;
        c.command.payout_phone = None;
        c.command.fiat = fiat("9.99");
    });
    let codes: Vec<_> = told(&case).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["payout_phone_required", "offer_not_found", "amount_outside_rail_limits"]);
}

#[test]
fn an_expiry_lies_ahead_and_within_the_cap_to_the_microsecond() {
    let cap = samples::rules().max_ttl;
    let table = [
        (-Duration::MICROSECOND, Some("expires_in_past")),
        (Duration::ZERO, Some("expires_in_past")),
        (Duration::MICROSECOND, None),
        (cap, None),
        (cap + Duration::MICROSECOND, Some("expires_beyond_cap")),
    ];
    for (ahead, code) in table {
        let mut case = Case::of(place_buy());
        case.command.expires_at = Some(NOW + ahead);
        let first = told(&case).first().map(|(code, _)| *code);
        assert_eq!(first, code, "{ahead}");
    }
}

#[test]
fn an_amount_is_within_the_offer_to_the_unit() {
    let table = [("0.99999999", false), ("1", true), ("2000", true), ("2000.00000001", false)];
    for (amount, within) in table {
        let mut case = Case::of(place_buy());
        case.rules.collection_max = fiat("1000000");
        price(&mut case, crypto(amount));
        assert_eq!(case.breaches().is_empty(), within, "{amount}");
    }
}

#[test]
fn the_last_free_unit_can_be_had() {
    for (free, enough) in [("1199.99999999", false), ("1200", true), ("1200.00000001", true)] {
        let mut case = Case::of(place_buy());
        let held = case.offer().available.checked_sub(crypto(free)).expect("less than there is");
        case.offer().held = held;
        let expected =
            if enough { vec![] } else { vec![Breach::InsufficientLiquidity(crypto(free))] };
        assert_eq!(case.breaches(), expected, "{free}");
    }
}

/// The limits are those of the whole shillings that move: collections go up, payouts down.
#[test]
fn the_rails_limits_are_judged_after_rounding() {
    let table: Vec<(PlaceOrder, &str, bool)> = vec![
        (place_buy(), "0.01", true),
        (place_buy(), "250000.00", true),
        (place_buy(), "250000.01", false),
        (place_sell(), "9.99", false),
        (place_sell(), "10.00", true),
        (place_sell(), "250000.99", true),
        (place_sell(), "250001.00", false),
    ];
    for (command, shillings, within) in table {
        let mut case = Case::of(command);
        case.command.fiat = fiat(shillings);
        let breaches = told(&case);
        let outside = breaches.contains(&("amount_outside_rail_limits", "fiat_amount"));
        assert_eq!(outside, !within, "{shillings}: {breaches:?}");
    }
}

#[test]
fn the_rates_tolerance_is_the_houses() {
    for (bps, shillings, agrees) in
        [(50, "176076", true), (49, "176076", false), (0, "175200", true)]
    {
        let mut case = Case::of(place_buy());
        case.rules.rate_tolerance_bps = bps;
        case.command.fiat = fiat(shillings);
        assert_eq!(case.breaches().is_empty(), agrees, "{shillings} within {bps}");
    }
}

#[test]
fn breaches_say_what_would_be_right() {
    let rate = Rate::parse("146.00").expect("a rate");
    let table = [
        (Breach::StatusNotInitial("pending"), "must be \"pending\" or left out"),
        (Breach::AmountOutsideOffer(crypto("1"), crypto("2")), "between 1.00000000 and 2.00000000"),
        (Breach::RateMismatch(rate, fiat("175200")), "rate of 146.00: expected about 175200.00"),
        (
            Breach::OutsideRailLimits(fiat("1"), fiat("250000")),
            "between 1.00 and 250000.00 shillings",
        ),
        (Breach::InsufficientLiquidity(crypto("3")), "only 3.00000000 left"),
        (
            Breach::NetworkNotOpen("ethereum", NetworkSet { tron: true, ethereum: false }),
            "open: tron",
        ),
        (Breach::NetworkNotOpen("tron", NetworkSet::default()), "open: none"),
        (Breach::AssetNotOnNetwork("USDC", "tron"), "USDC cannot be moved on tron"),
        (
            Breach::OfferWrongSide("BUY", "ON_RAMP_BUY"),
            "a BUY offer does not pair with ON_RAMP_BUY",
        ),
    ];
    for (breach, text) in table {
        assert!(breach.to_string().contains(text), "{breach}");
    }
}

#[test]
fn an_order_keeps_the_offers_rate_and_begins_where_its_type_does() {
    let case = Case::of(place_sell());
    let proposal = case.proposal();
    let offer = proposal.judge().expect("the sample is right");
    let order = samples::order(&case.command, 1);
    assert_eq!((order.rate, order.asset), (offer.rate, offer.asset));
    assert_eq!(order.state, OrderState::AwaitingDeposit);
    assert_eq!(order.expires_at, NOW + samples::rules().ttl);
    let buying = samples::order(&place_buy(), 2);
    assert_eq!(buying.state, OrderState::AwaitingPayment { collection: None });
    assert_eq!(buying.offer_id, SELL_OFFER);
}

/// Asks for `amount` at exactly the offer's rate.
fn price(case: &mut Case, amount: Crypto) {
    use domain::rounding::Rounding::Down;
    let rate = case.offer().rate;
    case.command.crypto = amount;
    case.command.fiat = rate.convert(amount, Down).unwrap_or(Fiat::ZERO);
}
