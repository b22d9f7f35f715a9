//! One exchange with one node. Whatever is no whole answer is an absence; nothing is concluded from
//! it. Which node is asked, and what its answers mean, is not decided here.

use std::time::Instant;

use alloy::primitives::hex;
use domain::ports::SourceError;
use reqwest::Client;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::answers::clip;
use super::config::{ConfigError, TronConfig};
use crate::address::owner::Owner;
use crate::http::{self, Lost};
use crate::pace::Pace;

const API_KEY: HeaderName = HeaderName::from_static("tron-pro-api-key");

const FORBIDDEN: &str = "HTTP 403";
const TOO_MANY: &str = "HTTP 429";
const UNAVAILABLE: &str = "HTTP 503";

/// Providers say by each of these that a key asks too often.
fn is_too_fast(how: &&str) -> bool {
    [FORBIDDEN, TOO_MANY, UNAVAILABLE].contains(how)
}

/// What is known of a question.
pub(crate) type Answer<T> = Result<T, SourceError>;

pub(crate) struct Node {
    /// Its place in the settings: URLs may hold secrets.
    place: usize,
    base_url: String,
    client: Client,
    key: Option<HeaderValue>,
    pace: Pace,
    network: Expected,
}

/// The network that a node must be of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected {
    pub(crate) chain_id: u32,
    pub(crate) usdt: Owner,
}

impl Node {
    pub(crate) fn try_all(config: &TronConfig) -> Result<Vec<Self>, ConfigError> {
        let client = http::client(config.timeouts).ok_or(ConfigError::Client)?;
        let key = key(config)?;
        let network = Expected { chain_id: config.chain_id, usdt: config.usdt_owner()? };
        let node = |(place, url): (usize, &String)| Self {
            place,
            base_url: url.trim_end_matches('/').to_owned(),
            client: client.clone(),
            key: key.clone(),
            pace: Pace::new(config.requests_per_second),
            network,
        };
        Ok(config.nodes.iter().enumerate().map(node).collect())
    }

    pub(crate) fn place(&self) -> usize {
        self.place
    }

    pub(crate) fn network(&self) -> Expected {
        self.network
    }

    /// Asks once, when it is this question's turn, for an object.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Answer<T> {
        let whole = self.whole(path, body).await?;
        self.parse(path, &whole, b'{')
    }

    /// The same for a list.
    pub(crate) async fn ask_list<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &Value,
    ) -> Answer<Vec<T>> {
        let whole = self.whole(path, body).await?;
        self.parse(path, &whole, b'[')
    }

    async fn whole(&self, path: &str, body: &Value) -> Answer<Vec<u8>> {
        self.pace.turn(1).await;
        let answer = self.exchange(path, body).await;
        if answer.as_ref().is_err_and(is_too_fast) {
            self.pace.too_fast(Instant::now());
        }
        let whole = answer.map_err(|how| self.away(path, how))?;
        if let Some(words) = refusal(&whole) {
            return Err(self.away(path, &words));
        }
        self.pace.went_well(Instant::now());
        Ok(whole)
    }

    /// serde takes a list for an object whose fields are not named: the first sign must fit, too.
    fn parse<T: DeserializeOwned>(&self, path: &str, whole: &[u8], first: u8) -> Answer<T> {
        let is_fitting = whole.trim_ascii_start().first() == Some(&first);
        // The words of serde may repeat the answer, which may be anything.
        let parsed = serde_json::from_slice(whole).ok().filter(|_| is_fitting);
        parsed.ok_or_else(|| self.away(path, "the answer cannot be read"))
    }

    /// About a transaction: the same question at several paths.
    pub(crate) async fn ask_by_id<T: DeserializeOwned>(&self, path: &str, id: &[u8]) -> Answer<T> {
        self.ask(path, &json!({ "value": hex::encode(id) })).await
    }

    pub(crate) fn away(&self, path: &str, how: &str) -> SourceError {
        SourceError::Away(format!("node {}, {path}: {how}", self.place))
    }

    pub(crate) fn contradiction(&self, what: &str) -> SourceError {
        SourceError::Contradiction(format!("node {}: {what}", self.place))
    }

    async fn exchange(&self, path: &str, body: &Value) -> Result<Vec<u8>, &'static str> {
        let url = format!("{}/{path}", self.base_url);
        let mut request = self.client.post(url).header(CONTENT_TYPE, "application/json");
        if let Some(key) = &self.key {
            request = request.header(API_KEY, key.clone());
        }
        let response = request.body(body.to_string()).send().await;
        let response = response.map_err(|error| Lost::from(error).words())?;
        match response.status().as_u16() {
            200 => http::read(response).await.map_err(Lost::words),
            403 => Err(FORBIDDEN),
            429 => Err(TOO_MANY),
            503 => Err(UNAVAILABLE),
            _ => Err("an HTTP status that is not 200"),
        }
    }
}

fn key(config: &TronConfig) -> Result<Option<HeaderValue>, ConfigError> {
    let Some(key) = &config.api_key else { return Ok(None) };
    let mut value = HeaderValue::from_str(key.expose_secret()).map_err(|_| ConfigError::ApiKey)?;
    value.set_sensitive(true);
    Ok(Some(value))
}

/// Nodes say that they cannot answer with status 200 and this key, whatever was asked.
fn refusal(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Refusal {
        #[serde(rename = "Error")]
        error: Option<Value>,
    }
    if body.trim_ascii_start().first() != Some(&b'{') {
        return None;
    }
    let error = serde_json::from_slice::<Refusal>(body).ok()?.error?;
    Some(clip(error.as_str().unwrap_or("an error without words")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_seen_before_what_was_asked_for() {
        let busy =
            r#"{"Error":"class java.lang.IllegalAccessException : lack of computing resources"}"#;
        let limit = r#"{"Success":false,"Error":"The key exceeds the frequency limit(15), and the query server is suspended for 30s","StatusCode":403}"#;
        assert!(refusal(busy.as_bytes()).is_some_and(|words| words.ends_with("resources")));
        assert!(refusal(limit.as_bytes()).is_some_and(|words| words.contains("frequency limit")));
        for fine in ["{}", "[]", r#"[{"id":"00"}]"#, r#"{"block":[]}"#, "<html>", ""] {
            assert_eq!(refusal(fine.as_bytes()), None, "{fine}");
        }
    }
}
