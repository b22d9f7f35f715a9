//! Money to the last unit: what is read, what is written, which way a rest goes.

use domain::money::{Crypto, Fiat, MoneyError};
use domain::order::Order;
use domain::rate::Rate;
use domain::rounding::Rounding::{Down, Up};
use domain::testing::samples::{crypto, fiat, order, place_buy, place_sell};
use proptest::prelude::*;

/// The most that fits the places before the point.
const MOST_KES: i64 = 99_999_999_999_999;
const MOST_COIN: i64 = 99_999_999_999_999_999;

fn rate(text: &str) -> Rate {
    Rate::parse(text).expect("a rate of the test")
}

#[test]
fn shillings_are_read_exactly() {
    let table = [
        ("0", 0),
        ("0.01", 1),
        ("00.10", 10),
        ("1", 100),
        ("1.5", 150),
        ("175200.00", 17_520_000),
        ("112798.59", 11_279_859),
        ("000000000001", 100),
        ("999999999999.99", MOST_KES),
    ];
    for (text, minor) in table {
        assert_eq!(Fiat::parse(text).map(Fiat::minor), Ok(minor), "{text}");
    }
}

#[test]
fn coins_are_read_exactly() {
    let table = [
        ("0.00000001", 1),
        ("799.99", 79_999_000_000),
        ("1200.00", 120_000_000_000),
        ("999999999.99999999", MOST_COIN),
    ];
    for (text, minor) in table {
        assert_eq!(Crypto::parse(text).map(Crypto::minor), Ok(minor), "{text}");
    }
}

#[test]
fn what_is_no_amount_is_refused_with_its_reason() {
    use MoneyError::{Negative, NotDecimal, TooLarge, TooManyPlaces};
    let table = [
        ("", NotDecimal),
        (".", NotDecimal),
        (".5", NotDecimal),
        ("5.", NotDecimal),
        ("1.2.3", NotDecimal),
        ("1,200", NotDecimal),
        ("1e3", NotDecimal),
        ("+1", NotDecimal),
        (" 1", NotDecimal),
        ("1 ", NotDecimal),
        ("1\n", NotDecimal),
        ("0x10", NotDecimal),
        ("NaN", NotDecimal),
        ("inf", NotDecimal),
        ("١", NotDecimal),
        ("--1", NotDecimal),
        ("-", NotDecimal),
        ("-1", Negative),
        ("-0.00", Negative),
        ("1.001", TooManyPlaces(2)),
        ("1.000", TooManyPlaces(2)),
        ("1000000000000", TooLarge(12)),
        ("0000000000000", TooLarge(12)),
        ("99999999999999999999999999999999999999999", TooLarge(12)),
    ];
    for (text, error) in table {
        assert_eq!(Fiat::parse(text), Err(error), "{text:?}");
    }
    assert_eq!(Crypto::parse("0.000000001"), Err(TooManyPlaces(8)));
    assert_eq!(Crypto::parse("1000000000"), Err(TooLarge(9)));
}

#[test]
fn a_positive_amount_is_at_least_one_unit() {
    assert_eq!(Fiat::parse_positive("0.00"), Err(MoneyError::Zero));
    assert_eq!(Fiat::parse_positive("-1"), Err(MoneyError::Negative));
    assert_eq!(Fiat::parse_positive("0.01").map(Fiat::minor), Ok(1));
    assert_eq!(Crypto::parse_positive("0.00000000"), Err(MoneyError::Zero));
}

#[test]
fn amounts_are_written_with_all_their_places() {
    let table = [
        (fiat("1200").to_string(), "1200.00"),
        (fiat("0.5").to_string(), "0.50"),
        (Fiat::ZERO.to_string(), "0.00"),
        (crypto("1200").to_string(), "1200.00000000"),
        (crypto("0.00000001").to_string(), "0.00000001"),
        (rate("146").to_string(), "146.00"),
        (rate("0.05").to_string(), "0.05"),
    ];
    for (written, expected) in table {
        assert_eq!(written, expected);
    }
}

