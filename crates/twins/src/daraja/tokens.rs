//! Access tokens: which were issued, and which still open the door.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Tokens {
    issued: Vec<Token>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Token {
    text: String,
    expires_at: OffsetDateTime,
}

impl Tokens {
    pub(super) fn issue(&mut self, text: &str, expires_at: OffsetDateTime, only_one: bool) {
        if only_one {
            self.issued.clear();
        }
        self.issued.push(Token { text: text.to_owned(), expires_at });
    }

    pub(super) fn is_valid(&self, text: &str, now: OffsetDateTime) -> bool {
        self.issued.iter().any(|token| token.text == text && now < token.expires_at)
    }

    pub(super) fn revoke(&mut self) {
        self.issued.clear();
    }
}
