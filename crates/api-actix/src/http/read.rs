//! Readers: one per kind of value that requests carry. A JSON value of the wrong type is malformed;
//! a text that says something impossible is against a rule.

use domain::ids::{OfferId, OrderId, PartyId};
use domain::money::{Crypto, Fiat, MoneyError};
use domain::offer::{Asset, OfferStatus, OfferType};
use domain::order::{OrderStatus, OrderType};
use domain::party::{Email, Msisdn, Role};
use domain::rate::Rate;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
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

/// RFC 3339, from any text.
pub fn instant(text: &str) -> Result<OffsetDateTime, Fault> {
    let wrong =
        || rule("invalid_time", "must be an RFC 3339 time such as \"2027-01-31T23:59:59Z\"");
    OffsetDateTime::parse(text, &Rfc3339).map_err(|_| wrong())
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
