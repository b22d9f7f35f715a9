//! One HTTP exchange and what is known of it afterwards. Money goes through here: there is one
//! connection per request, nothing is sent twice, and no redirect is followed.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response, redirect, retry};
use secrecy::{ExposeSecret as _, SecretString};

use crate::classify::Answer;
use crate::config::{ConfigError, MpesaConfig, Timeouts};
use crate::endpoint::Endpoint;

/// More than any answer of Daraja needs; a page of a statement holds a hundred rows.
const LONGEST_ANSWER: usize = 64 * 1024;

/// How an exchange ended. The words name no host, no header and no body.
pub(crate) enum Reply {
    Answer(Answer),
    /// No byte of the request left us.
    NotSent(&'static str),
    /// It may have arrived.
    NoAnswer(&'static str),
}

pub(crate) struct Transport {
    client: Client,
    base_url: String,
    timeouts: Timeouts,
}

impl Transport {
    pub(crate) fn try_new(config: &MpesaConfig) -> Result<Self, ConfigError> {
        // Every line here takes away a way in which a request could reach the rail twice or arrive
        // somewhere else: replays by the client, by a reused connection, by a redirect, by a proxy.
        let client = Client::builder()
            .retry(retry::never())
            .http1_only()
            .pool_max_idle_per_host(0)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(Duration::from_millis(config.timeouts.connect))
            .user_agent("kivuko")
            .build()
            .map_err(|_| ConfigError::Client)?;
        let base_url = config.base_url.trim_end_matches('/').to_owned();
        Ok(Self { client, base_url, timeouts: config.timeouts })
    }

    pub(crate) async fn get_token(&self, key: &SecretString, secret: &SecretString) -> Reply {
        let request = self.client.get(self.url(Endpoint::Token));
        let request = request.basic_auth(key.expose_secret(), Some(secret.expose_secret()));
        self.exchange(Endpoint::Token, request).await
    }

    pub(crate) async fn post(
        &self,
        endpoint: Endpoint,
        token: &SecretString,
        body: Vec<u8>,
    ) -> Reply {
        let request = self.client.post(self.url(endpoint)).bearer_auth(token.expose_secret());
        let request = request.header("content-type", "application/json").body(body);
        self.exchange(endpoint, request).await
    }

    fn url(&self, endpoint: Endpoint) -> String {
        format!("{}{}", self.base_url, endpoint.path())
    }

    async fn exchange(&self, endpoint: Endpoint, request: RequestBuilder) -> Reply {
        match request.timeout(endpoint.timeout(&self.timeouts)).send().await {
            Ok(response) => read(response).await,
            Err(error) => failed(&error),
        }
    }
}

/// Whether it was sent is asked first: a connection that timed out is both.
fn failed(error: &reqwest::Error) -> Reply {
    if error.is_connect() {
        Reply::NotSent("no connection")
    } else if error.is_builder() {
        Reply::NotSent("the request cannot be built")
    } else if error.is_timeout() {
        Reply::NoAnswer("no answer in time")
    } else {
        Reply::NoAnswer("the connection broke before an answer")
    }
}

async fn read(mut response: Response) -> Reply {
    let status = response.status().as_u16();
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(None) => return Reply::Answer(Answer { status, body }),
            Ok(Some(chunk)) if body.len().saturating_add(chunk.len()) <= LONGEST_ANSWER => {
                body.extend_from_slice(&chunk);
            }
            Ok(Some(_)) => return Reply::NoAnswer("the answer is longer than 64 KiB"),
            Err(error) if error.is_timeout() => return Reply::NoAnswer("no whole answer in time"),
            Err(_) => return Reply::NoAnswer("the answer was cut short"),
        }
    }
}
