//! What can go wrong at a provider, and for which calls.

use std::time::Duration;

use serde_json::Value;

use crate::dice::Dice;

/// A rule: calls that match it suffer its kind.
#[derive(Debug, Clone, PartialEq)]
pub struct GateFault {
    /// Only this method; all of them without.
    pub method: Option<String>,
    /// Only calls whose parameters, as JSON text, hold this.
    pub containing: Option<String>,
    /// Only calls whose parameters, as JSON text, do not hold this.
    pub lacking: Option<String>,
    /// Only calls in batches of more than so many.
    pub more_at_once_than: Option<usize>,
    /// Only the nth matching call, counted from 1.
    pub nth: Option<u32>,
    /// At most so many times.
    pub times: Option<u32>,
    /// In so many of 100 cases.
    pub probability: Option<u8>,
    pub kind: GateFaultKind,
}

/// What goes wrong. Where `done` is told, it says whether the node gets the call all the same.
///
/// A call can suffer several: delays add up, lags and a frozen tag shape what is seen, and of the
/// rest the first that was added decides.
#[derive(Debug, Clone, PartialEq)]
pub enum GateFaultKind {
    /// The connection is closed without an answer.
    Drop { done: bool },
    /// The connection stays open and nothing ever comes.
    Hang { done: bool },
    /// 429, 503 and the like, with a line of text.
    Status { status: u16, done: bool },
    /// 200 and a page for people, from something between us and the provider.
    Html,
    /// `Content-Length` promises more than comes; the node got the call.
    Truncated,
    /// A JSON-RPC error.
    Refuse { code: i64, message: String, done: bool },
    /// One JSON-RPC error under an HTTP status in place of the whole answer, of a batch too.
    RefuseWhole { status: u16, code: i64, message: String },
    /// This result, whatever the node would say.
    Answer(Value),
    /// Every search for logs finds none.
    EmptyLogs,
    /// So much later.
    Slow(Duration),
    /// The chain as it was so many blocks ago.
    Lag(u64),
    /// The tag `finalized` stays at this height.
    FinalizedAt(u64),
}

impl GateFault {
    /// A fault of every call of every method.
    pub fn everywhere(kind: GateFaultKind) -> Self {
        Self {
            method: None,
            containing: None,
            lacking: None,
            more_at_once_than: None,
            nth: None,
            times: None,
            probability: None,
            kind,
        }
    }

    /// A fault of every call of `method`.
    pub fn always(method: &str, kind: GateFaultKind) -> Self {
        Self { method: Some(method.to_owned()), ..Self::everywhere(kind) }
    }

    /// A fault of the next call of `method` only.
    pub fn once(method: &str, kind: GateFaultKind) -> Self {
        Self::always(method, kind).times(1)
    }

    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    #[must_use]
    pub fn percent(self, probability: u8) -> Self {
        Self { probability: Some(probability), ..self }
    }

    #[must_use]
    pub fn nth(self, nth: u32) -> Self {
        Self { nth: Some(nth), ..self }
    }

    #[must_use]
    pub fn containing(self, text: &str) -> Self {
        Self { containing: Some(text.to_owned()), ..self }
    }

    #[must_use]
    pub fn lacking(self, text: &str) -> Self {
        Self { lacking: Some(text.to_owned()), ..self }
    }

    #[must_use]
    pub fn more_at_once_than(self, calls: usize) -> Self {
        Self { more_at_once_than: Some(calls), ..self }
    }
}

impl GateFaultKind {
    /// A refusal of a call that the node never gets.
    pub fn refuse(code: i64, message: &str) -> Self {
        Self::Refuse { code, message: message.to_owned(), done: false }
    }

    /// How providers refuse a search for logs over too many blocks.
    pub fn too_many_results() -> Self {
        Self::refuse(-32005, "query returned more than 10000 results")
    }
}

/// A fault with its counters.
#[derive(Debug)]
pub(super) struct Rule {
    fault: GateFault,
    matched: u32,
    fired: u32,
    dice: Dice,
}

impl Rule {
    pub(super) fn new(fault: GateFault) -> Self {
        let dice = Dice::new(0, &format!("{fault:?}"), 0);
        Self { fault, matched: 0, fired: 0, dice }
    }

    /// The rule by name, and how often it has struck.
    pub(super) fn struck(&self) -> (String, u32) {
        let method = self.fault.method.as_deref().unwrap_or("any call");
        (format!("{method} {:?}", self.fault.kind), self.fired)
    }

    /// The kind, if this call is hit; counts the call.
    pub(super) fn strike(
        &mut self,
        method: &str,
        params: &Value,
        at_once: usize,
    ) -> Option<GateFaultKind> {
        if self.fault.more_at_once_than.is_some_and(|most| at_once <= most)
            || !self.concerns(method, params)
        {
            return None;
        }
        self.matched = self.matched.saturating_add(1);
        let is_due = self.fault.nth.is_none_or(|nth| nth == self.matched)
            && self.fault.times.is_none_or(|times| self.fired < times)
            && self.fault.probability.is_none_or(|chance| self.dice.percent(chance));
        self.fired = self.fired.saturating_add(u32::from(is_due));
        is_due.then(|| self.fault.kind.clone())
    }

    fn concerns(&self, method: &str, params: &Value) -> bool {
        let text = params.to_string().to_lowercase();
        let has = |part: &String| text.contains(&part.to_lowercase());
        self.fault.method.as_ref().is_none_or(|wanted| wanted == method)
            && self.fault.containing.as_ref().is_none_or(has)
            && !self.fault.lacking.as_ref().is_some_and(has)
    }
}
