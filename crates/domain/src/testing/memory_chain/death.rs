//! Proofs that what was signed can never execute.

use super::transaction::Act;
use super::world::{World, millis};
use crate::chain::Attempt;
use crate::chain::transfer::{Death, Plan, Signed, Terms};

impl World {
    /// `None` while any of them is in a block, or may yet be.
    pub(super) fn death(&self, plan: &Plan, living: &[Attempt], finality: u64) -> Option<Death> {
        let signed: Vec<_> = living.iter().map(|attempt| &attempt.signed).collect();
        if signed.is_empty() || signed.iter().any(|it| self.find(&it.tx_hash).is_some()) {
            return None;
        }
        let deaths = signed.iter().map(|it| self.death_of(plan, it, finality));
        deaths.collect::<Option<Vec<_>>>()?.pop()
    }

    fn death_of(&self, plan: &Plan, signed: &Signed, finality: u64) -> Option<Death> {
        match &signed.terms {
            Terms::Tron { expiration_ms, .. } => {
                let solid = &self.mined(finality)?.block;
                let is_past = millis(solid.time) > *expiration_ms;
                is_past.then_some(Death::Expired { solid_height: finality })
            }
            Terms::Ethereum { .. } => {
                let is_used = self.nonce(&plan.from, finality) > signed.sequence;
                is_used.then(|| Death::NonceTaken { by: self.user_of(plan, signed.sequence) })
            }
        }
    }

    /// The transaction that has used the nonce, if it was signed by us.
    fn user_of(&self, plan: &Plan, nonce: u64) -> Option<String> {
        let all = self.executed(self.head()).map(|(_, it)| &it.transaction);
        let mut ours = all.filter(|it| {
            matches!(&it.act, Act::Ours(body) if body.from == plan.from && body.sequence == nonce)
        });
        ours.next().map(|it| it.hash.clone())
    }
}
