//! What a fact makes of a transfer, and who must hear of it. How it ends is in [`ending`].

mod ending;

use time::OffsetDateTime;

use super::{Attempt, AttemptState, Death, Purpose, Signed, Terms, Transfer, TransferState};
use crate::chain::{BlockRef, ChainTempo};
use crate::order::OrderEvent;
use crate::rail::RailReview;

/// Whose trouble a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The receiver cannot be sent to: no further signature will change that.
    Receiver,
    /// Ours, or the network's: another signature may do.
    Sender,
}

/// How a final transaction ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The receipt is good and the very transfer is in its logs.
    Done,
    /// It moved nothing.
    Failed { fault: Fault, detail: String },
    /// It executed, and its logs do not show the transfer that was meant: a person must look.
    Unclear(String),
}

/// What a chain says of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
    /// Nobody knows it. That proves nothing.
    Unseen,
    /// It waits in a pool, or in a block that may yet go.
    Pending,
    Included(BlockRef),
    Final {
        block: BlockRef,
        outcome: Outcome,
        /// Sun or wei.
        fee: u64,
    },
}

/// Something that was learned or done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferFact {
    /// It was signed: a new generation, or a dearer variant of the living one.
    Signed(Signed),
    /// The bytes of this transaction leave us now.
    Sending {
        tx_hash: String,
    },
    Observed {
        tx_hash: String,
        observation: Observation,
    },
    /// No variant of the living generation can execute any more.
    Died(Death),
    /// It can never be sent there, so it was not signed.
    Unsendable {
        detail: String,
    },
    /// It cannot be signed now for a reason of ours.
    Blocked {
        detail: String,
    },
}

/// What a transfer wants done because of what it learned, in the same unit of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consequence {
    Tell(OrderEvent),
    Review { kind: RailReview, detail: String },
}

impl Transfer {
    /// Takes in a fact.
    pub fn learn(
        &mut self,
        fact: TransferFact,
        tempo: &ChainTempo,
        now: OffsetDateTime,
    ) -> Vec<Consequence> {
        let before = self.clone();
        let mut consequences = match fact {
            TransferFact::Observed { tx_hash, observation } => self.observe(&tx_hash, observation),
            // What is over hears of its transactions, and of nothing else.
            _ if self.is_over() => vec![],
            TransferFact::Signed(signed) => self.add_attempt(signed, now),
            TransferFact::Sending { tx_hash } => self.note_sending(&tx_hash, now),
            TransferFact::Died(death) => self.bury(&death),
            TransferFact::Unsendable { detail } => self.give_up(detail),
            TransferFact::Blocked { detail } => self.call(RailReview::Blocked, detail),
        };
        if self.is_overdue(tempo, now) {
            let detail = "a transfer has been on its way for too long".to_owned();
            consequences.extend(self.call(RailReview::UnknownExpired, detail));
        }
        if *self != before {
            self.updated_at = now;
        }
        consequences
    }

    /// A signature that nothing made room for is not kept: its bytes never leave.
    fn add_attempt(&mut self, signed: Signed, now: OffsetDateTime) -> Vec<Consequence> {
        if self.attempt_mut(&signed.tx_hash).is_some() {
            return vec![];
        }
        let Some((generation, variant)) = self.place_of(&signed) else {
            let detail = format!("{} was signed while it must not be", signed.tx_hash);
            return self.alarm(RailReview::Contradiction, detail);
        };
        // What an operator was called for before this signature is over.
        self.reviewed &= variant > 0;
        self.state = TransferState::InFlight;
        self.attempts.push(Attempt {
            generation,
            variant,
            signed,
            state: AttemptState::Signed,
            sends: 0,
            first_sent_at: None,
            last_sent_at: None,
            included: None,
            fee: None,
            death: None,
            created_at: now,
        });
        vec![]
    }

    /// The generation and variant of a new signature: one beside what lives only if both cannot execute.
    fn place_of(&self, signed: &Signed) -> Option<(i32, i32)> {
        let Some(last) = self.live().last() else {
            return (!self.is_stopped()).then(|| (self.next_generation(), 0));
        };
        let is_ethereum = |signed: &Signed| matches!(signed.terms, Terms::Ethereum { .. });
        let is_variant = is_ethereum(signed)
            && is_ethereum(&last.signed)
            && signed.sequence == last.signed.sequence;
        is_variant.then(|| (last.generation, last.variant.saturating_add(1)))
    }

    /// The order learns the hash before the bytes leave, so that it is never unknown.
    fn note_sending(&mut self, tx_hash: &str, now: OffsetDateTime) -> Vec<Consequence> {
        let Some(attempt) = self.attempt_mut(tx_hash).filter(|a| a.state.is_live()) else {
            return vec![];
        };
        if attempt.state == AttemptState::Signed {
            attempt.state = AttemptState::Sent;
        }
        attempt.sends = attempt.sends.saturating_add(1);
        attempt.first_sent_at.get_or_insert(now);
        attempt.last_sent_at = Some(now);
        let is_first = attempt.sends == 1;
        let tx_hash = tx_hash.to_owned();
        match self.plan.purpose {
            Purpose::Delivery if is_first => {
                vec![Consequence::Tell(OrderEvent::DeliveryBroadcast { tx_hash })]
            }
            Purpose::Delivery
            | Purpose::Refund { .. }
            | Purpose::Sweep
            | Purpose::Gas
            | Purpose::Return { .. } => vec![],
        }
    }

    fn observe(&mut self, tx_hash: &str, observation: Observation) -> Vec<Consequence> {
        let Some(attempt) = self.attempt_mut(tx_hash) else {
            return vec![];
        };
        let was_final = attempt.fee.is_some();
        match observation {
            Observation::Final { block, outcome, fee } if attempt.state.is_live() => {
                attempt.included = Some(block);
                attempt.fee = Some(fee);
                self.end(tx_hash, outcome, was_final)
            }
            Observation::Final { block, outcome: Outcome::Done, fee } => {
                self.rise(tx_hash, block, fee)
            }
            // A node that lags knows less of a final block than we do.
            Observation::Unseen | Observation::Pending | Observation::Included(_) if was_final => {
                vec![]
            }
            Observation::Unseen | Observation::Pending => {
                if attempt.state == AttemptState::Included {
                    attempt.state = AttemptState::Sent;
                    attempt.included = None;
                }
                vec![]
            }
            Observation::Included(block) if attempt.state.is_live() => {
                attempt.state = AttemptState::Included;
                attempt.included = Some(block);
                vec![]
            }
            Observation::Included(_) | Observation::Final { .. } => vec![],
        }
    }

    /// Once per signature: whoever looks sees the rest.
    fn call(&mut self, kind: RailReview, detail: String) -> Vec<Consequence> {
        let is_new = !self.reviewed;
        self.reviewed = true;
        is_new.then_some(Consequence::Review { kind, detail }).into_iter().collect()
    }

    /// Whatever an operator was called for before, this is another matter.
    fn alarm(&mut self, kind: RailReview, detail: String) -> Vec<Consequence> {
        self.reviewed = true;
        vec![Consequence::Review { kind, detail }]
    }

    fn is_overdue(&self, tempo: &ChainTempo, now: OffsetDateTime) -> bool {
        let since = self.live().filter_map(|attempt| attempt.first_sent_at).min();
        let limit = since.map(|since| since.saturating_add(tempo.patience()));
        !self.reviewed && limit.is_some_and(|limit| limit < now)
    }

    fn attempt_mut(&mut self, tx_hash: &str) -> Option<&mut Attempt> {
        self.attempts.iter_mut().find(|attempt| attempt.signed.tx_hash == tx_hash)
    }
}
