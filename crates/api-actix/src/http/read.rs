//! Readers: one per kind of value that requests carry. A JSON value of the wrong type is malformed;
//! a text that says something impossible is against a rule.

use domain::ids::{OfferId, OrderId, PartyId};
use domain::money::{Crypto, Fiat, MoneyError};
use domain::offer::{Asset, OfferStatus, OfferType};
use domain::order::{OrderStatus, OrderSubtype, OrderType};
use domain::party::{Email, Msisdn, Role};
use domain::rail::collection::read_reference;
use domain::rate::Rate;
use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};
use uuid::Uuid;

use super::fields::Fault;

fn malformed(code: &'static str, message: impl Into<String>) -> Fault {
    Fault { code, message: message.into(), malformed: true }
}

/// A value that is well-formed and not allowed.
pub fn rule(code: &'static str, message: impl Into<String>) -> Fault {
    Fault { code, message: message.into(), malformed: false }
}

/// Any text.
pub fn text(value: &Value) -> Result<&str, Fault> {
    value.as_str().ok_or_else(|| malformed("wrong_type", "must be a JSON string"))
}

/// A decimal as text: a JSON number loses digits on its way through many programs.
fn decimal<T>(value: &Value, parse: fn(&str) -> Result<T, MoneyError>) -> Result<T, Fault> {
    if value.is_number() {
        return Err(malformed(
            "wrong_type",
            "must be a JSON string such as \"1200.00\", not a number: numbers lose digits",
        ));
    }
    parse(text(value)?).map_err(|error| rule("invalid_amount", error.to_string()))
}

pub fn crypto(value: &Value) -> Result<Crypto, Fault> {
    decimal(value, Crypto::parse_positive)
}

/// Like [`crypto`], but nothing is an amount too.
pub fn crypto_or_zero(value: &Value) -> Result<Crypto, Fault> {
    decimal(value, Crypto::parse)
}

pub fn fiat(value: &Value) -> Result<Fiat, Fault> {
    decimal(value, Fiat::parse_positive)
}

pub fn rate(value: &Value) -> Result<Rate, Fault> {
    decimal(value, Rate::parse)
}

fn uuid(value: &Value) -> Result<Uuid, Fault> {
    let wrong =
        || rule("invalid_uuid", "must be a UUID such as \"b523ed51-a7e0-4c53-8ac2-3c0b7e1c9cd5\"");
    let text = text(value)?;
    // The parser also takes other spellings (braces, no hyphens); the wire has one.
    Uuid::try_parse(text).ok().filter(|_| text.len() == 36).ok_or_else(wrong)
}

pub fn party(value: &Value) -> Result<PartyId, Fault> {
    uuid(value).map(PartyId)
}

pub fn order(value: &Value) -> Result<OrderId, Fault> {
    uuid(value).map(OrderId)
}

pub fn offer(value: &Value) -> Result<OfferId, Fault> {
    uuid(value).map(OfferId)
}

/// RFC 3339.
pub fn time(value: &Value) -> Result<OffsetDateTime, Fault> {
    instant(text(value)?)
}

/// No time that means something is longer.
const LONGEST_TIME: usize = 40;

/// RFC 3339, from any text, in UTC: a moment of the years 1 to 9999 there, and no leap second, which
/// neither our clock nor the database can keep.
pub fn instant(text: &str) -> Result<OffsetDateTime, Fault> {
    let wrong = || {
        rule(
            "invalid_time",
            "must be an RFC 3339 time such as \"2027-01-31T23:59:59Z\", within the years 1 to 9999 of UTC",
        )
    };
    let is_leap_second = text.get(17..19) == Some("60");
    if text.len() > LONGEST_TIME || is_leap_second {
        return Err(wrong());
    }
    let read = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| wrong())?;
    let utc = read.checked_to_offset(UtcOffset::UTC);
    utc.filter(|at| at.year() >= 1).ok_or_else(wrong)
}

/// What a customer reads off their M-Pesa message, as people type it.
pub fn account_reference(text: &str) -> Result<String, Fault> {
    let reference = read_reference(text);
    let is_one = reference.len() == 12;
    let wrong =
        || rule("invalid_reference", "must be the twelve letters and digits of an M-Pesa message");
    is_one.then_some(reference).ok_or_else(wrong)
}

/// The text of a wallet address; whether it is one, an address book tells.
pub fn wallet(value: &Value) -> Result<String, Fault> {
    if value.is_number() {
        return Err(malformed(
            "wrong_type",
            "must be a JSON string: as a number, an 0x address loses its digits",
        ));
    }
    text(value).map(str::to_owned)
}

pub fn msisdn(value: &Value) -> Result<Msisdn, Fault> {
    Msisdn::parse(text(value)?).map_err(|error| rule("invalid_phone", error.to_string()))
}

