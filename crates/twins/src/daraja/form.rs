//! The fields of a request's body, read as leniently as Daraja does: numbers may be strings.

use std::net::IpAddr;

use reqwest::Url;
use serde_json::{Map, Value};

use super::call::Refusal;
use super::options::Rules;

/// Words that Daraja refuses anywhere in a callback URL.
const BANNED: [&str; 8] = ["mpesa", "m-pesa", "safaricom", "exe", "exec", "cmd", "sql", "query"];

#[derive(Debug)]
pub(super) struct Form(Map<String, Value>);

impl Form {
    pub(super) fn parse(body: &str) -> Result<Self, Refusal> {
        match serde_json::from_str(body) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            _ => Err(Refusal::new(400, "400.002.05", "Invalid Request Payload")),
        }
    }

    /// A field that is there and not empty; a number is taken as its digits.
    pub(super) fn optional(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    pub(super) fn text(&self, name: &str) -> Result<String, Refusal> {
        self.optional(name).ok_or_else(|| Refusal::invalid(name))
    }

    /// Text of `2..=100` characters, as `Remarks` must be.
    pub(super) fn remarks(&self) -> Result<String, Refusal> {
        let remarks = self.text("Remarks")?;
        let is_fitting = (2..=100).contains(&remarks.chars().count());
        if is_fitting { Ok(remarks) } else { Err(Refusal::invalid("Remarks")) }
    }

    pub(super) fn optional_up_to(&self, name: &str, longest: usize) -> Result<(), Refusal> {
        let is_too_long = self.optional(name).is_some_and(|value| value.chars().count() > longest);
        if is_too_long { Err(Refusal::invalid(name)) } else { Ok(()) }
    }

    /// One of the given words.
    pub(super) fn word(&self, name: &str, words: &[&str]) -> Result<String, Refusal> {
        let word = self.text(name)?;
        if words.contains(&word.as_str()) { Ok(word) } else { Err(Refusal::invalid(name)) }
    }

    /// A whole number; `100.0` is none.
    pub(super) fn integer(&self, name: &str) -> Result<u64, Refusal> {
        self.text(name)?.parse().map_err(|_| Refusal::invalid(name))
    }

    /// Whole shillings as cents.
    pub(super) fn amount_cents(&self) -> Result<i64, Refusal> {
        let shillings = self.integer("Amount")?;
        let cents = i64::try_from(shillings).ok().and_then(|value| value.checked_mul(100));
        cents.ok_or_else(|| Refusal::invalid("Amount"))
    }

    /// A Kenyan mobile number: `254`, then 7 or 1, then eight digits.
    pub(super) fn msisdn(&self, name: &str) -> Result<String, Refusal> {
        let number = self.text(name)?;
        if is_msisdn(&number) { Ok(number) } else { Err(Refusal::invalid(name)) }
    }

    /// A URL that the twin may post to: Daraja's rules, and loopback only.
    pub(super) fn url(&self, name: &str, rules: &Rules) -> Result<String, Refusal> {
        let url = self.text(name)?;
        let is_written_right = !rules.refuse_uppercase_urls || url == url.to_lowercase();
        let lowered = url.to_lowercase();
        let is_clean = !BANNED.iter().any(|word| lowered.contains(word));
        if is_written_right && is_clean && is_loopback(&url) {
            Ok(url)
        } else {
            Err(Refusal::invalid(name))
        }
    }
}

pub(super) fn is_msisdn(number: &str) -> bool {
    let is_mobile = number.starts_with("2547") || number.starts_with("2541");
    is_mobile && number.len() == 12 && number.bytes().all(|digit| digit.is_ascii_digit())
}

fn is_loopback(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    is_here && matches!(url.scheme(), "http" | "https")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callbacks_go_to_loopback_only() {
        for url in ["http://127.0.0.1:8/cb", "https://localhost/cb", "http://[::1]:9/cb"] {
            assert!(is_loopback(url), "{url}");
        }
        for url in ["http://10.0.0.1/cb", "http://127.0.0.1.example.org/", "ftp://127.0.0.1/", "x"]
        {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
