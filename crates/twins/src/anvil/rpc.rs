//! JSON-RPC over HTTP, as little of it as the twin needs to talk to its node.

use std::error::Error;
use std::fmt::{self, Display, Formatter};
use std::io;
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};

/// No call of a node on this machine takes so long.
const PATIENCE: Duration = Duration::from_mins(1);

/// Why a call has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// The node said no.
    Refused { code: i64, message: String },
    /// The node could not be reached, or said what it should not.
    Strange(String),
}

impl CallError {
    pub(super) fn strange(words: impl Into<String>) -> Self {
        Self::Strange(words.into())
    }
}

impl Display for CallError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { code, message } => write!(f, "the node refuses: {message} ({code})"),
            Self::Strange(words) => f.write_str(words),
        }
    }
}

impl Error for CallError {}

impl From<CallError> for io::Error {
    fn from(error: CallError) -> Self {
        Self::other(error)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Rpc {
    client: Client,
    url: String,
}

impl Rpc {
    pub(super) fn new(url: String) -> io::Result<Self> {
        let client =
            Client::builder().no_proxy().timeout(PATIENCE).build().map_err(io::Error::other)?;
        Ok(Self { client, url })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) async fn call(&self, method: &str, params: Value) -> Result<Value, CallError> {
        let asked = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let mut answer = self.post(&asked).await?;
        if let Some(error) = answer.get("error") {
            return Err(refusal(error));
        }
        let result = answer.get_mut("result").map(Value::take);
        result.ok_or_else(|| CallError::strange(format!("{method} has no result")))
    }

    /// Sends a request as it is and returns the whole answer.
    pub(super) async fn post(&self, body: &Value) -> Result<Value, CallError> {
        let sent = self.client.post(&self.url).json(body).send().await;
        let unreachable = |error: reqwest::Error| CallError::strange(format!("{error:?}"));
        sent.map_err(unreachable)?.json().await.map_err(unreachable)
    }
}

fn refusal(error: &Value) -> CallError {
    let code = error.get("code").and_then(Value::as_i64).unwrap_or_default();
    let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
    CallError::Refused { code, message: message.to_owned() }
}
