//! What to do next about coin going out, and when.

use time::OffsetDateTime;

use super::{Attempt, AttemptState, Death, Terms, Transfer, TransferState};
use crate::chain::ChainTempo;

/// Signatures that may end without effect before only an operator's word brings another.
const GENERATIONS: i32 = 3;
/// Fee bumps of one nonce.
const VARIANTS: i32 = 10;

/// The next act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferStep {
    /// Make it ready, sign it, store the bytes.
    Sign,
    /// Broadcast the stored bytes of this transaction for the first time.
    Send {
        tx_hash: String,
    },
    /// Ask the chain what became of what was sent.
    Look,
    /// Too many signatures have come to nothing, or somebody else uses our key: an operator's.
    Wait,
    Finish,
}

/// What to do about a transfer that the chain does not show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// The same bytes again.
    Resend {
        tx_hash: String,
    },
    /// The same nonce, dearer.
    Bump,
    /// It cannot execute any more if the chain's history says so.
    ProveDeath,
    Patience,
}

impl Transfer {
    /// What to do now that its job is due.
    pub fn next_step(&self) -> TransferStep {
        match self.state {
            TransferState::Done | TransferState::Failed => TransferStep::Finish,
            TransferState::Planned if self.is_stopped() => TransferStep::Wait,
            TransferState::Planned => TransferStep::Sign,
            TransferState::InFlight => {
                let unsent = self.live().find(|attempt| attempt.state == AttemptState::Signed);
                match unsent.filter(|_| !self.is_in_block()) {
                    Some(attempt) => TransferStep::Send { tx_hash: attempt.signed.tx_hash.clone() },
                    None => TransferStep::Look,
                }
            }
        }
    }

    /// What to do after a look that did not end it. What is in a block needs time only.
    pub fn remedy(&self, tempo: &ChainTempo, now: OffsetDateTime) -> Remedy {
        let Some(last) = self.live().last().filter(|_| !self.is_in_block()) else {
            return Remedy::Patience;
        };
        match &last.signed.terms {
            Terms::Tron { expiration_ms, .. } if is_past(*expiration_ms, now) => Remedy::ProveDeath,
            Terms::Ethereum { .. } if is_stuck(last, tempo, now) => Remedy::Bump,
            Terms::Tron { .. } | Terms::Ethereum { .. } if is_stale(last, tempo, now) => {
                Remedy::Resend { tx_hash: last.signed.tx_hash.clone() }
            }
            Terms::Tron { .. } | Terms::Ethereum { .. } => Remedy::Patience,
        }
    }

    /// When the job is due again; `None` when it is done.
    pub fn due_again(&self, tempo: &ChainTempo, now: OffsetDateTime) -> Option<OffsetDateTime> {
        match self.next_step() {
            TransferStep::Finish => None,
            TransferStep::Sign | TransferStep::Send { .. } => Some(now),
            TransferStep::Look if !self.is_unclear() => {
                Some(tempo.next_look_since(self.first_sent_at().unwrap_or(now), now))
            }
            TransferStep::Look | TransferStep::Wait => Some(now.saturating_add(tempo.seconds(300))),
        }
    }

    /// Nothing is waited for any more.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.state, TransferState::Done | TransferState::Failed)
    }

    /// Signed as often as may be without a person.
    pub(super) fn is_exhausted(&self) -> bool {
        self.next_generation() > GENERATIONS
    }

    /// Tried too often, or somebody else signs with our key.
    pub(super) fn is_stopped(&self) -> bool {
        let foreign = Death::NonceTaken { by: None };
        self.is_exhausted() || self.last_death() == Some(&foreign)
    }

    /// When the youngest signature first left.
    fn first_sent_at(&self) -> Option<OffsetDateTime> {
        self.live().last().and_then(|attempt| attempt.first_sent_at)
    }

    fn is_in_block(&self) -> bool {
        self.live().any(|attempt| attempt.state == AttemptState::Included)
    }

    /// It is in a final block, and nobody can say what it did there.
    pub(super) fn is_unclear(&self) -> bool {
        self.live().any(|attempt| attempt.fee.is_some())
    }
}

fn is_stuck(last: &Attempt, tempo: &ChainTempo, now: OffsetDateTime) -> bool {
    let since = last.first_sent_at.unwrap_or(now);
    last.variant < VARIANTS && since.saturating_add(tempo.stuck_after()) <= now
}

fn is_stale(attempt: &Attempt, tempo: &ChainTempo, now: OffsetDateTime) -> bool {
    let since = attempt.last_sent_at.unwrap_or(now);
    since.saturating_add(tempo.resend_pause()) <= now
}

/// Our clock says when to ask; only block time proves. A node that finds it expired says so sooner.
fn is_past(expiration_ms: u64, now: OffsetDateTime) -> bool {
    let nanos = i128::from(expiration_ms).saturating_mul(1_000_000);
    let expiration = OffsetDateTime::from_unix_timestamp_nanos(nanos);
    expiration.is_ok_and(|at| at <= now)
}
