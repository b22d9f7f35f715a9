//! Making the gateway's words fit for logs and operators: it echoes tokens and phones.

/// The longest message that is kept, in characters.
const LONGEST: usize = 200;
/// A run of so many digits may be a phone.
const DIGITS: usize = 9;
/// A run of so many letters and digits may be a token or a key; ids are grouped more finely.
const MIXED: usize = 20;
/// No word of Daraja is this long.
const WORD: usize = 25;
const MASK: &str = "•••";

/// A message without what looks like a phone, a token or a key, on one line, at most 200 characters.
pub(crate) fn message(text: &str) -> String {
    let text = without_echoed_token(text);
    let mut clean = String::new();
    let mut run = String::new();
    // Capped before the work: the text is the other side's.
    for c in text.chars().take(4 * LONGEST) {
        if c.is_ascii_alphanumeric() {
            run.push(c);
        } else {
            clean.push_str(&masked(&run));
            run.clear();
            clean.push(if c.is_control() { ' ' } else { c });
        }
    }
    clean.push_str(&masked(&run));
    clean.chars().take(LONGEST).collect()
}

/// An identifier as it stands in logs: short, printable, and with no phone in it.
pub(crate) fn identifier(text: &str) -> String {
    let printable = text.chars().filter(char::is_ascii_graphic).take(64);
    let mut clean = String::new();
    let mut digits = String::new();
    for c in printable {
        if c.is_ascii_digit() {
            digits.push(c);
        } else {
            clean.push_str(if digits.len() >= DIGITS { MASK } else { &digits });
            digits.clear();
            clean.push(c);
        }
    }
    clean.push_str(if digits.len() >= DIGITS { MASK } else { &digits });
    clean
}

/// `401.002.01` repeats the token after these words.
fn without_echoed_token(text: &str) -> &str {
    let lowered = text.to_ascii_lowercase();
    let words = "invalid access token";
    match lowered.find(words) {
        Some(start) => text.get(..start + words.len()).unwrap_or_default(),
        None => text,
    }
}

fn masked(run: &str) -> String {
    let has_digit = run.bytes().any(|b| b.is_ascii_digit());
    if run.len() >= WORD || (run.len() >= MIXED && has_digit) || longest_number(run) >= DIGITS {
        MASK.to_owned()
    } else {
        run.to_owned()
    }
}

fn longest_number(run: &str) -> usize {
    run.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_phones_and_keys_are_masked() {
        let echoed = "Error Occurred - Invalid Access Token - c9SQxWWhmdVRlyh0zh8gZDTkubVF";
        assert_eq!(message(echoed), "Error Occurred - Invalid Access Token");
        assert_eq!(message("party 254708374149 is wrong"), "party ••• is wrong");
        assert_eq!(message("key c9SQxWWhmdVRlyh0zh8gZDTkubVF!"), "key •••!");
        assert_eq!(message(&"x".repeat(900)), MASK);
    }

    #[test]
    fn plain_words_stay_as_they_are() {
        for words in [
            "Duplicate OriginatorConversationID.",
            "policies.ratelimit.SpikeArrestViolation",
            "Bad Request - Invalid BusinessShortCode",
        ] {
            assert_eq!(message(words), words);
        }
        assert_eq!(message(&"word ".repeat(100)).chars().count(), LONGEST);
        assert_eq!(message("two\r\nlines"), "two  lines");
    }

    #[test]
    fn identifiers_keep_their_form_but_no_phone() {
        assert_eq!(identifier("30764-19833054-1"), "30764-19833054-1");
        let id = "1c5b-4ba8-815c-ac45c57a3db01495926";
        assert_eq!(identifier(id), id);
        assert_eq!(identifier("ws_CO_20022018230142206"), "ws_CO_•••");
    }
}
