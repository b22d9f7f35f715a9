//! Reading what varies on the wire: codes as numbers or texts, lists as arrays or single objects,
//! items without a value, amounts in any spelling. Everything here takes any JSON and never panics.

use domain::money::Fiat;
use domain::party::Msisdn;
use serde_json::Value;

/// No identifier of Daraja is nearly so long.
const LONGEST_ID: usize = 128;
/// Nor is any code or receipt.
const LONGEST_CODE: usize = 64;
const LONGEST_WORDS: usize = 200;

/// A text or number under `key`, if it is short and printable: it is going to be stored.
pub(crate) fn text(json: &Value, key: &str) -> Option<String> {
    plain(json.get(key)?)
}

/// Like [`text`], of a value; trimmed, never empty. Messages are cut, not refused.
fn plain(value: &Value) -> Option<String> {
    let raw = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!raw.is_empty()).then_some(raw)
}

/// An identifier under `key`: printable ASCII, at most 128 characters.
pub(crate) fn id(json: &Value, key: &str) -> Option<String> {
    let is_fit = |id: &String| {
        id.len() <= LONGEST_ID && id.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
    };
    text(json, key).filter(is_fit)
}

/// Whether nothing is told under `key`: what is told and unfit is another matter.
pub(crate) fn is_missing(json: &Value, key: &str) -> bool {
    match json.get(key) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(_) => false,
    }
}

/// A code under `key`: a number or a text on the wire; printable ASCII, at most 64 characters. One
/// that is not is none: with something taken away it might be another.
pub(crate) fn code(json: &Value, key: &str) -> Option<String> {
    let is_fit =
        |code: &String| code.len() <= LONGEST_CODE && code.bytes().all(|b| b.is_ascii_graphic());
    text(json, key).filter(is_fit)
}

/// A word that is compared, and so stands as it was told or not at all.
pub(crate) fn word(value: &Value) -> Option<String> {
    let is_fit = |text: &String| {
        text.chars().count() <= LONGEST_WORDS && !text.chars().any(char::is_control)
    };
    plain(value).filter(is_fit)
}

/// Words for people under `key`: no control characters, cut at 200 characters.
pub(crate) fn words(json: &Value, key: &str) -> String {
    json.get(key).map(clean).unwrap_or_default()
}

/// Like [`words`], of a value.
pub(crate) fn clean(value: &Value) -> String {
    let text = plain(value).unwrap_or_default();
    text.chars().filter(|c| !c.is_control()).take(LONGEST_WORDS).collect()
}

/// A receipt: letters and digits. Its length is not promised, but there is a limit to what is stored.
/// It is kept in capitals, as M-Pesa prints it: in any other spelling it is the same payment.
pub(crate) fn receipt(value: &Value) -> Option<String> {
    let is_receipt = |text: &String| {
        text.len() <= LONGEST_CODE && text.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    plain(value).filter(is_receipt).map(|text| text.to_ascii_uppercase())
}

/// Shillings, exactly, from `1`, `1.0`, `1.00`, `"300"` or `"190.00"`; nothing is rounded, and
/// amounts with a tenth of a cent, a sign or an exponent are none.
pub(crate) fn fiat(value: &Value) -> Option<Fiat> {
    let text = plain(value)?;
    let short = match text.split_once('.') {
        Some((whole, places)) => match places.trim_end_matches('0') {
            "" if !places.is_empty() => whole.to_owned(),
            places => format!("{whole}.{places}"),
        },
        None => text,
    };
    Fiat::parse(&short).ok()
}

/// Like [`fiat`], and more than zero.
pub(crate) fn paid(value: &Value) -> Option<Fiat> {
    fiat(value).filter(|amount| !amount.is_zero())
}

/// A phone that is written in full, in any of the usual spellings: `254…`, `+254…`, `00254…`, `07…` or
/// `7…`, with spaces or hyphens between. A masked one is none: it may be anybody's.
pub(crate) fn phone(value: &Value) -> Option<Msisdn> {
    in_full(&plain(value)?)
}

/// The phone in `<phone> - <name>`, in the same spellings.
pub(crate) fn named_phone(value: &Value) -> Option<Msisdn> {
    let text = plain(value)?;
    let head = text.split_once(" - ").map_or(text.as_str(), |(head, _)| head);
    let end = head.find(|c: char| c.is_alphabetic()).unwrap_or(head.len());
    in_full(head.get(..end)?.trim_end_matches('-'))
}

fn in_full(text: &str) -> Option<Msisdn> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let digits = digits.strip_prefix('+').or_else(|| digits.strip_prefix("00")).unwrap_or(&digits);
    let local = digits.strip_prefix('0').unwrap_or(digits);
    Msisdn::parse(digits).or_else(|_| Msisdn::parse(&format!("254{local}"))).ok()
}

/// The items of a list, found by name: their number and order vary, and some have no value.
pub(crate) struct Items<'a>(Vec<(&'a str, &'a Value)>);

