//! The one bearer token that all calls share. A new one may kill the old one, so there is a single
//! holder, and at most one request for a token is under way; the others wait for it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::rail::{NotDone, WhyNot};
use secrecy::SecretString;
use serde_json::Value;

use crate::classify::Answer;
use crate::endpoint::Endpoint;
use crate::gateway::{Meaning, Shape, gateway_error};
use crate::wire::reading::text;

/// Used when the answer does not say; also the longest life that is believed.
const LIFE: u64 = 3_599;
/// A token is not used in its last two minutes.
const MARGIN: u64 = 120;

/// A token, and which of the holder's it is.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) secret: SecretString,
    generation: u64,
}

#[derive(Default)]
pub(crate) struct TokenHolder {
    state: Mutex<State>,
    /// Held by whoever asks for a token.
    flight: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    current: Option<(Token, Instant)>,
    /// How many requests for a token have ended.
    ended: u64,
    /// How the last one failed, and its number.
    failure: Option<(u64, NotDone)>,
}

/// A token as the gateway gave it.
pub(crate) struct Minted {
    pub(crate) secret: SecretString,
    pub(crate) life: Duration,
}

impl TokenHolder {
    /// The current token; `mint` is called when there is none. A failure is told to all who waited
    /// for that very request, and to nobody after them.
    pub(crate) async fn get<F>(&self, mint: impl FnOnce() -> F + Send) -> Result<Token, NotDone>
    where
        F: Future<Output = Result<Minted, NotDone>> + Send,
    {
        let seen = match self.look() {
            Ok(token) => return Ok(token),
            Err(ended) => ended,
        };
        let _flight = self.flight.lock().await;
        if let Ok(token) = self.look() {
            return Ok(token);
        }
        if let Some(failure) = self.failed_since(seen) {
            return Err(failure);
        }
        let minted = mint().await;
        self.settle(minted)
    }

    /// Forgets `used`, unless somebody has replaced it already.
    pub(crate) fn invalidate(&self, used: &Token) {
        let mut state = self.lock();
        let is_current =
            state.current.as_ref().is_some_and(|(token, _)| token.generation == used.generation);
        if is_current {
            state.current = None;
        }
    }

    /// The current token, or how many requests for one have ended so far.
    fn look(&self) -> Result<Token, u64> {
        let state = self.lock();
        let fresh = state.current.as_ref().filter(|(_, until)| Instant::now() < *until);
        fresh.map(|(token, _)| token.clone()).ok_or(state.ended)
    }

    fn failed_since(&self, seen: u64) -> Option<NotDone> {
        let state = self.lock();
        let failure = state.failure.as_ref().filter(|(number, _)| *number > seen);
        failure.map(|(_, why)| why.clone())
    }

    fn settle(&self, minted: Result<Minted, NotDone>) -> Result<Token, NotDone> {
        let mut state = self.lock();
        state.ended = state.ended.saturating_add(1);
        match minted {
            Ok(minted) => {
                let token = Token { secret: minted.secret, generation: state.ended };
                let now = Instant::now();
                let until = now.checked_add(minted.life).unwrap_or(now);
                state.current = Some((token.clone(), until));
                state.failure = None;
                Ok(token)
            }
            Err(why) => {
                state.failure = Some((state.ended, why.clone()));
                Err(why)
            }
        }
    }

    /// Nothing panics while it is held; a poisoned lock would still hold a whole state.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the answer to a request for a token.
pub(crate) fn read(answer: &Answer) -> Result<Minted, NotDone> {
    let json = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
    let token = text(&json, "access_token").filter(|t| t.bytes().all(|b| b.is_ascii_graphic()));
    let Some(token) = token.filter(|_| answer.status == 200) else { return Err(refused(answer)) };
    let told = text(&json, "expires_in").and_then(|seconds| seconds.parse::<u64>().ok());
    let life = told.unwrap_or(LIFE).min(LIFE).saturating_sub(MARGIN);
    Ok(Minted { secret: token.into(), life: Duration::from_secs(life) })
}

/// A wrong key is answered with 400 and an empty body. What stays unclear has sent no money's
/// request, so it counts as not sent.
fn refused(answer: &Answer) -> NotDone {
    let error = gateway_error(answer.status, &answer.body);
    let why = match error.meaning(Endpoint::Token) {
        Meaning::Token | Meaning::Credentials | Meaning::Rejected => WhyNot::Credentials,
        Meaning::Throttled => WhyNot::Throttled,
        _ if answer.status == 400 && error.shape == Shape::Empty => WhyNot::Credentials,
        _ => WhyNot::NotSent,
    };
    NotDone { why, detail: format!("no token: {}", error.detail()) }
}
