//! How much less than agreed still pays for an order.

use domain::money::Crypto;
use domain::order::{Order, OrderState, Transition, transition};
use domain::testing::matrix::facts::{arrived, deposit};
use domain::testing::samples::{crypto, order, place_sell};

fn sell_of(amount: &str) -> Order {
    Order { crypto: crypto(amount), ..order(&place_sell(), 1) }
}

/// Where an order goes when so much of it has arrived for good.
fn after(order: &Order, arrived_amount: Crypto) -> OrderState {
    let told = arrived(deposit("0xd1", arrived_amount));
    match transition(order.clone(), &told).expect("facts are never refused") {
        Transition::Applied { order, .. } | Transition::AlreadyApplied(order) => order.state,
    }
}

#[test]
fn a_deposit_pays_when_it_is_short_by_a_hundredth_of_a_coin_and_no_more() {
    let order = sell_of("799.99");
    for (amount, state) in [
        ("799.99", OrderState::PayingOut),
        ("799.98", OrderState::PayingOut),
        ("799.979999", OrderState::AwaitingDeposit),
    ] {
        assert_eq!(after(&order, crypto(amount)), state, "{amount}");
    }
}

#[test]
fn a_deposit_of_a_small_order_pays_when_it_is_short_by_one_percent_and_no_more() {
    for (agreed, enough, too_little) in [
        ("0.5", "0.495", "0.494999"),
        ("0.02", "0.0198", "0.019799"),
        ("0.01", "0.0099", "0.000001"),
        ("0.000001", "0.000001", "0"),
    ] {
        let order = sell_of(agreed);
        assert!(order.is_funded_by(crypto(enough)), "{enough} of {agreed}");
        assert!(!order.is_funded_by(crypto(too_little)), "{too_little} of {agreed}");
        assert_eq!(after(&order, crypto(enough)), OrderState::PayingOut, "{enough} of {agreed}");
    }
    let order = sell_of("0.5");
    assert_eq!(after(&order, crypto("0.49")), OrderState::AwaitingDeposit);
}
