//! Amounts as the chains count them.

use domain::chain::{UNITS_PER_COIN, Value, chain_units, from_chain_units};
use domain::money::Crypto;
use domain::offer::Asset;
use domain::testing::samples::crypto;
use proptest::prelude::*;

#[test]
fn an_amount_is_a_whole_number_of_units_or_nothing() {
    let table = [
        ("0", Some(0)),
        ("0.000001", Some(1)),
        ("1", Some(UNITS_PER_COIN)),
        ("1200.123456", Some(1_200_123_456)),
        ("999999999.999999", Some(999_999_999_999_999)),
        ("0.0000001", None),
        ("1200.12345678", None),
    ];
    for (amount, units) in table {
        assert_eq!(chain_units(crypto(amount)), units, "{amount}");
    }
}

#[test]
fn what_no_order_could_be_about_is_no_amount() {
    let most = u64::try_from(i64::MAX / 100).expect("positive");
    assert_eq!(from_chain_units(0), Some(Crypto::ZERO));
    assert_eq!(from_chain_units(1), Some(crypto("0.000001")));
    assert!(from_chain_units(most).is_some());
    for units in [most + 1, u64::MAX] {
        assert_eq!(from_chain_units(units), None, "{units}");
    }
}

#[test]
fn a_value_knows_its_units_and_its_coin() {
    let value = Value::Coin { asset: Asset::Usdc, amount: crypto("2.5") };
    assert_eq!((value.units(), value.asset()), (Some(2_500_000), Some(Asset::Usdc)));
    let broken = Value::Coin { asset: Asset::Usdt, amount: crypto("0.00000001") };
    assert_eq!((broken.units(), broken.asset()), (None, Some(Asset::Usdt)));
    let gas = Value::Native { units: u64::MAX };
    assert_eq!((gas.units(), gas.asset()), (Some(u64::MAX), None));
}

proptest! {
    #[test]
    fn units_and_amounts_are_the_same_thing(units in 0..=92_233_720_368_547_758_u64) {
        prop_assert_eq!(from_chain_units(units).and_then(chain_units), Some(units));
    }
}
