//! Every parser of the domain, fed with anything: it answers or refuses, and what it takes it gives back.

use domain::address::{AddressUse, Network};
use domain::money::{Crypto, Fiat};
use domain::offer::{Asset, OfferStatus, OfferType};
use domain::order::{OrderStatus, OrderSubtype, OrderType};
use domain::party::{Email, Msisdn, Role};
use domain::rate::Rate;
use proptest::prelude::*;

fn parse_all(text: &str) {
    let _told_or_not = (
        (Crypto::parse(text), Crypto::parse_positive(text), Fiat::parse(text)),
        (Rate::parse(text), Msisdn::parse(text), Email::parse(text), Role::parse(text)),
        (Network::parse(text), AddressUse::parse(text), Asset::parse(text)),
        (OfferStatus::parse(text), OfferType::parse(text), OrderStatus::parse(text)),
        (OrderSubtype::parse(text), OrderType::parse(text)),
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn no_text_breaks_a_parser(text in ".*") {
        parse_all(&text);
    }

    #[test]
    fn no_bytes_of_text_break_a_parser(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        parse_all(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn what_is_nearly_an_amount_is_taken_only_as_it_is_printed_again(
        text in "[-+ ]?[0-9٠-٩]{0,20}[.,e]?[0-9]{0,20}",
    ) {
        if let Ok(amount) = Crypto::parse(&text) {
            prop_assert_eq!(Crypto::parse(&amount.to_string()), Ok(amount));
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
        }
        if let Ok(rate) = Rate::parse(&text) {
            prop_assert_eq!(Rate::parse(&rate.to_string()), Ok(rate));
        }
    }

    #[test]
    fn what_is_nearly_a_phone_is_taken_only_in_the_rails_spelling(text in "[+0]?(254)?[0-9٠-٩]{0,12}") {
        if let Ok(phone) = Msisdn::parse(&text) {
            prop_assert_eq!(phone.as_str(), text.as_str());
            prop_assert!(text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()));
        }
    }
}

#[test]
fn texts_of_a_megabyte_are_refused_at_once() {
    for unit in ["9", "0", ".", "-", "é", "@a.", "254"] {
        let text = unit.repeat(1_000_000);
        assert!(Crypto::parse(&text).is_err() && Fiat::parse(&text).is_err(), "{unit}");
        assert!(Rate::parse(&text).is_err() && Msisdn::parse(&text).is_err(), "{unit}");
        assert!(Email::parse(&text).is_err(), "{unit}");
    }
}
