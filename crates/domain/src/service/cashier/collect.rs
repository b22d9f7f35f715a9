//! Collecting: one step of a collection's job, and learning about collections from anywhere.

use time::OffsetDateTime;

use super::Cashier;
use super::follow::About;
use super::start_payment::PaymentStarted;
use crate::ids::CollectionId;
use crate::order::{Effect, Leg, Order, OrderState};
use crate::ports::{Job, JobEnd, PushRequest, StatusKey, StatusRequest, StoreError, UnitOfWork};
use crate::rail::collection::{Collection, CollectionFact, CollectionStep};
use crate::rail::{Hook, NotDone, RailReview, Subject, Submission, WhyNot};
use crate::service::ServiceError;

impl Cashier {
    /// Does what the collection needs next; what has become of it, if it was looked at.
    pub(super) async fn collect(
        &self,
        job: &Job,
        id: CollectionId,
    ) -> Result<Option<PaymentStarted>, ServiceError> {
        let fact = match self.read_collection(id).await?.next_step() {
            CollectionStep::Send => match self.start_sending(job, id).await? {
                Some((request, since)) => Some(self.push(&request, since).await),
                None => None,
            },
            CollectionStep::Abandon => Some(CollectionFact::Abandoned),
            CollectionStep::Query(checkout) => {
                Some(CollectionFact::Queried(self.rail.query(&checkout).await))
            }
            CollectionStep::AskStatus(receipt) => {
                self.ask_about_receipt(job, id, receipt).await?;
                return Ok(None);
            }
            CollectionStep::Wait | CollectionStep::Finish => None,
        };
        self.conclude_collection(job, id, fact).await.map(Some)
    }

    async fn read_collection(&self, id: CollectionId) -> Result<Collection, StoreError> {
        let mut uow = self.engine.store.begin().await?;
        let collection = uow.find_collection(id).await?;
        uow.rollback().await?;
        collection.ok_or_else(|| lost(id))
    }

    /// Commits that the prompt is being sent; `None` when it must not be.
    async fn start_sending(
        &self,
        job: &Job,
        id: CollectionId,
    ) -> Result<Option<(PushRequest, OffsetDateTime)>, ServiceError> {
        let now = self.now();
        let mut uow = self.engine.store.begin().await?;
        let order = self.lock_order(&mut *uow, job.order_id).await?;
        let mut collection = uow.lock_collection(id).await?.ok_or_else(|| lost(id))?;
        if !collection.start_sending(now) {
            uow.rollback().await?;
            return Ok(None);
        }
        if !awaits(&order, id, now) {
            let fact = CollectionFact::NotDone(NotDone {
                why: WhyNot::NotSent,
                detail: "the order does not await it any more".to_owned(),
            });
            self.learn(&mut *uow, order, &mut collection, fact).await?;
            uow.commit().await?;
            return Ok(None);
        }
        let token = self.open_door(&mut *uow, Hook::Collection, Subject::Collection(id)).await?;
        uow.save_collection(&collection).await?;
        uow.commit().await?;
        let Collection { phone, amount, account_reference, .. } = collection;
        Ok(Some((PushRequest { phone, amount, account_reference, token }, now)))
    }

    /// Sends the prompt, unless we stood still for so long since `since` that others may have acted: a
    /// prompt has no key, and a late one is a second one.
    async fn push(&self, request: &PushRequest, since: OffsetDateTime) -> CollectionFact {
        if self.now() >= since.saturating_add(self.tempo.lease) {
            let detail = "the process stood still before sending".to_owned();
            return CollectionFact::NotDone(NotDone { why: WhyNot::NotSent, detail });
        }
        match self.rail.push(request).await {
            Submission::Accepted(refs) => CollectionFact::Accepted(refs),
            Submission::NotDone(not_done) => CollectionFact::NotDone(not_done),
            Submission::Unknown(doubt) => CollectionFact::Doubtful(doubt),
        }
    }

    /// Asks for the status of a receipt that somebody claims; the answer comes by callback.
    async fn ask_about_receipt(
        &self,
        job: &Job,
        id: CollectionId,
        receipt: String,
    ) -> Result<(), ServiceError> {
        let mut uow = self.engine.store.begin().await?;
        let order = self.lock_order(&mut *uow, job.order_id).await?;
        if !self.may_ask(&mut *uow, job).await? {
            return Ok(uow.commit().await?);
        }
        let mut collection = uow.lock_collection(id).await?.ok_or_else(|| lost(id))?;
        let subject = Subject::Collection(id);
        let (result_token, timeout_token) =
            self.open_doors(&mut *uow, Hook::Status, subject).await?;
        let asked = CollectionFact::StatusAsked;
        let order = self.learn(&mut *uow, order, &mut collection, asked).await?;
        if self.look_again(&mut *uow, job, &collection).await? {
            self.tell_unknown(&mut *uow, order, Leg::Collection).await?;
        }
        uow.commit().await?;
        let key = StatusKey::Receipt(receipt);
        self.ask(&StatusRequest { key, result_token, timeout_token }).await
    }

