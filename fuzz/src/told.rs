//! What all texts must be that go on to the database, the logs and people; and a second reading of
//! codes, simpler than the adapter's.

use serde_json::Value;

pub(crate) const LONGEST_CODE: usize = 64;
pub(crate) const LONGEST_ID: usize = 128;
pub(crate) const LONGEST_WORDS: usize = 200;

/// Without control characters, of which `PostgreSQL` refuses NUL, and not too long.
pub(crate) fn check_text(what: &str, text: &str, longest: usize) {
    assert!(!text.chars().any(char::is_control), "{what} has control characters: {text:?}");
    assert!(text.chars().count() <= longest, "{what} is too long: {text:?}");
}

/// Like [`check_text`], for what must not be empty.
pub(crate) fn check_filled(what: &str, text: &str, longest: usize) {
    check_text(what, text, longest);
    assert!(!text.trim().is_empty(), "{what} is empty");
}

/// A receipt is looked up and shown: capital letters and digits.
pub(crate) fn check_receipt(receipt: &str) {
    check_filled("a receipt", receipt, LONGEST_CODE);
    assert!(
        receipt.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()),
        "no receipt: {receipt:?}"
    );
}

/// Whether a field says `wanted`: as a number or as a text, with blanks around it or none.
pub(crate) fn says(field: Option<&Value>, wanted: &str) -> bool {
    match field {
        Some(Value::String(text)) => text.trim().eq_ignore_ascii_case(wanted),
        Some(Value::Number(number)) => number.to_string() == wanted,
        _ => false,
    }
}

/// Whether the text is free of what may be a phone.
pub(crate) fn check_no_phone(what: &str, text: &str) {
    let longest = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
    assert!(longest.is_none_or(|digits| digits < 9), "{what} repeats a number: {text:?}");
}