impl<'a> Items<'a> {
    /// The items of `json`'s `list`: an array, a single item, or nothing.
    pub(crate) fn read(json: Option<&'a Value>, list: &str) -> Self {
        let entries = match json.and_then(|json| json.get(list)) {
            Some(Value::Array(entries)) => entries.iter().collect(),
            Some(entry) => vec![entry],
            None => vec![],
        };
        Self(entries.into_iter().filter_map(item).collect())
    }

    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &'a Value> {
        self.0.iter().filter(move |(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// The one value of this name; none when it is told twice and differently.
    pub(crate) fn one(&self, name: &str) -> Option<&'a Value> {
        let mut values = self.all(name);
        let first = values.next()?;
        values.all(|value| value == first).then_some(first)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }
}

fn item(entry: &Value) -> Option<(&str, &Value)> {
    let name = entry.get("Name").or_else(|| entry.get("Key"))?.as_str()?;
    let value = entry.get("Value").filter(|value| !value.is_null())?;
    Some((name.trim(), value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cents(value: &Value) -> Option<i64> {
        fiat(value).map(Fiat::minor)
    }

    #[test]
    fn amounts_are_exact_or_none() {
        for (text, expected) in [
            ("1", 100),
            ("1.0", 100),
            ("1.00", 100),
            ("10500.5", 1_050_050),
            ("\"300\"", 30_000),
            ("\" 190.00 \"", 19_000),
            ("\"190.000\"", 19_000),
            ("8959269.60", 895_926_960),
            ("0", 0),
        ] {
            let value: Value = serde_json::from_str(text).expect("JSON");
            assert_eq!(cents(&value), Some(expected), "{text}");
        }
        for wrong in ["-1", "1e21", "1.001", "\"1,000\"", "\"\"", "\"1.\"", "\".5\"", "null", "[]"]
        {
            let value: Value = serde_json::from_str(wrong).expect("JSON");
            assert_eq!(cents(&value), None, "{wrong}");
        }
        assert_eq!(paid(&json!(0)), None);
    }

    #[test]
    fn items_are_found_by_name_in_arrays_and_single_objects() {
        let list =
            json!({"L": [{"Name": "A", "Value": 1}, {"Key": "B"}, {"Name": "A", "Value": 1}]});
        let items = Items::read(Some(&list), "L");
        assert_eq!(items.one("A"), Some(&json!(1)));
        assert_eq!(items.one("B"), None);
        let single = json!({"L": {"Key": "C", "Value": "x"}});
        assert!(Items::read(Some(&single), "L").has("C"));
        let torn = json!({"L": [{"Name": "A", "Value": 1}, {"Name": "A", "Value": 2}]});
        assert_eq!(Items::read(Some(&torn), "L").one("A"), None);
        assert!(!Items::read(None, "L").has("A"));
    }

    #[test]
    fn what_is_stored_is_short_and_printable() {
        assert_eq!(id(&json!({"a": "x\u{0}y"}), "a"), None);
        assert_eq!(id(&json!({"a": "x".repeat(129)}), "a"), None);
        assert_eq!(code(&json!({"a": 0}), "a").as_deref(), Some("0"));
        assert_eq!(code(&json!({"a": " SFC_IC0003 "}), "a").as_deref(), Some("SFC_IC0003"));
        for unfit in ["0\u{0}", "\u{7}0", "0 0", "0é", &"0".repeat(65)] {
            assert_eq!(code(&json!({"a": unfit}), "a"), None, "{unfit:?}");
        }
        assert_eq!(receipt(&json!("SG6-32")), None);
        assert_eq!(receipt(&json!("S".repeat(64))), Some("S".repeat(64)));
        assert_eq!(receipt(&json!("S".repeat(65))), None);
        assert_eq!(word(&json!(" Completed ")).as_deref(), Some("Completed"));
        assert_eq!(word(&json!("Comple\u{0}ted")), None);
        assert_eq!(word(&json!("x".repeat(201))), None);
        assert_eq!(words(&json!({"a": "b\u{7}c"}), "a"), "bc");
    }

    #[test]
    fn the_same_phone_in_another_spelling_is_the_same() {
        let jane = Msisdn::parse("254722334455").ok();
        assert!(jane.is_some());
        for spelling in [
            "254722334455",
            "+254722334455",
            "00254722334455",
            "0722334455",
            "722334455",
            "+254 722 334455",
            "0722-334-455",
        ] {
            assert_eq!(phone(&json!(spelling)), jane, "{spelling}");
            for name in [" - JANE DOE", " - 4U SHOP 2", "-JANE", " JANE DOE", ""] {
                let named = format!("{spelling}{name}");
                assert_eq!(named_phone(&json!(named)), jane, "{named}");
            }
        }
        assert_eq!(phone(&json!(254_722_334_455_u64)), jane);
        assert_eq!(phone(&json!(722_334_455_u64)), jane);
    }

    #[test]
    fn a_phone_that_is_not_written_in_full_is_none() {
        for unreadable in [
            "2547***455",
            "2547 ***** 455",
            "2547***455 - JANE DOE",
            "600310 - Safaricom333",
            "JANE DOE",
            "",
            "25472233445",
            "2547223344556",
            "254222334455",
            "6f1ed002ab5595859014ebf0951522d9",
        ] {
            assert_eq!(named_phone(&json!(unreadable)), None, "{unreadable}");
            assert_eq!(phone(&json!(unreadable)), None, "{unreadable}");
        }
    }

    #[test]
    fn a_receipt_is_the_same_in_small_letters() {
        assert_eq!(receipt(&json!("nlj7rt61sv")).as_deref(), Some("NLJ7RT61SV"));
    }
}
