//! The breaker of all money going out. It opens by itself, and then only an operator closes it, but for
//! a difference of the float, which goes as it came. After an operator's word our initiator is used
//! once at a time until the rail has shown that it accepts it: three refusals in a row lock it.
//!
//! It never waits without end ([`Circuit::admits`], [`Circuit::give_up`]): a use whose outcome nobody
//! tells makes room for one more after a while, and when that tells nothing either the breaker opens
//! and an operator is called, before a third use could be the one that locks.

use time::OffsetDateTime;

use super::Tempo;
use super::float::FloatWatch;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CircuitState {
    /// Money flows.
    Closed,
    /// One use of our initiator at a time, until the rail has accepted one.
    Probing,
    /// Nothing goes out.
    Open,
}

impl CircuitState {
    pub const ALL: [Self; 3] = [Self::Closed, Self::Probing, Self::Open];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Probing => "probing",
            Self::Open => "open",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What reviews of the breaker are about: their subject.
pub const CIRCUIT: &str = "circuit";

/// How the reason begins when the rail's balance is not the ledger's.
pub const DIFFERENCE: &str = "difference";
/// How it begins when nothing that our initiator was used for has been answered.
pub const UNANSWERED: &str = "unanswered";

/// The rail locks an initiator that it has refused three times in a row.
const MOST_UNPROVEN: u32 = 2;

/// What our initiator is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InitiatorUse {
    /// A payout or a reversal.
    Money,
    /// A payout once more under the reference that it has.
    Repeat,
    /// A question about one movement of money.
    Status,
    /// A question about our own accounts: moves nothing and is always answered, so that it ends a
    /// probe that money has not ended.
    Balance,
}

impl InitiatorUse {
    fn asks(self) -> bool {
        matches!(self, Self::Status | Self::Balance)
    }

    fn follows_up(self) -> bool {
        matches!(self, Self::Status | Self::Repeat)
    }
}

/// The breaker, and why it is as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circuit {
    pub state: CircuitState,
    pub reason: Option<String>,
    pub since: OffsetDateTime,
    /// Uses of our initiator since the last one that the rail accepted, each of which it may have
    /// refused. Counted from the first doubt on: not while it is closed.
    pub unproven: u32,
    /// When it was last used while probing.
    pub tried_at: Option<OffsetDateTime>,
    /// What is known of the shillings that payouts are paid from.
    pub float: FloatWatch,
}

impl Circuit {
    pub fn new(state: CircuitState, reason: Option<String>, since: OffsetDateTime) -> Self {
        let float = FloatWatch::default();
        Self { state, reason, since, unproven: 0, tried_at: None, float }
    }

    /// Opens, unless it is open: the first reason is the one to look at. Only a difference gives way
    /// to any other, because it lets questions through that the other must stop.
    pub fn open(&mut self, reason: &str, at: OffsetDateTime) -> bool {
        let is_graver = self.is_difference() && !reason.starts_with(DIFFERENCE);
        if self.state == CircuitState::Open && !is_graver {
            return false;
        }
        self.turn(CircuitState::Open, Some(reason.to_owned()), at);
        true
    }

    /// Opens because the rail refuses us. That counts towards the lock.
    pub fn refuse(&mut self, reason: &str, at: OffsetDateTime) -> bool {
        self.unproven = self.unproven.max(1);
        self.open(reason, at)
    }

    fn is_difference(&self) -> bool {
        let begins = |why: &String| why.starts_with(DIFFERENCE);
        self.state == CircuitState::Open && self.reason.as_ref().is_some_and(begins)
    }

    fn turn(&mut self, state: CircuitState, reason: Option<String>, at: OffsetDateTime) {
        (self.state, self.reason, self.since, self.tried_at) = (state, reason, at, None);
    }

    /// The operator's word that the cause is gone: worth one use at least. One that is not open has
    /// nothing to be closed, and stays as it is.
    pub fn close(&mut self, at: OffsetDateTime) -> bool {
        let was_open = self.state == CircuitState::Open;
        if was_open {
            self.turn(CircuitState::Probing, None, at);
            self.unproven = self.unproven.min(MOST_UNPROVEN.saturating_sub(1));
        }
        was_open
    }

    /// The rail has accepted our initiator: no need to go one by one any more.
    pub fn prove(&mut self, at: OffsetDateTime) -> bool {
        let proven = self.state == CircuitState::Probing;
        if proven {
            self.turn(CircuitState::Closed, None, at);
            self.unproven = 0;
        }
        proven
    }

    /// The rail's balance and the ledger's agree again.
    pub fn end_difference(&mut self, at: OffsetDateTime) -> bool {
        let ends = self.is_difference();
        if ends {
            self.turn(CircuitState::Closed, None, at);
            self.unproven = 0;
        }
        ends
    }

    /// Whether our initiator may be used for this now; while probing, money and balances are counted.
    /// Money goes as soon as an operator has closed the breaker, and again when no outcome has come for
    /// a while.
    pub fn admits(&mut self, what: InitiatorUse, tempo: &Tempo, now: OffsetDateTime) -> bool {
        let admits = match self.state {
            CircuitState::Closed => true,
            CircuitState::Open => what.asks() && self.is_difference(),
            // What became of a payout is found out on that payout's own schedule: it ends the probe.
            CircuitState::Probing if what.follows_up() => return true,
            CircuitState::Probing => {
                self.unproven < MOST_UNPROVEN && self.is_turn_of(what, tempo, now)
            }
        };
        if admits && self.state == CircuitState::Probing {
            (self.unproven, self.tried_at) = (self.unproven.saturating_add(1), Some(now));
        }
        admits
    }

    fn is_turn_of(&self, what: InitiatorUse, tempo: &Tempo, now: OffsetDateTime) -> bool {
        let last = self.tried_at.unwrap_or(self.since);
        let is_first_money = what == InitiatorUse::Money && self.tried_at.is_none();
        is_first_money || now >= last.saturating_add(tempo.probe_pause())
    }

    /// The gateway turned a use away before the rail saw it: it counts for nothing.
    pub fn take_back(&mut self) {
        if self.state == CircuitState::Probing {
            (self.unproven, self.tried_at) = (self.unproven.saturating_sub(1), None);
        }
    }

    /// Opens when nothing that was tried while probing has been answered in time: one more use could
    /// lock our initiator.
    pub fn give_up(&mut self, tempo: &Tempo, now: OffsetDateTime) -> bool {
        let last = self.tried_at.unwrap_or(self.since);
        let is_over = now >= last.saturating_add(tempo.probe_end());
        let is_stuck = self.state == CircuitState::Probing && self.unproven >= MOST_UNPROVEN;
        is_stuck && is_over && {
            let reason = format!(
                "{UNANSWERED}: the rail has not said whether it accepts our initiator; before it \
                 is closed, see on the portal that the initiator is active"
            );
            self.open(&reason, now)
        }
    }

    /// Why it is open, in a word for metrics; nothing while it is not.
    pub fn why(&self) -> Option<&'static str> {
        let reason = self.reason.as_deref().filter(|_| self.state == CircuitState::Open)?;
        Some(match reason {
            _ if reason.starts_with(DIFFERENCE) => "difference",
            _ if reason.starts_with(UNANSWERED) => "unanswered",
            _ if self.unproven > 0 => "refused",
            _ => "operator",
        })
    }
}
