//! The requests that came in, and the beginnings of what was answered.

use super::endpoint::Endpoint;

/// More would only fill the memory.
const LONGEST: usize = 2_000;
pub(super) const MOST: usize = 20_000;

/// A request and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// By the chain's clock, in milliseconds.
    pub at_ms: i64,
    pub node: usize,
    pub endpoint: Endpoint,
    pub path: String,
    pub request: String,
    /// `None`: there was no answer.
    pub status: Option<u16>,
    /// Its first 2000 bytes or so.
    pub answer: String,
}

/// The beginning of a text.
pub(super) fn beginning(text: &str) -> String {
    text.char_indices().take_while(|(at, _)| *at < LONGEST).map(|(_, letter)| letter).collect()
}
