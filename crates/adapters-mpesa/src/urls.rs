//! Where the rail calls us back, by Daraja's rules for such URLs: lower case, and none of a list of
//! words anywhere. Who may knock there is the edge's to check.

use domain::rail::{CallbackToken, Hook};

use crate::config::ConfigError;

/// Words that make the gateway refuse a callback URL, in any case.
const BANNED: [&str; 7] = ["mpesa", "m-pesa", "safaricom", "exe", "cmd", "sql", "query"];

/// `{base}/hooks/{letter}/{token}`: the token is the only secret that a callback carries.
pub(crate) fn callback(base: &str, hook: Hook, token: &CallbackToken) -> String {
    format!("{}/hooks/{}/{}", base.trim_end_matches('/'), hook.letter(), token.as_str())
}

pub(crate) fn check_callback_base(base: &str) -> Result<(), ConfigError> {
    let lowered = base.to_lowercase();
    if let Some(word) = BANNED.into_iter().find(|word| lowered.contains(word)) {
        return Err(ConfigError::BannedWord(word));
    }
    let rest = after_scheme(base).ok_or(ConfigError::CallbackBase)?;
    let mut segments = rest.trim_end_matches('/').split('/');
    let host = segments.next().unwrap_or_default();
    let plain = |segment: &str| !segment.is_empty() && segment.bytes().all(is_plain);
    if is_host(host) && segments.all(plain) { Ok(()) } else { Err(ConfigError::CallbackBase) }
}

/// Scheme and host, and no path: paths are ours to add.
pub(crate) fn is_origin(text: &str) -> bool {
    after_scheme(text).is_some_and(|rest| is_host(rest.trim_end_matches('/')))
}

fn after_scheme(text: &str) -> Option<&str> {
    text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))
}

fn is_host(text: &str) -> bool {
    let (name, port) = text.split_once(':').unwrap_or((text, "443"));
    let is_name = !name.is_empty() && name.bytes().all(|b| is_plain(b) || b == b'.');
    is_name && port.parse::<u16>().is_ok_and(|port| port > 0)
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_url_of_ours_holds_a_word_that_daraja_refuses() {
        for seed in 0..2_000_u64 {
            let token = CallbackToken::mint(|| seed);
            for hook in Hook::ALL {
                let url = callback("https://pay.example.co.ke/", hook, &token);
                let banned = BANNED.iter().chain(&["exec"]).find(|word| url.contains(*word));
                assert_eq!(banned, None, "{url}");
                assert_eq!(url, url.to_lowercase());
                assert!(!url.contains("//hooks"));
            }
        }
    }

    #[test]
    fn a_callback_base_must_pass_darajas_rules() {
        for right in ["https://pay.example.co.ke", "http://127.0.0.1:8080/", "https://a.b/x-1"] {
            assert_eq!(check_callback_base(right), Ok(()), "{right}");
        }
        for wrong in ["", "pay.example", "https://", "https://Pay.example", "https://a.b/x?y=1"] {
            assert_eq!(check_callback_base(wrong), Err(ConfigError::CallbackBase), "{wrong}");
        }
        for (wrong, word) in [("https://a.b/M-Pesa", "m-pesa"), ("https://mysql.b", "sql")] {
            assert_eq!(check_callback_base(wrong), Err(ConfigError::BannedWord(word)));
        }
    }

    #[test]
    fn an_origin_has_no_path() {
        for right in ["https://api.safaricom.co.ke", "http://127.0.0.1:1/", "http://localhost"] {
            assert!(is_origin(right), "{right}");
        }
        for wrong in ["api.safaricom.co.ke", "https://a/b", "ftp://a", "https://a:0", "https://u@a"]
        {
            assert!(!is_origin(wrong), "{wrong}");
        }
    }
}
