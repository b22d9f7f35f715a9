//! How a signature ends, and the transfer with it: done, given up, or to be signed anew.

use super::{Consequence, Fault, Outcome};
use crate::chain::BlockRef;
use crate::chain::transfer::{
    Attempt, AttemptState, Death, Purpose, Terms, Transfer, TransferState,
};
use crate::order::OrderEvent;
use crate::rail::RailReview;

/// Why a proof of death proves nothing.
enum Doubt {
    /// What took the nonce is a variant of ours: the chain will say what it did.
    IsOurs,
    /// No transaction like ours can end in that way, or it was seen in a final block.
    Misfit,
}

impl Transfer {
    /// It is in a final block. Where that does not say what it did, it is neither lost nor signed anew:
    /// it stays in its block, and is looked at until the chain or a person says more.
    pub(super) fn end(&mut self, tx_hash: &str, outcome: Outcome, again: bool) -> Vec<Consequence> {
        match outcome {
            Outcome::Done => {
                self.settle(tx_hash, AttemptState::Done);
                self.state = TransferState::Done;
                self.tell_done(tx_hash)
            }
            Outcome::Failed { fault, detail } => {
                let told = self.known_as(tx_hash);
                self.settle(tx_hash, AttemptState::Failed);
                self.fail(&told, fault, detail)
            }
            Outcome::Unclear(detail) => {
                let attempt = self.attempt_mut(tx_hash).filter(|_| !again);
                let Some(attempt) = attempt else { return vec![] };
                attempt.state = AttemptState::Included;
                self.alarm(RailReview::Contradiction, detail)
            }
        }
    }

    /// One variant of a nonce is final: the others can never be.
    fn settle(&mut self, tx_hash: &str, state: AttemptState) {
        let reverted = state == AttemptState::Failed;
        for attempt in self.attempts.iter_mut().filter(|attempt| attempt.state.is_live()) {
            if attempt.signed.tx_hash == tx_hash {
                attempt.state = state;
                attempt.death = reverted.then(|| Death::Reverted { tx_hash: tx_hash.to_owned() });
            } else {
                attempt.state = AttemptState::Dead;
                attempt.death = Some(Death::NonceTaken { by: Some(tx_hash.to_owned()) });
            }
        }
    }

    fn fail(&mut self, tx_hash: &str, fault: Fault, detail: String) -> Vec<Consequence> {
        if fault == Fault::Receiver {
            return self.give_up_on(tx_hash.to_owned());
        }
        self.start_over(tx_hash, detail)
    }

    /// What was proven dead has executed all the same. Whoever waits for the coin has it; nothing more is
    /// signed for it, and a person must find out how that can be.
    pub(super) fn rise(&mut self, tx_hash: &str, block: BlockRef, fee: u64) -> Vec<Consequence> {
        let is_dead = |a: &&mut Attempt| a.state != AttemptState::Done;
        let Some(attempt) = self.attempt_mut(tx_hash).filter(is_dead) else { return vec![] };
        attempt.state = AttemptState::Done;
        attempt.included = Some(block);
        attempt.fee = Some(fee);
        if self.live().next().is_none() {
            self.state = TransferState::Done;
        }
        let mut consequences = self.tell_done(tx_hash);
        let detail = format!("{tx_hash} was proven dead and has executed");
        consequences.extend(self.alarm(RailReview::Contradiction, detail));
        consequences
    }

    /// Nothing signed can execute: sign again, unless that has been done too often.
    fn start_over(&mut self, tx_hash: &str, detail: String) -> Vec<Consequence> {
        if self.attempts.iter().any(|attempt| attempt.state == AttemptState::Done) {
            self.state = TransferState::Done;
            return vec![];
        }
        self.state = TransferState::Planned;
        let mut consequences = match self.plan.purpose {
            Purpose::Delivery => {
                vec![Consequence::Tell(OrderEvent::DeliveryStopped { tx_hash: tx_hash.to_owned() })]
            }
            Purpose::Refund { .. } | Purpose::Sweep | Purpose::Gas | Purpose::Return { .. } => {
                vec![]
            }
        };
        if self.is_exhausted() {
            consequences.extend(self.alarm(RailReview::Blocked, detail));
        }
        consequences
    }