    /// Asks a status question. That it was not taken only matters when it shows that our keys are not.
    pub(super) async fn ask(&self, request: &StatusRequest) -> Result<(), ServiceError> {
        let asked = self.rail.ask_status(request).await;
        if let Submission::NotDone(NotDone { why: WhyNot::Credentials, detail }) = asked {
            let mut uow = self.engine.store.begin().await?;
            self.open_circuit(&mut *uow, &detail).await?;
            uow.commit().await?;
        }
        Ok(())
    }

    /// Commits what was learned and when to look again.
    async fn conclude_collection(
        &self,
        job: &Job,
        id: CollectionId,
        fact: Option<CollectionFact>,
    ) -> Result<PaymentStarted, ServiceError> {
        let mut uow = self.engine.store.begin().await?;
        let mut order = self.lock_order(&mut *uow, job.order_id).await?;
        let mut collection = uow.lock_collection(id).await?.ok_or_else(|| lost(id))?;
        if let Some(fact) = fact {
            order = self.learn(&mut *uow, order, &mut collection, fact).await?;
        }
        if self.look_again(&mut *uow, job, &collection).await? {
            order = self.tell_unknown(&mut *uow, order, Leg::Collection).await?;
        }
        uow.commit().await?;
        Ok(PaymentStarted { order, collection })
    }

    /// Takes a fact in, does what follows, and saves.
    pub(super) async fn learn(
        &self,
        uow: &mut dyn UnitOfWork,
        order: Order,
        collection: &mut Collection,
        fact: CollectionFact,
    ) -> Result<Order, ServiceError> {
        let before = collection.clone();
        let consequences = collection.learn(fact, &self.tempo, self.now());
        if *collection != before {
            uow.save_collection(collection).await?;
        }
        let about = about(collection);
        self.follow(uow, order, &about, consequences).await
    }

    /// Ends the step: when the job is due again, if it is. What was learned is a fact, and counts even
    /// when the lease was lost meanwhile; then the job is its new holder's. Whether it is overdue.
    async fn look_again(
        &self,
        uow: &mut dyn UnitOfWork,
        job: &Job,
        collection: &Collection,
    ) -> Result<bool, StoreError> {
        let now = self.now();
        let due = collection.due_again(&self.tempo, now);
        let is_overdue = due.is_some() && collection.is_overdue(&self.tempo, now);
        if is_overdue {
            let detail = "nobody says what became of this collection";
            self.review(uow, &about(collection), RailReview::UnknownExpired, detail).await?;
        }
        let end = due.map_or(JobEnd::Done, JobEnd::Again);
        uow.end_job(job, end, None, now).await?;
        Ok(is_overdue)
    }

    /// Learns about a collection from outside its job, and brings the job forward if there is
    /// something to ask now.
    pub(super) async fn learn_of(
        &self,
        uow: &mut dyn UnitOfWork,
        id: CollectionId,
        fact: CollectionFact,
    ) -> Result<Collection, ServiceError> {
        let found = uow.find_collection(id).await?.ok_or_else(|| lost(id))?;
        let order = self.lock_order(uow, found.order_id).await?;
        let mut collection = uow.lock_collection(id).await?.ok_or_else(|| lost(id))?;
        let before = collection.clone();
        self.learn(uow, order, &mut collection, fact).await?;
        let asks = matches!(
            collection.next_step(),
            CollectionStep::Query(_) | CollectionStep::AskStatus(_) | CollectionStep::Finish
        );
        let is_news = collection != before && collection.claimed_receipt().is_some();
        if asks && is_news {
            uow.wake_job(&job_key(&collection), self.now()).await?;
        }
        Ok(collection)
    }
}

/// The order still wants this very prompt.
fn awaits(order: &Order, id: CollectionId, now: OffsetDateTime) -> bool {
    order.state == OrderState::AwaitingPayment { collection: Some(id) } && now < order.expires_at
}

fn about(collection: &Collection) -> About {
    About {
        order: collection.order_id,
        collection: Some(collection.id),
        cause: format!("collection:{}", collection.id),
    }
}

fn job_key(collection: &Collection) -> String {
    let Collection { id, order_id, phone, amount, .. } = collection;
    let effect =
        Effect::RequestCollection { collection: *id, phone: phone.clone(), amount: *amount };
    effect.idempotency_key(*order_id)
}

fn lost(id: CollectionId) -> StoreError {
    StoreError::Corrupt(format!("collection {id} is not there"))
}
