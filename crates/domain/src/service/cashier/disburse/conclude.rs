//! Learning about a disbursement, from its own job and from anywhere else, and committing it.

use uuid::Uuid;

use crate::order::Order;
use crate::ports::{Job, JobEnd, StoreError, UnitOfWork};
use crate::rail::RailReview;
use crate::rail::disbursement::{Disbursement, DisbursementFact};
use crate::service::ServiceError;
use crate::service::cashier::Cashier;
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
        self.learn_fact(&mut *uow, order, &mut disbursement, fact).await?;
        let due = disbursement.due_again(&self.tempo, now);
        uow.end_job(job, due.map_or(JobEnd::Done, JobEnd::Again), None, now).await?;
        Ok(uow.commit().await?)
    }

    async fn learn_fact(
        &self,
        uow: &mut dyn UnitOfWork,
        order: Order,
        disbursement: &mut Disbursement,
        fact: DisbursementFact,
    ) -> Result<Order, ServiceError> {
        let before = disbursement.clone();
        let consequences = disbursement.learn(fact, &self.tempo, self.now());
        let about = about(disbursement);
        if disbursement.is_overdue(&self.tempo) && !disbursement.evidence.reviewed {
            disbursement.evidence.reviewed = true;
            let detail = "nobody says what became of this money";
            self.review(uow, &about, RailReview::UnknownExpired, detail).await?;
        }
        if *disbursement != before {
            uow.save_disbursement(disbursement).await?;
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