    pub(super) fn bury(&mut self, death: &Death) -> Vec<Consequence> {
        let Some(told) = self.named() else { return vec![] };
        match self.doubt(death) {
            Some(Doubt::IsOurs) => return vec![],
            Some(Doubt::Misfit) => {
                let detail = format!("{death:?} cannot be the end of {told}");
                return self.call(RailReview::Contradiction, detail);
            }
            None => {}
        }
        for attempt in self.attempts.iter_mut().filter(|attempt| attempt.state.is_live()) {
            attempt.state = AttemptState::Dead;
            attempt.death = Some(death.clone());
        }
        match death {
            // Somebody else uses our key: nothing is signed with it until a person has looked.
            Death::NonceTaken { by: None } => {
                self.state = TransferState::Planned;
                let detail = "a nonce of ours was used by a transaction that is none of ours";
                self.alarm(RailReview::Contradiction, detail.to_owned())
            }
            Death::Expired { .. } | Death::NonceTaken { by: Some(_) } | Death::Reverted { .. } => {
                self.start_over(&told, "transfers keep dying".to_owned())
            }
        }
    }

    /// The transaction itself, if the order was told of it.
    fn known_as(&self, tx_hash: &str) -> String {
        let is_sent = |a: &Attempt| a.signed.tx_hash == tx_hash && a.sends > 0;
        let name = self.named().filter(|_| !self.live().any(is_sent));
        name.unwrap_or_else(|| tx_hash.to_owned())
    }

    /// What the order knows the living signature by: the last variant that was sent.
    fn named(&self) -> Option<String> {
        let sent = self.live().rfind(|attempt| attempt.sends > 0);
        sent.or_else(|| self.live().last()).map(|attempt| attempt.signed.tx_hash.clone())
    }

    /// Why a proof is none.
    fn doubt(&self, death: &Death) -> Option<Doubt> {
        let is_ours = |hash: &String| self.live().any(|a| a.signed.tx_hash == *hash);
        let fits = match death {
            // The nonce was taken by what the proof is about: it has executed.
            Death::NonceTaken { by: Some(hash) } if is_ours(hash) => return Some(Doubt::IsOurs),
            Death::NonceTaken { .. } => {
                self.live().all(|a| matches!(a.signed.terms, Terms::Ethereum { .. }))
            }
            Death::Expired { .. } => {
                self.live().all(|a| matches!(a.signed.terms, Terms::Tron { .. }))
            }
            Death::Reverted { tx_hash } => is_ours(tx_hash),
        };
        (!fits || self.is_unclear()).then_some(Doubt::Misfit)
    }

    /// Only what nothing was signed for may be given up; what is stopped is an operator's.
    pub(super) fn give_up(&mut self, detail: String) -> Vec<Consequence> {
        if self.live().next().is_some() || self.is_stopped() {
            return self.call(RailReview::Blocked, detail);
        }
        self.give_up_on(format!("unsent:{}", self.plan.key))
    }

    /// The order goes another way: nothing was sent and nothing will be.
    fn give_up_on(&mut self, tx_hash: String) -> Vec<Consequence> {
        self.state = TransferState::Failed;
        match &self.plan.purpose {
            Purpose::Delivery => vec![Consequence::Tell(OrderEvent::DeliveryFailed { tx_hash })],
            Purpose::Refund { refund } => {
                vec![Consequence::Tell(OrderEvent::RefundFailed {
                    refund: refund.clone(),
                    error: None,
                })]
            }
            Purpose::Sweep | Purpose::Gas | Purpose::Return { .. } => {
                let detail = format!("{} cannot be sent", self.plan.key);
                self.alarm(RailReview::Blocked, detail)
            }
        }
    }

    fn tell_done(&self, tx_hash: &str) -> Vec<Consequence> {
        let tx_hash = tx_hash.to_owned();
        match &self.plan.purpose {
            Purpose::Delivery => vec![Consequence::Tell(OrderEvent::DeliveryFinal { tx_hash })],
            Purpose::Refund { refund } => vec![Consequence::Tell(OrderEvent::RefundConfirmed {
                refund: refund.clone(),
                reference: tx_hash,
            })],
            Purpose::Sweep | Purpose::Gas | Purpose::Return { .. } => vec![],
        }
    }
}
