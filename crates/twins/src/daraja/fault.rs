//! What can be made to go wrong, and for which calls.

use serde::{Deserialize, Serialize};
use time::Duration;

use super::dice::Dice;
use super::endpoint::Endpoint;
use super::seconds;

/// A rule: calls that match it suffer its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    pub endpoint: Endpoint,
    /// Only this phone; for queries and status requests, the phone of the payment asked about.
    #[serde(default)]
    pub msisdn: Option<String>,
    /// Only this amount, in whole shillings.
    #[serde(default)]
    pub amount: Option<u64>,
    /// Only the nth matching call, counted from 1.
    #[serde(default)]
    pub nth: Option<u32>,
    /// At most so many times.
    #[serde(default)]
    pub times: Option<u32>,
    /// In so many of 100 cases; drawn by the twin's seed.
    #[serde(default)]
    pub probability: Option<u8>,
    pub kind: FaultKind,
}

impl Fault {
    /// A fault of every call of `endpoint`.
    pub const fn always(endpoint: Endpoint, kind: FaultKind) -> Self {
        Self {
            endpoint,
            msisdn: None,
            amount: None,
            nth: None,
            times: None,
            probability: None,
            kind,
        }
    }

    /// A fault of the next call of `endpoint` only.
    pub fn once(endpoint: Endpoint, kind: FaultKind) -> Self {
        Self { times: Some(1), ..Self::always(endpoint, kind) }
    }

    #[must_use]
    pub fn of_phone(self, msisdn: &str) -> Self {
        Self { msisdn: Some(msisdn.to_owned()), ..self }
    }
}

/// What goes wrong.
///
/// `accepted` says whether the money moves all the same; such a fault leaves refusals alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    // The synchronous answer.
    Delay(#[serde(with = "seconds")] Duration),
    /// The connection stays open and nothing ever comes.
    Hang {
        accepted: bool,
    },
    /// The connection is closed without an answer.
    Drop {
        accepted: bool,
    },
    Status {
        status: u16,
        accepted: bool,
    },
    /// 200 and no body.
    Empty {
        accepted: bool,
    },
    /// `Content-Length` promises more than comes.
    Truncated {
        accepted: bool,
    },
    /// 200 with `ResponseCode` "1".
    ResponseCodeOne {
        accepted: bool,
    },
    /// The body comes a byte at a time, so many real milliseconds apart.
    SlowDrip {
        byte_ms: u64,
    },
    SpikeArrest,
    SystemBusy,
    QuotaViolation,
    WafHtml,
    Maintenance,
    LockedSubscriber,

    // Authorization.
    ExpireTokenIn(#[serde(with = "seconds")] Duration),
    InvalidToken,
    ProductMissing,
    /// 403.002.1001
    NotAuthorised,

    // What becomes of the money.
    /// Ends in this result code.
    Outcome(String),
    /// Reported as failed first; the money moves, and the success follows, so much later.
    FailureThenSuccess(#[serde(with = "seconds")] Duration),
    QueueTimeoutThenSuccess,
    QueueTimeoutThenFailure,

    // The callback or result.
    CallbackDrop,
    CallbackDelay(#[serde(with = "seconds")] Duration),
    CallbackDuplicate {
        copies: u32,
        same_bytes: bool,
    },
    CallbackBeforeAnswer,
    CallbackWrongAmount,
    CallbackWrongPhone,
    CallbackWrongId,
    CallbackUnknownCode,
    CallbackCodeAsText,
    /// A single object instead of a list of one or more parameters.
    CallbackParametersAsObject,
    CallbackExtraFields,
    CallbackMissingFields,
    /// The true success, and then a failure that is not true.
    CallbackSuccessThenFailure,
    /// A failure in place of the true success.
    CallbackFailureThoughPaid,
    /// `ResultType` 1 first, then 0.
    CallbackInterim,
    CallbackOversize,
    CallbackNotJson,
    /// A false success before the true callback, to a URL with a made-up token.
    ForgedToken,
    /// A false success before the true callback, from this source header.
    ForgedSource(String),
    /// Another attempt's callback, sent to this attempt's URL first.
    ForgedReplay,
    /// The C2B confirmation is lost.
    ConfirmationDrop,

    // Queries and status requests.
    /// 4999 until the payment is so old.
    QueryPendingFor(#[serde(with = "seconds")] Duration),
    QueryContradict,
    /// Every other answer contradicts.
    QueryFlap,
    /// A status request is accepted, and no result ever comes.
    StatusNoResult,
    /// A statement answers 1001, whatever there is.
    NothingFound,
}

/// A fault with its counters.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Rule {
    fault: Fault,
    matched: u32,
    fired: u32,
}

/// What a call is about, as far as it is known.
#[derive(Debug, Default, Clone)]
pub(super) struct Subject {
    pub(super) msisdn: Option<String>,
    pub(super) amount: Option<u64>,
}

impl Rule {
    pub(super) fn new(fault: Fault) -> Self {
        Self { fault, matched: 0, fired: 0 }
    }

    /// The rule by name, and how often it has struck.
    pub(super) fn struck(&self) -> (String, u32) {
        (format!("{:?} {:?}", self.fault.endpoint, self.fault.kind), self.fired)
    }

    /// The kind, if this call is hit; counts the call.
    pub(super) fn strike(
        &mut self,
        endpoint: Endpoint,
        subject: &Subject,
        dice: &mut Dice,
    ) -> Option<FaultKind> {
        if !self.concerns(endpoint, subject) {
            return None;
        }
        self.matched = self.matched.saturating_add(1);
        let is_due = self.fault.nth.is_none_or(|nth| nth == self.matched)
            && self.fault.times.is_none_or(|times| self.fired < times)
            && self.fault.probability.is_none_or(|chance| dice.percent(chance));
        self.fired = self.fired.saturating_add(u32::from(is_due));
        is_due.then(|| self.fault.kind.clone())
    }

    fn concerns(&self, endpoint: Endpoint, subject: &Subject) -> bool {
        self.fault.endpoint == endpoint
            && (self.fault.msisdn.is_none() || self.fault.msisdn == subject.msisdn)
            && (self.fault.amount.is_none() || self.fault.amount == subject.amount)
    }
}
