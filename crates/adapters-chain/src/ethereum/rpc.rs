//! One exchange of JSON-RPC with one node, single or in a batch, and why it gave no result. Nothing is
//! asked twice and no redirect is followed; what is asked, and what an answer means, is not known here.

use std::fmt;
use std::time::Instant;

use reqwest::Client;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::config::{ConfigError, EthereumConfig};
use crate::http::{self, Lost};
use crate::pace::Pace;

/// Of a node's words.
const LONGEST_MESSAGE: usize = 200;
pub(super) const UNREADABLE: &str = "its answer is no JSON-RPC";
pub(super) const NOT_EACH: &str = "it did not answer each call of a batch";

/// Why a call has no result. The words name no URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum RpcError {
    /// No answer, or none that can be read. The call may have been carried out.
    #[error("{0}")]
    Away(&'static str),
    /// Nothing came in time. The call may have been carried out.
    #[error("no answer in time")]
    Late,
    /// The answer is longer than we read.
    #[error("the answer is too long")]
    TooLong,
    /// An HTTP error, and what the node says of it, if anything. Words beside such a status are of
    /// whatever stands before the node: they hint at what is too much, and prove nothing.
    #[error("it answers with the HTTP status {status}{}", .words.as_ref().map(|words| format!(": {words}")).unwrap_or_default())]
    Status { status: u16, words: Option<String> },
    /// The node says no.
    #[error("{message} ({code})")]
    Refused { code: i64, message: String },
}

/// The connection to one node.
pub(super) struct Rpc {
    client: Client,
    url: String,
    pace: Pace,
}

/// A node's URL may carry a key.
impl fmt::Debug for Rpc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rpc").finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Reply {
    id: Option<u64>,
    #[serde(default, deserialize_with = "present")]
    result: Option<Box<RawValue>>,
    error: Option<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    #[serde(default)]
    code: i64,
    #[serde(default)]
    message: String,
}

/// A result of `null` is one; none at all is not.
fn present<'de, D: Deserializer<'de>>(result: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::<RawValue>::deserialize(result).map(Some)
}

impl Rpc {
    /// `place` is the node's in the configuration, for the words of an error.
    pub(super) fn try_new(place: usize, config: &EthereumConfig) -> Result<Self, ConfigError> {
        let url = config.nodes.get(place).cloned().unwrap_or_default();
        let scheme = reqwest::Url::parse(&url).map(|url| url.scheme().to_owned());
        if !scheme.is_ok_and(|scheme| ["http", "https"].contains(&scheme.as_str())) {
            return Err(ConfigError::NodeUrl(place));
        }
        let client = http::client(config.timeouts).ok_or(ConfigError::Client)?;
        Ok(Self { client, url, pace: Pace::new(config.requests_per_second) })
    }

    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        method: &'static str,
        params: Value,
    ) -> Result<T, RpcError> {
        let body = request(0, method, &params);
        let reply: Reply = self.exchange(method, 1, &body).await?;
        self.heed(reply.read())
    }

    /// Several calls of one method in one request. The results are in the order of the calls.
    pub(super) async fn batch<T: DeserializeOwned>(
        &self,
        method: &'static str,
        params: &[Value],
    ) -> Result<Vec<Result<T, RpcError>>, RpcError> {
        let count = params.len();
        if count == 0 {
            return Ok(vec![]);
        }
        let calls = (0_u64..).zip(params).map(|(id, params)| request(id, method, params));
        let body = Value::Array(calls.collect());
        let replies: Vec<Reply> = self.exchange(method, count, &body).await?;
        let replies = in_order(replies, count)?;
        Ok(replies.into_iter().map(|reply| self.heed(reply)).collect())
    }

    /// A refusal beside status 200 says, too, that we ask too often.
    fn heed<T>(&self, answer: Result<T, RpcError>) -> Result<T, RpcError> {
        if answer.as_ref().is_err_and(RpcError::is_too_fast) {
            self.pace.too_fast(Instant::now());
        }
        answer
    }

    async fn exchange<T: DeserializeOwned>(
        &self,
        method: &'static str,
        calls: usize,
        body: &Value,
    ) -> Result<T, RpcError> {
        self.pace.turn(calls).await;
        let started = Instant::now();
        let answer = self.post(body).await;
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let problem = answer.as_ref().err().map(ToString::to_string);
        tracing::debug!(method, calls, millis, problem, "asked an Ethereum node");
        let answer = answer.and_then(|answer| parse(&answer));
        match &answer {
            Err(error) if error.is_too_fast() => self.pace.too_fast(Instant::now()),
            Err(_) => {}
            Ok(_) => self.pace.went_well(Instant::now()),
        }
        answer
    }

    async fn post(&self, body: &Value) -> Result<Vec<u8>, RpcError> {
        let response = self.client.post(&self.url).json(body).send().await.map_err(Lost::from)?;
        let status = response.status();
        let is_lost = status.is_server_error() || status.is_redirection();
        if !is_lost && ![413, 429].contains(&status.as_u16()) {
            let body = http::read(response).await?;
            let is_json = status.is_success() || refusal(&body).is_some();
            let unread = RpcError::Status { status: status.as_u16(), words: None };
            return if is_json { Ok(body) } else { Err(unread) };
        }
        let body = http::read(response).await.unwrap_or_default();
        Err(RpcError::Status { status: status.as_u16(), words: refusal(&body) })
    }
}

/// The words of an error in a single reply, or in the first of several.
fn refusal(body: &[u8]) -> Option<String> {
    let one = serde_json::from_slice::<Reply>(body).ok();
    let first = || serde_json::from_slice::<Vec<Reply>>(body).ok()?.into_iter().next();
    let fault = one.or_else(first)?.error?;
    let RpcError::Refused { message, .. } = fault.into() else { return None };
    Some(message)
}

fn request(id: u64, method: &'static str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

impl From<Lost> for RpcError {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::TooLong => Self::TooLong,
            Lost::Late => Self::Late,
            Lost::Unconnected | Lost::Broken => Self::Away(lost.words()),
        }
    }
}

/// A node that takes no batch answers with a single refusal.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, RpcError> {
    serde_json::from_slice(body).map_err(|_| match serde_json::from_slice::<Reply>(body) {
        Ok(Reply { error: Some(fault), .. }) => fault.into(),
        Ok(_) | Err(_) => RpcError::Away(UNREADABLE),
    })
}

/// A batch may be answered in any order, but each call once.
fn in_order<T: DeserializeOwned>(
    mut replies: Vec<Reply>,
    count: usize,
) -> Result<Vec<Result<T, RpcError>>, RpcError> {
    replies.sort_by_key(|reply| reply.id);
    let is_whole = (0_u64..).zip(&replies).all(|(id, reply)| reply.id == Some(id));
    if replies.len() != count || !is_whole {
        return Err(RpcError::Away(NOT_EACH));
    }
    Ok(replies.into_iter().map(Reply::read).collect())
}

impl Reply {
    fn read<T: DeserializeOwned>(self) -> Result<T, RpcError> {
        match (self.error, self.result) {
            (Some(fault), _) => Err(fault.into()),
            (None, None) => Err(RpcError::Away("its answer has no result")),
            (None, Some(result)) => serde_json::from_str(result.get())
                .map_err(|_| RpcError::Away("its result cannot be read")),
        }
    }
}

impl From<Fault> for RpcError {
    fn from(fault: Fault) -> Self {
        let words = fault.message.chars().filter(|letter| !letter.is_control());
        Self::Refused { code: fault.code, message: words.take(LONGEST_MESSAGE).collect() }
    }
}
