//! The demo's HTTP client: requests with a party's token, answers as JSON.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use domain::party::Role;
use domain::ports::Clock as _;
use serde_json::Value;
use uuid::Uuid;

use crate::auth::local_token;
use crate::environment::SystemClock;
use crate::settings::Settings;

pub(super) struct Client {
    url: String,
    http: reqwest::Client,
    token: String,
}

impl Client {
    pub(super) fn new(url: String, settings: &Settings, party: Uuid) -> Result<Self> {
        let hour = time::Duration::HOUR;
        let token = local_token(settings, Role::Customer, party, SystemClock.now(), hour)?;
        let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).build()?;
        Ok(Self { url, http, token })
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.answer(self.http.post(self.at(path)).json(body)).await
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value> {
        self.answer(self.http.get(self.at(path))).await
    }

    fn at(&self, path: &str) -> String {
        format!("{}/api/v1/auth{path}", self.url)
    }

    /// The service's answer. Where it says when to come again, as for a phone that was asked a moment ago by
    /// an earlier demo, that is done.
    async fn answer(&self, request: reqwest::RequestBuilder) -> Result<Value> {
        let again = request.try_clone().context("a request with a plain body")?;
        let mut response = request.bearer_auth(&self.token).send().await.context("the service")?;
        if let Some(pause) = retry_after(&response) {
            #[expect(
                clippy::disallowed_methods,
                reason = "a person's program waits as it is told to"
            )]
            tokio::time::sleep(pause).await;
            response = again.bearer_auth(&self.token).send().await.context("the service")?;
        }
        let status = response.status();
        let text = response.text().await.context("the service's answer")?;
        if !status.is_success() {
            bail!("the service answers {status}: {text}");
        }
        serde_json::from_str(&text).context("the service's answer")
    }
}

/// When to come again, if the service says so.
fn retry_after(response: &reqwest::Response) -> Option<Duration> {
    let seconds = response.headers().get("retry-after")?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}