/// A phone as people write it internationally: `+254…`.
pub fn international_phone(value: &Value) -> Result<Msisdn, Fault> {
    let wrong = || {
        rule(
            "invalid_phone",
            "must have the form +254XXXXXXXXX: +254, then 7 or 1, then eight digits",
        )
    };
    let digits = text(value)?.strip_prefix('+').ok_or_else(wrong)?;
    Msisdn::parse(digits).map_err(|_| wrong())
}

pub fn email(value: &Value) -> Result<Email, Fault> {
    Email::parse(text(value)?).map_err(|error| rule("invalid_email", error.to_string()))
}

/// A person's name: 1 to 100 characters, none of them a control.
pub fn name(value: &Value) -> Result<String, Fault> {
    let text = text(value)?.trim();
    let fit = (1..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fit {
        Ok(text.to_owned())
    } else {
        Err(rule("invalid_name", "must have 1 to 100 characters"))
    }
}

/// Free text: at most 1000 characters, no NUL.
pub fn description(value: &Value) -> Result<String, Fault> {
    let text = text(value)?;
    let fit = text.chars().count() <= 1_000 && !text.contains('\0');
    if fit {
        Ok(text.to_owned())
    } else {
        Err(rule("invalid_text", "must have at most 1000 characters and no NUL"))
    }
}

/// One of a fixed set of words.
fn word<T>(value: &Value, parse: fn(&str) -> Option<T>, words: &[&str]) -> Result<T, Fault> {
    one_of(text(value)?, parse, words)
}

/// One of a fixed set of words, from any text.
pub fn one_of<T>(text: &str, parse: fn(&str) -> Option<T>, words: &[&str]) -> Result<T, Fault> {
    parse(text).ok_or_else(|| rule("invalid_value", format!("must be one of {}", words.join(", "))))
}

pub fn order_type(value: &Value) -> Result<OrderType, Fault> {
    word(value, OrderType::parse, &OrderType::ALL.map(OrderType::as_str))
}

pub fn order_status(value: &Value) -> Result<OrderStatus, Fault> {
    word(value, OrderStatus::parse, &OrderStatus::ALL.map(OrderStatus::as_str))
}

pub fn order_subtype(text: &str) -> Result<OrderSubtype, Fault> {
    one_of(text, OrderSubtype::parse, &OrderSubtype::ALL.map(OrderSubtype::as_str))
}

pub fn offer_type(value: &Value) -> Result<OfferType, Fault> {
    word(value, OfferType::parse, &OfferType::ALL.map(OfferType::as_str))
}

pub fn offer_status(value: &Value) -> Result<OfferStatus, Fault> {
    word(value, OfferStatus::parse, &OfferStatus::ALL.map(OfferStatus::as_str))
}

pub fn asset(value: &Value) -> Result<Asset, Fault> {
    word(value, Asset::parse, &Asset::ALL.map(Asset::as_str))
}

pub fn role(value: &Value) -> Result<Role, Fault> {
    word(value, Role::parse, &Role::ALL.map(Role::as_str))
}

/// `KES`, the only currency.
pub fn currency(value: &Value) -> Result<(), Fault> {
    word(value, |text| (text == "KES").then_some(()), &["KES"])
}

/// `mpesa`, the only method.
pub fn payment_method(value: &Value) -> Result<(), Fault> {
    word(value, |text| (text == "mpesa").then_some(()), &["mpesa"])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use time::macros::datetime;

    use super::*;
    use crate::dto::shown::Time;

    /// Every reader, whatever it reads.
    fn read_all(value: &Value) {
        let _told_or_not = (
            (crypto(value), crypto_or_zero(value), fiat(value), rate(value)),
            (party(value), order(value), offer(value), time(value), wallet(value)),
            (msisdn(value), international_phone(value), email(value), name(value)),
            (description(value), order_type(value), order_status(value), offer_type(value)),
            (offer_status(value), asset(value), role(value), currency(value)),
            payment_method(value),
        );
    }

    #[test]
    fn every_edge_of_time_is_read_or_refused() {
        let good = [
            ("0001-01-01T00:00:00Z", datetime!(0001-01-01 0:00 UTC)),
            ("9999-12-31T23:59:59Z", datetime!(9999-12-31 23:59:59 UTC)),
            ("9999-12-31T23:59:59+23:59", datetime!(9999-12-31 0:00:59 UTC)),
            ("2024-02-29T12:00:00-23:59", datetime!(2024-03-01 11:59 UTC)),
            ("2027-01-31t23:59:59z", datetime!(2027-01-31 23:59:59 UTC)),
            (
                "2027-01-31T23:59:59.1234567890123456Z",
                datetime!(2027-01-31 23:59:59.123_456_789 UTC),
            ),
        ];
        for (text, at) in good {
            assert_eq!(instant(text), Ok(at), "{text}");
            assert_eq!(instant(text).map(OffsetDateTime::offset), Ok(UtcOffset::UTC), "{text}");
        }
        let long = format!("2027-01-31T23:59:59.{}Z", "9".repeat(1_000_000));
        let wrong = [
            "9999-12-31T23:59:59-01:00",
            "9999-12-31T23:59:59-23:59",
            "0000-01-01T00:00:00Z",
            "0000-12-31T23:59:59Z",
            "0001-01-01T00:00:00+23:59",
            "0000-01-01T00:00:00+23:59",
            "10000-01-01T00:00:00Z",
            "-001-01-01T00:00:00Z",
            "2027-06-30T23:59:60Z",
            "2016-12-31T23:59:60Z",
            "2027-06-30T23:59:61Z",
            "2027-02-29T00:00:00Z",
            "2027-01-31T24:00:00Z",
            "2027-01-31T23:59:59",
            "2027-01-31T23:59:59+24:00",
            "2027-01-31T23:59:59.Z",
            "2027-01-31",
            "٢٠٢٧-01-31T23:59:59Z",
            "2027-01-31T23:59:5é",
            "1e9",
            "9223372036854775807",
            "",
            &long,
        ];
        for text in wrong {
            let told = instant(text).map_err(|fault| (fault.code, fault.malformed));
            assert_eq!(told, Err(("invalid_time", false)), "{}", text.get(..40).unwrap_or(text));
        }
    }

    #[test]
    fn every_edge_of_an_amount_is_read_or_refused() {
        for text in ["000000001.00", "999999999.99999999", "0.00000001"] {
            assert!(crypto(&json!(text)).is_ok(), "{text}");
        }
        let long = "9".repeat(1_000_000);
        let wrong = [
            "",
            "0",
            "0.00000000",
            "-0",
            "-1",
            "+1",
            "1e2",
            "1E-7",
            "9223372036854775807",
            "92233720368.54775807",
            "-9223372036854775808",
            "0000000001",
            "1.000000001",
            "1.",
            ".1",
            "1.1.1",
            "1_000",
            "1,000",
            "١٢",
            "1２",
            "Infinity",
            "NaN",
            " 1",
            "1\n",
            "1\0",
            &long,
            &format!("0.{long}"),
        ];
        for text in wrong {
            let told = crypto(&json!(text)).map_err(|fault| (fault.code, fault.malformed));
            assert_eq!(told, Err(("invalid_amount", false)), "{}", text.get(..40).unwrap_or(text));
            let told = fiat(&json!(text)).map_err(|fault| fault.code);
            if !["9223372036854775807", "92233720368.54775807", "0000000001"].contains(&text) {
                assert_eq!(told, Err("invalid_amount"), "{}", text.get(..40).unwrap_or(text));
            }
        }
        for number in [json!(1), json!(-1), json!(1.5), json!(i64::MAX), json!(u64::MAX)] {
            assert!(crypto(&number).is_err_and(|fault| fault.malformed), "{number}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_a_reader(text in ".*") {
            read_all(&Value::from(text));
        }

        #[test]
        fn no_number_breaks_a_reader(whole in any::<i64>(), real in any::<f64>()) {
            read_all(&json!(whole));
            read_all(&json!(real));
        }

        #[test]
        fn what_looks_like_a_time_is_read_or_refused_and_read_back_as_it_was(
            (year, month, day) in (0..=10_000_u32, 0..=13_u32, 0..=32_u32),
            (hour, minute, second) in (0..=24_u32, 0..=60_u32, 0..=61_u32),
            fraction in "(\\.[0-9]{0,12})?",
            offset in "(Z|z|[+-](0[0-9]|1[0-9]|2[0-4]):[0-6][0-9])",
        ) {
            let text = format!(
                "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{offset}"
            );
            if let Ok(at) = instant(&text) {
                let kept = domain::ports::whole_micros(at);
                let shown = serde_json::to_value(Time(kept)).expect("a string");
                prop_assert_eq!(time(&shown), Ok(kept), "{} as {}", text, shown);
            }
        }

        #[test]
        fn an_amount_that_is_read_is_read_back_as_it_was(text in "-?[0-9]{0,14}(\\.[0-9]{0,10})?") {
            let value = Value::from(text);
            if let Ok(amount) = crypto(&value) {
                prop_assert_eq!(crypto(&Value::from(amount.to_string())), Ok(amount));
            }
            if let Ok(amount) = fiat(&value) {
                prop_assert_eq!(fiat(&Value::from(amount.to_string())), Ok(amount));
            }
            if let Ok(price) = rate(&value) {
                prop_assert_eq!(rate(&Value::from(price.to_string())), Ok(price));
            }
        }
    }
}