#[test]
fn every_error_says_what_to_change() {
    let table = [
        (MoneyError::NotDecimal, "must be a plain decimal number such as \"1200.00\""),
        (MoneyError::Negative, "must not be negative"),
        (MoneyError::Zero, "must be more than zero"),
        (MoneyError::TooManyPlaces(2), "must have at most 2 decimal places"),
        (MoneyError::TooLarge(12), "must have at most 12 digits before the point"),
    ];
    for (error, text) in table {
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn amounts_are_never_negative_and_never_overflow() {
    assert_eq!(Fiat::from_minor(-1), None);
    assert_eq!(Fiat::from_minor(0), Some(Fiat::ZERO));
    let most = Fiat::from_minor(i64::MAX).expect("positive");
    let one = fiat("0.01");
    assert_eq!(most.checked_add(one), None);
    assert_eq!(most.checked_add(Fiat::ZERO), Some(most));
    assert_eq!(Fiat::ZERO.checked_sub(one), None);
    assert_eq!(one.checked_sub(one), Some(Fiat::ZERO));
    assert!(Fiat::ZERO.is_zero() && !one.is_zero() && one > Fiat::ZERO);
    assert_eq!(most.to_places(0, Up), None, "rounding up would leave the range");
    assert_eq!(fiat("1").to_places(3, Down), None, "shillings have two places");
}

#[test]
fn a_rest_goes_the_way_that_is_named() {
    let shillings = [
        ("112798.59", "112798", "112799"),
        ("112798.00", "112798", "112798"),
        ("0.01", "0", "1"),
        ("0.99", "0", "1"),
    ];
    for (amount, down, up) in shillings {
        assert_eq!(fiat(amount).to_places(0, Down), Some(fiat(down)), "{amount}");
        assert_eq!(fiat(amount).to_places(0, Up), Some(fiat(up)), "{amount}");
        assert_eq!(fiat(amount).to_places(2, Up), Some(fiat(amount)), "{amount}");
    }
    let coins = [
        ("799.99", "799.99", "799.99"),
        ("0.00000001", "0", "0.000001"),
        ("0.00000199", "0.000001", "0.000002"),
        ("1.123456", "1.123456", "1.123456"),
    ];
    for (amount, down, up) in coins {
        assert_eq!(crypto(amount).to_places(6, Down), Some(crypto(down)), "{amount}");
        assert_eq!(crypto(amount).to_places(6, Up), Some(crypto(up)), "{amount}");
    }
}

#[test]
fn coin_costs_what_the_rate_says() {
    let table = [
        ("1200.00", "146.00", "175200.00", "175200.00"),
        ("799.99", "141.00", "112798.59", "112798.59"),
        ("0.00000001", "146.00", "0.00", "0.01"),
        ("0.00006849", "146.00", "0.00", "0.01"),
        ("0.0001", "146.00", "0.01", "0.02"),
        ("1", "0.01", "0.01", "0.01"),
    ];
    for (amount, at, down, up) in table {
        assert_eq!(rate(at).convert(crypto(amount), Down), Some(fiat(down)), "{amount} at {at}");
        assert_eq!(rate(at).convert(crypto(amount), Up), Some(fiat(up)), "{amount} at {at}");
    }
}

#[test]
fn the_most_that_can_be_asked_for_converts_exactly() {
    let (most, dearest) = (crypto("999999999.99999999"), rate("999999.99"));
    // 999,999,999.99999999 x 999,999.99 = 999,999,989,999,999.9900000001
    assert_eq!(dearest.convert(most, Down), Fiat::from_minor(99_999_998_999_999_999));
    assert_eq!(dearest.convert(most, Up), Fiat::from_minor(99_999_999_000_000_000));
}

#[test]
fn a_rate_has_two_places_and_six_digits_and_is_more_than_nothing() {
    assert_eq!(Rate::parse("146.00").map(Rate::cents), Ok(14_600));
    assert_eq!(Rate::parse("999999.99").map(Rate::cents), Ok(99_999_999));
    assert_eq!(Rate::parse("1000000"), Err(MoneyError::TooLarge(6)));
    assert_eq!(Rate::parse("9999999999999"), Err(MoneyError::TooLarge(12)));
    assert_eq!(Rate::parse("146.001"), Err(MoneyError::TooManyPlaces(2)));
    assert_eq!(Rate::parse("0.00"), Err(MoneyError::Zero));
    assert_eq!(Rate::parse("-1"), Err(MoneyError::Negative));
    assert_eq!(Rate::from_cents(0), None);
    assert_eq!(Rate::from_cents(1).map(Rate::cents), Some(1));
}

#[test]
fn amounts_agree_up_to_exactly_the_tolerance() {
    // 1200 x 146.00 = 175,200.00, of which 50 basis points are 876.00.
    let table = [
        ("1200", "146.00", 50, "175200.00", true),
        ("1200", "146.00", 50, "176076.00", true),
        ("1200", "146.00", 50, "176076.01", false),
        ("1200", "146.00", 50, "174324.00", true),
        ("1200", "146.00", 50, "174323.99", false),
        ("1200", "146.00", 0, "175200.00", true),
        ("1200", "146.00", 0, "175200.01", false),
        ("799.99", "141.00", 0, "112798.59", true),
        ("799.99", "141.00", 0, "112798.58", false),
        // The product has more places than money: 0.0001 x 146.00 = 0.0146.
        ("0.0001", "146.00", 0, "0.01", false),
        ("0.0001", "146.00", 3150, "0.01", false),
        ("0.0001", "146.00", 3151, "0.01", true),
        ("0.0001", "146.00", 3698, "0.02", false),
        ("0.0001", "146.00", 3699, "0.02", true),
        ("1200", "146.00", 50, "0.00", false),
        ("1200", "146.00", 10_000, "0.00", true),
    ];
    for (amount, at, bps, shillings, agrees) in table {
        let answer = rate(at).agrees(crypto(amount), fiat(shillings), bps);
        assert_eq!(answer, agrees, "{amount} at {at} for {shillings} within {bps}");
    }
}

#[test]
fn the_bounds_of_the_type_neither_overflow_nor_agree_by_accident() {
    let (coin, shillings) = (Crypto::from_minor(i64::MAX), Fiat::from_minor(i64::MAX));
    let (coin, shillings) = (coin.expect("positive"), shillings.expect("positive"));
    let highest = Rate::from_cents(i64::MAX).expect("positive");
    assert_eq!(highest.convert(coin, Up), None);
    assert!(!highest.agrees(coin, shillings, u32::MAX));
    assert!(!rate("0.01").agrees(coin, shillings, 50));
    assert!(!highest.agrees(Crypto::ZERO, shillings, u32::MAX));
}

#[test]
fn each_rail_moves_what_it_can_in_our_customers_direction() {
    let with = |order: Order, coin: &str, shillings: &str| Order {
        crypto: crypto(coin),
        fiat: fiat(shillings),
        ..order
    };
    let (buy, sell) = (order(&place_buy(), 1), order(&place_sell(), 2));
    let seeds = [
        (buy.clone(), "175200", "175200", "1200", "1200"),
        (sell, "112799", "112798", "799.99", "799.99"),
        (with(buy.clone(), "0.00000001", "0.01"), "1", "0", "0.000001", "0"),
        (with(buy, "1.00000001", "100.00"), "100", "100", "1.000001", "1"),
    ];
    for (order, collection, payout, deposit, delivery) in seeds {
        assert_eq!(order.collection_due(), fiat(collection));
        assert_eq!(order.payout_due(), fiat(payout));
        assert_eq!(order.deposit_due(), crypto(deposit));
        assert_eq!(order.delivery_due(), crypto(delivery));
    }
}

#[test]
fn rounding_leaves_the_residue_of_the_seeds() {
    let order = order(&place_sell(), 2);
    assert_eq!(order.fiat.checked_sub(order.payout_due()), Some(fiat("0.59")));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn what_is_written_is_read_back(kes in 0..=MOST_KES, coin in 0..=MOST_COIN, cents in 1..100_000_000_i64) {
        let (kes, coin) = (Fiat::from_minor(kes).unwrap(), Crypto::from_minor(coin).unwrap());
        let rate = Rate::from_cents(cents).unwrap();
        prop_assert_eq!(Fiat::parse(&kes.to_string()), Ok(kes));
        prop_assert_eq!(Crypto::parse(&coin.to_string()), Ok(coin));
        prop_assert_eq!(Rate::parse(&rate.to_string()), Ok(rate));
    }

    #[test]
    fn no_text_panics(text in ".{0,40}") {
        let _ = (Fiat::parse(&text), Crypto::parse_positive(&text), Rate::parse(&text));
    }

    #[test]
    fn rounding_moves_by_less_than_a_unit_and_only_its_way(coin in 0..=MOST_COIN, places in 0..=8_u32) {
        let coin = Crypto::from_minor(coin).unwrap();
        let unit = 10_i64.pow(8 - places);
        let (down, up) = (coin.to_places(places, Down).unwrap(), coin.to_places(places, Up).unwrap());
        prop_assert!(down <= coin && coin <= up);
        prop_assert!(coin.minor() - down.minor() < unit && up.minor() - coin.minor() < unit);
        prop_assert_eq!(down.minor() % unit + up.minor() % unit, 0);
    }

    #[test]
    fn a_converted_amount_agrees_with_its_rate(coin in 100_000_000..1_000_000_000_000_i64, cents in 10_000..20_000_i64) {
        let (coin, rate) = (Crypto::from_minor(coin).unwrap(), Rate::from_cents(cents).unwrap());
        for rounding in [Down, Up] {
            prop_assert!(rate.agrees(coin, rate.convert(coin, rounding).unwrap(), 1));
        }
    }
}
