//! Recording an event: the only code that changes an order. Lock, ask the table, save what it says.

use time::Duration;

use super::{Engine, ServiceError};
use crate::ids::OrderId;
use crate::ledger;
use crate::order::{
    Actor, Effect, HistoryEntry, HoldFate, Order, OrderEvent, Transition, transition,
};
use crate::ports::{JobEnd, StoreError, UnitOfWork};
use crate::rail::Review;

/// How long a review of the outbox is its opener's.
const LEASE: Duration = Duration::MINUTE;

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    Applied(Order),
    AlreadyApplied(Order),
}

impl Recorded {
    pub fn into_order(self) -> Order {
        match self {
            Self::Applied(order) | Self::AlreadyApplied(order) => order,
        }
    }
}

impl Engine {
    /// Tells the order a fact, or asks it something on behalf of `actor`.
    ///
    /// # Errors
    /// `NotFound`, `Refused` for requests only, or the store's own.
    pub async fn record_event(
        &self,
        id: OrderId,
        actor: Actor,
        event: &OrderEvent,
    ) -> Result<Recorded, ServiceError> {
        let mut uow = self.store.begin().await?;
        let Some(order) = uow.lock_order(id).await? else {
            uow.rollback().await?;
            return Err(ServiceError::NotFound);
        };
        self.conclude(uow, order, actor, event).await
    }

    /// Applies the event to a locked order and ends the unit of work: committed when it applied,
    /// rolled back when there was nothing to do or the order refused.
    pub(super) async fn conclude(
        &self,
        mut uow: Box<dyn UnitOfWork>,
        order: Order,
        actor: Actor,
        event: &OrderEvent,
    ) -> Result<Recorded, ServiceError> {
        match self.apply(&mut *uow, order, actor, event).await {
            Ok(Recorded::Applied(order)) => {
                uow.commit().await?;
                Ok(Recorded::Applied(order))
            }
            settled @ (Ok(Recorded::AlreadyApplied(_)) | Err(ServiceError::Refused(_))) => {
                uow.rollback().await?;
                settled
            }
            Err(error) => Err(error),
        }
    }

    /// Asks the table and saves what it says, inside the open unit of work.
    pub(super) async fn apply(
        &self,
        uow: &mut dyn UnitOfWork,
        before: Order,
        actor: Actor,
        event: &OrderEvent,
    ) -> Result<Recorded, ServiceError> {
        let (old_state, old_fate) = (before.state.clone(), before.state.hold_fate());
        let (mut order, effects) = match transition(before.clone(), event)? {
            Transition::Applied { order, effects } => (*order, effects),
            Transition::AlreadyApplied(order) => return Ok(Recorded::AlreadyApplied(*order)),
        };
        order.updated_at = self.clock.now().max(order.updated_at);
        if order.state != old_state {
            order.state_since = order.updated_at;
        }
        if order.state.hold_fate() == HoldFate::Spent {
            order.completed_at = order.completed_at.or(Some(order.updated_at));
        }
        let entry = continue_history(&mut order, actor, event)?;
        uow.save_order(&order, &entry).await?;
        if order.state.hold_fate() != old_fate {
            uow.settle_hold(&order, order.state.hold_fate()).await?;
        }
        if let Some(entry) = ledger::entry(&before, &order) {
            uow.post(&entry).await?;
        }
        let (calls, acts): (Vec<_>, Vec<_>) =
            effects.into_iter().partition(|effect| matches!(effect, Effect::OpenReview { .. }));
        self.call_operators(uow, &order, &calls).await?;
        uow.enqueue(order.id, &acts, order.updated_at).await?;
        Ok(Recorded::Applied(order))
    }

    /// A review needs nothing but this store: it is opened with what calls for it, whichever rails the
    /// process knows.
    async fn call_operators(
        &self,
        uow: &mut dyn UnitOfWork,
        order: &Order,
        calls: &[Effect],
    ) -> Result<(), StoreError> {
        for call in calls {
            if let Effect::OpenReview { kind, cause } = call {
                let review = Review::of_order(order.id, *kind, cause, order.updated_at);
                self.call_operator(uow, &review).await?;
            }
        }
        Ok(())
    }

    /// Opens the reviews that still lie in the outbox: older versions asked for them there. Answers how
    /// many.
    ///
    /// # Errors
    /// The store's.
    pub async fn open_asked_reviews(&self, limit: u16) -> Result<usize, ServiceError> {
        let now = self.clock.now();
        let jobs = self.store.claim_jobs(&["open_review"], limit, now, LEASE).await?;
        for job in &jobs {
            let mut uow = self.store.begin().await?;
            if let Effect::OpenReview { kind, cause } = &job.effect {
                let review = Review::of_order(job.order_id, *kind, cause, now);
                self.call_operator(&mut *uow, &review).await?;
            }
            uow.end_job(job, JobEnd::Done, None, now).await?;
            uow.commit().await?;
        }
        Ok(jobs.len())
    }
}

fn continue_history(
    order: &mut Order,
    actor: Actor,
    event: &OrderEvent,
) -> Result<HistoryEntry, StoreError> {
    let corrupt = |what: &str| StoreError::Corrupt(what.to_owned());
    order.version = order.version.checked_add(1).ok_or_else(|| corrupt("history is full"))?;
    let payload = serde_json::to_string(event).map_err(|_| corrupt("event is not JSON"))?;
    let entry = HistoryEntry::seal(order, actor, event.kind(), payload);
    order.head = entry.hash;
    Ok(entry)
}
