//! A call from our own limit to the gateway's answer: one token, one request, and one more of both
//! if the gateway refuses the token. It does so before M-Pesa sees the request, so that sending it
//! again is safe even for money.

use std::time::Instant;

use domain::rail::{Doubt, NotDone, Submission, WhyNot};
use secrecy::SecretString;
use serde::Serialize;

use crate::classify::Answer;
use crate::config::{ConfigError, MpesaConfig};
use crate::endpoint::Endpoint;
use crate::gateway::{Meaning, gateway_error};
use crate::limits::Buckets;
use crate::shelf::Shared;
use crate::token::{self, Minted, Token, TokenHolder};
use crate::transport::{Reply, Transport};

pub(crate) struct Caller {
    transport: Transport,
    tokens: TokenHolder,
    buckets: Buckets,
    key: SecretString,
    secret: SecretString,
    shared: Option<Shared>,
}

/// How a call ended.
pub(crate) enum Outcome {
    Answered(Answer),
    /// Nothing was done, and the gateway need not be believed for that.
    Withheld(NotDone),
    NoAnswer(&'static str),
}

/// A call that has ended, to be told to logs and metrics once it is known what it means.
pub(crate) struct Call {
    pub(crate) endpoint: Endpoint,
    started: Instant,
    pub(crate) outcome: Outcome,
}

impl Caller {
    pub(crate) fn try_new(config: &MpesaConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            transport: Transport::try_new(config)?,
            tokens: TokenHolder::default(),
            buckets: Buckets::new(&config.limits),
            key: config.consumer_key.clone(),
            secret: config.consumer_secret.clone(),
            shared: None,
        })
    }

    /// Shares tokens with other processes.
    pub(crate) fn share(&mut self, shared: Shared) {
        self.shared = Some(shared);
    }

    /// Asks once. Past our own limit nothing is sent.
    pub(crate) async fn ask(&self, endpoint: Endpoint, body: &impl Serialize) -> Call {
        let body = serde_json::to_vec(body);
        let started = Instant::now();
        let outcome = match body {
            Ok(_) if !self.buckets.admits(endpoint) => {
                withheld(WhyNot::Throttled, "our own limit of requests")
            }
            Ok(body) => self.send(endpoint, body).await,
            Err(_) => withheld(WhyNot::Rejected, "the request cannot be written"),
        };
        Call { endpoint, started, outcome }
    }

    /// Asks when it is this call's turn: for questions that nobody waits for.
    pub(crate) async fn ask_in_turn(&self, endpoint: Endpoint, body: &impl Serialize) -> Call {
        let body = serde_json::to_vec(body);
        self.buckets.turn(endpoint).await;
        let started = Instant::now();
        let outcome = match body {
            Ok(body) => self.send(endpoint, body).await,
            Err(_) => withheld(WhyNot::Rejected, "the request cannot be written"),
        };
        Call { endpoint, started, outcome }
    }

    async fn send(&self, endpoint: Endpoint, body: Vec<u8>) -> Outcome {
        let token = match self.token().await {
            Ok(token) => token,
            Err(why) => return Outcome::Withheld(why),
        };
        let first = self.transport.post(endpoint, &token.secret, body.clone()).await;
        if !is_token_refused(endpoint, &first) {
            return Outcome::from(first);
        }
        self.tokens.invalidate(&token);
        if let Some(shared) = &self.shared {
            shared.refused(&token.secret);
        }
        let token = match self.token().await {
            Ok(token) => token,
            Err(why) => return Outcome::Withheld(why),
        };
        // A second refusal stands: it is classified as one of our credentials.
        Outcome::from(self.transport.post(endpoint, &token.secret, body).await)
    }

    async fn token(&self) -> Result<Token, NotDone> {
        self.tokens
            .get(|| async {
                match &self.shared {
                    Some(shared) => shared.mint(|| self.mint()).await,
                    None => self.mint().await,
                }
            })
            .await
    }

    async fn mint(&self) -> Result<Minted, NotDone> {
        let started = Instant::now();
        let outcome = Outcome::from(self.transport.get_token(&self.key, &self.secret).await);
        let call = Call { endpoint: Endpoint::Token, started, outcome };
        let minted = match &call.outcome {
            Outcome::Answered(answer) => token::read(answer),
            Outcome::Withheld(why) => Err(no_token(&why.detail)),
            Outcome::NoAnswer(how) => Err(no_token(how)),
        };
        call.tell(match &minted {
            Ok(_) => "accepted",
            Err(not_done) => why_word(not_done.why),
        });
        minted
    }
}

/// Whatever became of the token's request, the one that it was for has not been sent.
pub(crate) fn no_token(how: &str) -> NotDone {
    NotDone { why: WhyNot::NotSent, detail: format!("no token: {how}") }
}

fn withheld(why: WhyNot, detail: &str) -> Outcome {
    Outcome::Withheld(NotDone { why, detail: detail.to_owned() })
}

fn is_token_refused(endpoint: Endpoint, reply: &Reply) -> bool {
    match reply {
        Reply::Answer(answer) if !answer.is_acknowledgement() => {
            gateway_error(answer.status, &answer.body).meaning(endpoint) == Meaning::Token
        }
        _ => false,
    }
}

impl From<Reply> for Outcome {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Answer(answer) => Self::Answered(answer),
            Reply::NotSent(how) => withheld(WhyNot::NotSent, how),
            Reply::NoAnswer(how) => Self::NoAnswer(how),
        }
    }
}

impl Call {
    /// What the call proves, where `judge` reads the answer; told to logs and metrics.
    pub(crate) fn submission<T>(
        self,
        judge: impl FnOnce(&Answer) -> Submission<T>,
    ) -> Submission<T> {
        let submission = match &self.outcome {
            Outcome::Answered(answer) => judge(answer),
            Outcome::Withheld(why) => Submission::NotDone(why.clone()),
            Outcome::NoAnswer(how) => Submission::Unknown(Doubt::NoAnswer((*how).to_owned())),
        };
        self.tell(word(&submission));
        submission
    }

    /// One line and one count per call. No body, no header and no URL of a callback.
    pub(crate) fn tell(&self, class: &'static str) {
        let (status, request_id) = match &self.outcome {
            Outcome::Answered(answer) => {
                let error = gateway_error(answer.status, &answer.body);
                (Some(answer.status), error.request_id)
            }
            Outcome::Withheld(_) | Outcome::NoAnswer(_) => (None, None),
        };
        let (endpoint, took) = (self.endpoint.name(), self.started.elapsed());
        tracing::debug!(
            endpoint,
            class,
            http_status = status,
            request_id,
            millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            "asked the rail"
        );
        metrics::counter!("rail_requests_total", "endpoint" => endpoint, "outcome" => class)
            .increment(1);
        metrics::histogram!("rail_request_seconds", "endpoint" => endpoint)
            .record(took.as_secs_f64());
    }
}

fn word<T>(submission: &Submission<T>) -> &'static str {
    match submission {
        Submission::Accepted(_) => "accepted",
        Submission::NotDone(not_done) => why_word(not_done.why),
        Submission::Unknown(Doubt::NoAnswer(_)) => "no_answer",
        Submission::Unknown(Doubt::Duplicate) => "duplicate",
        Submission::Unknown(Doubt::Unclear(_)) => "unclear",
    }
}

fn why_word(why: WhyNot) -> &'static str {
    match why {
        WhyNot::NotSent => "not_sent",
        WhyNot::PhoneBusy => "phone_busy",
        WhyNot::Throttled => "throttled",
        WhyNot::Credentials => "credentials",
        WhyNot::Rejected => "rejected",
    }
}
