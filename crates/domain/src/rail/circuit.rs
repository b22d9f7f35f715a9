//! The breaker of all money going out. It opens by itself; only an operator closes it, and then one
//! payout at a time goes out until the rail has shown that our credentials are good: three wrong ones
//! lock the initiator.

use time::OffsetDateTime;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CircuitState {
    /// Money flows.
    Closed,
    /// One at a time, until one has gone well.
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

/// The breaker, and why it is as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circuit {
    pub state: CircuitState,
    pub reason: Option<String>,
    pub since: OffsetDateTime,
}

impl Circuit {
    /// Opens, unless it is open: the first reason is the one to look at. Only a difference gives way
    /// to any other, because it lets questions through that the other must stop.
    pub fn open(&mut self, reason: &str, at: OffsetDateTime) -> bool {
        let is_graver = self.is_difference() && !reason.starts_with(DIFFERENCE);
        if self.state == CircuitState::Open && !is_graver {
            return false;
        }
        *self = Self { state: CircuitState::Open, reason: Some(reason.to_owned()), since: at };
        true
    }

    fn is_difference(&self) -> bool {
        self.reason.as_deref().is_some_and(|why| why.starts_with(DIFFERENCE))
    }

    /// The operator's word that the cause is gone.
    pub fn close(&mut self, at: OffsetDateTime) {
        *self = Self { state: CircuitState::Probing, reason: None, since: at };
    }

    /// Money went out well: no need to go one by one any more.
    pub fn prove(&mut self, at: OffsetDateTime) -> bool {
        let proven = self.state == CircuitState::Probing;
        if proven {
            *self = Self { state: CircuitState::Closed, reason: None, since: at };
        }
        proven
    }

    /// Questions use the same initiator as payouts: while it is refused, they bring the lock nearer.
    pub fn forbids_questions(&self) -> bool {
        self.state == CircuitState::Open && !self.is_difference()
    }

    /// Whether one more may go out while `under_way` others are undecided.
    pub fn lets_pass(&self, under_way: u64) -> bool {
        match self.state {
            CircuitState::Closed => true,
            CircuitState::Probing => under_way == 0,
            CircuitState::Open => false,
        }
    }
}
