//! The HTTP client that nodes are asked with: nothing is asked twice behind our back, no redirect is
//! followed, and no answer is read without end. What is asked, and what it means, is each adapter's.

use std::time::Duration;

use reqwest::{Client, Response, redirect, retry};

/// A hundred full blocks, or their logs, are far less.
const LONGEST_ANSWER: usize = 64 * 1024 * 1024;

/// How long a node is waited for, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    pub connect: u64,
    /// From the first byte of a question to the last of its answer.
    pub answer: u64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: 5_000, answer: 20_000 }
    }
}

/// Why there is no whole answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    Unconnected,
    Late,
    Broken,
    TooLong,
}

impl Lost {
    /// They name no URL.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Unconnected => "no connection",
            Self::Late => "no answer in time",
            Self::Broken => "the connection broke before the end of an answer",
            Self::TooLong => "the answer is too long",
        }
    }
}

impl From<reqwest::Error> for Lost {
    fn from(error: reqwest::Error) -> Self {
        match error {
            _ if error.is_connect() => Self::Unconnected,
            _ if error.is_timeout() => Self::Late,
            _ => Self::Broken,
        }
    }
}

/// `None` where no TLS client can be made.
pub(crate) fn client(timeouts: Timeouts) -> Option<Client> {
    let client = Client::builder()
        .retry(retry::never())
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(Duration::from_millis(timeouts.connect))
        .timeout(Duration::from_millis(timeouts.answer))
        .user_agent("kivuko");
    client.build().ok()
}

/// The whole body.
pub(crate) async fn read(mut response: Response) -> Result<Vec<u8>, Lost> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len().saturating_add(chunk.len()) > LONGEST_ANSWER {
            return Err(Lost::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
