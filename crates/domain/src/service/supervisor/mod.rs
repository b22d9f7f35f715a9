//! The supervisor: walks over all that is not finished, calls an operator about what nothing moves, and
//! calls off what moves again. Any number of processes may run it; one of them has the turn.
//!
//! Rules are not here: they stand in [`crate::supervision`].

mod report;
mod walk;

pub use report::{JobsOfKind, OrdersOfStatus, Supervised};

use std::collections::{BTreeMap, HashSet};

use self::walk::Walk;
use super::{Engine, ServiceError};
use crate::address::Network;
use crate::rail::{OpenReview, RailReview};
use crate::supervision::{Finding, SupervisionSchedule, Surroundings, judge_chains, judge_circuit};

/// New reviews in a round: should all be stuck at once, the next rounds tell of the rest.
const NEW_AT_ONCE: usize = 100;

/// Sees to it that nothing is stuck in silence. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Supervisor {
    pub engine: Engine,
    pub schedule: SupervisionSchedule,
}

impl Supervisor {
    /// Looks through everything, if it is anybody's turn.
    ///
    /// # Errors
    /// The store's; then the next round sees to it.
    pub async fn take_turn(&self) -> Result<Option<Supervised>, ServiceError> {
        let (store, now) = (&self.engine.store, self.engine.clock.now());
        if !store.claim_turn("supervisor", self.schedule.every, now).await? {
            return Ok(None);
        }
        self.round().await.map(Some)
    }

    /// Looks through everything.
    ///
    /// # Errors
    /// The store's.
    pub async fn round(&self) -> Result<Supervised, ServiceError> {
        let around = self.surroundings().await?;
        // Before the walk: what another process opens meanwhile is not closed by this one.
        let standing = self.engine.store.open_conditions().await?;
        let walk = Walk::over(&*self.engine.store, &around).await?;
        let found: Vec<_> = judge_circuit(&around)
            .into_iter()
            .chain(judge_chains(&around, &walk.unwatched))
            .chain(walk.findings())
            .collect();
        let (opened, closed) = self.tell(&found, &standing, &walk).await?;
        let reviews = self.engine.store.count_reviews().await?;
        let findings = found.len();
        let Surroundings { circuit, cursors, .. } = around;
        let Walk { orders, jobs, .. } = walk;
        Ok(Supervised { orders, jobs, reviews, circuit, cursors, findings, opened, closed })
    }

    async fn surroundings(&self) -> Result<Surroundings, ServiceError> {
        let mut cursors = Vec::new();
        for network in Network::ALL {
            cursors.extend(self.engine.store.find_cursor(network).await?);
        }
        let circuit = self.engine.circuit().await?;
        let (now, schedule) = (self.engine.clock.now(), self.schedule);
        Ok(Surroundings { now, circuit, cursors, schedule })
    }

    /// Opens a review for each finding that has none, and closes those of what is so no more.
    async fn tell(
        &self,
        found: &[Finding],
        standing: &[OpenReview],
        walk: &Walk,
    ) -> Result<(usize, usize), ServiceError> {
        let known: HashSet<_> = standing.iter().map(|review| review.subject.as_str()).collect();
        let is: BTreeMap<_, _> = found.iter().map(|it| (it.subject.as_str(), it)).collect();
        let new = is.values().filter(|it| !known.contains(it.subject.as_str()));
        let new: Vec<_> = new.take(NEW_AT_ONCE).collect();
        let over = |review: &&OpenReview| {
            let is_open_job = walk.has_open_job(&review.subject);
            !is.contains_key(review.subject.as_str()) && !is_open_job && is_ours(review)
        };
        let over: Vec<_> = standing.iter().filter(over).collect();
        if new.is_empty() && over.is_empty() {
            return Ok((0, 0));
        }
        let mut uow = self.engine.store.begin().await?;
        let mut opened = 0_usize;
        for finding in &new {
            let review = finding.review(self.engine.clock.now());
            let is_new = self.engine.call_operator(&mut *uow, &review).await?;
            opened = opened.saturating_add(usize::from(is_new));
        }
        for review in &over {
            self.engine.call_off(&mut *uow, &review.subject, "it moves again").await?;
        }
        uow.commit().await?;
        Ok((opened, over.len()))
    }
}

/// Of what the supervisor judges: other conditions are closed by whoever opens them.
fn is_ours(review: &OpenReview) -> bool {
    let subjects = ["order:", "job:", "jobs:", "chain:", crate::rail::CIRCUIT];
    review.kind == RailReview::Stuck.as_str()
        || subjects.iter().any(|subject| review.subject.starts_with(subject))
}
