//! Learning about a disbursement, from its own job and from anywhere else, and committing it.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::order::Order;
use crate::ports::{Job, JobEnd, StoreError, UnitOfWork};
use crate::rail::RailReview;
use crate::rail::disbursement::{Disbursement, DisbursementFact, DisbursementState, Purpose};
use crate::service::ServiceError;
use crate::service::cashier::Cashier;
use crate::service::cashier::float::SHORT_OF_REFUNDS;
use crate::service::cashier::follow::About;

impl Cashier {
    pub(super) async fn conclude(
        &self,
        job: &Job,
        id: Uuid,
        fact: DisbursementFact,
    ) -> Result<(), ServiceError> {
        let mut uow = self.engine.store.begin().await?;
        let order = self.lock_order(&mut *uow, job.order_id).await?;
        let disbursement = uow.lock_disbursement(id).await?.ok_or_else(|| lost(id))?;
        self.conclude_in(uow, order, job, disbursement, fact).await
    }

    /// Commits what was learned and when to look again.
    pub(super) async fn conclude_in(
        &self,
        mut uow: Box<dyn UnitOfWork>,
        order: Order,
        job: &Job,
        mut disbursement: Disbursement,
        fact: DisbursementFact,
    ) -> Result<(), ServiceError> {
        let now = self.now();
        let unused = matches!(fact, DisbursementFact::NotDone(_));
        let order = self.learn_fact(&mut *uow, order, &mut disbursement, fact).await?;
        if unused {
            self.take_back_use(&mut *uow).await?;
        }
        let due = disbursement.due_again(&self.tempo, now);
        let due = due.or_else(|| self.due_once_there_is_enough(&order, &disbursement, now));
        uow.end_job(job, due.map_or(JobEnd::Done, JobEnd::Again), None, now).await?;
        Ok(uow.commit().await?)
    }

    /// What failed for want of shillings goes again: a payout as soon as the float is told to suffice,
    /// a refund after a pause, because nobody tells what it is paid from.
    fn due_once_there_is_enough(
        &self,
        order: &Order,
        disbursement: &Disbursement,
        now: OffsetDateTime,
    ) -> Option<OffsetDateTime> {
        let goes_again = disbursement.lacked_float() && Self::may_try_again(order, disbursement);
        goes_again.then(|| match disbursement.purpose {
            Purpose::Payout => self.tempo.while_blocked(now),
            Purpose::Refund { .. } => now.saturating_add(self.tempo.float_pause()),
        })
    }

    async fn learn_fact(
        &self,
        uow: &mut dyn UnitOfWork,
        mut order: Order,
        disbursement: &mut Disbursement,
        fact: DisbursementFact,
    ) -> Result<Order, ServiceError> {
        let before = disbursement.clone();
        let consequences = disbursement.learn(fact, &self.tempo, self.now());
        let is_paid = |it: &Disbursement| it.state == DisbursementState::Paid;
        if disbursement.purpose == Purpose::Payout && is_paid(disbursement) && !is_paid(&before) {
            let mut gate = self.gate(uow).await?;
            gate.now.float.note_paid(disbursement.amount);
            self.keep_circuit(uow, gate).await?;
        }
        let about = about(disbursement);
        if disbursement.is_overdue(&self.tempo) && !disbursement.evidence.reviewed {
            disbursement.evidence.reviewed = true;
            let detail = "nobody says what became of this money";
            self.review(uow, &about, RailReview::UnknownExpired, detail).await?;
            order = self.tell_unknown(uow, order, disbursement.leg()).await?;
        }
        if *disbursement != before {
            uow.save_disbursement(disbursement).await?;
        }
        if before.state != disbursement.state && is_refund_made_again(disbursement) {
            self.engine.call_off(uow, SHORT_OF_REFUNDS, "a refund was made again").await?;
        }
        self.post_charge(uow, disbursement).await?;
        self.follow(uow, order, &about, consequences).await
    }

    /// Learns about a disbursement from outside its job, and brings the job forward when that ends it.
    pub(in crate::service::cashier) async fn learn_about(
        &self,
        uow: &mut dyn UnitOfWork,
        id: Uuid,
        fact: DisbursementFact,
    ) -> Result<(), ServiceError> {
        let found = uow.find_disbursement(id).await?.ok_or_else(|| lost(id))?;
        let order = self.lock_order(uow, found.order_id).await?;
        let mut disbursement = uow.lock_disbursement(id).await?.ok_or_else(|| lost(id))?;
        let before = disbursement.state;
        self.learn_fact(uow, order, &mut disbursement, fact).await?;
        if disbursement.state != before && !disbursement.state.is_under_way() {
            uow.wake_job(&disbursement.key, self.now()).await?;
        }
        Ok(())
    }
}

/// A refund that had failed was made after all: there is enough for refunds.
fn is_refund_made_again(it: &Disbursement) -> bool {
    let is_refund = matches!(it.purpose, Purpose::Refund { .. });
    is_refund && it.generation > 1 && it.state == DisbursementState::Paid
}

fn about(disbursement: &Disbursement) -> About {
    About {
        order: disbursement.order_id,
        collection: None,
        cause: format!("disbursement:{}", disbursement.id),
    }
}

fn lost(id: Uuid) -> StoreError {
    StoreError::Corrupt(format!("disbursement {id} is not there"))
}
