//! Starting a payment: the intent, the prompt, and an answer for the client, who waits.

use time::OffsetDateTime;

use super::Cashier;
use crate::access::Caller;
use crate::ids::{CollectionId, OrderId};
use crate::order::{Actor, Effect, Order, OrderEvent};
use crate::party::Msisdn;
use crate::ports::{Job, StoreError, UnitOfWork};
use crate::rail::collection::{Collection, CollectionEvidence, CollectionState, account_reference};
use crate::rail::{NotDone, WhyNot};
use crate::service::place_order::{Render, Request};
use crate::service::record_event::Recorded;
use crate::service::{Answer, ServiceError};

/// A client's wish to pay an order from a phone.
#[derive(Debug, Clone)]
pub struct StartPayment {
    pub order_id: OrderId,
    pub phone: Msisdn,
}

/// The attempt, as far as it has come when the client is answered.
#[derive(Debug, Clone)]
pub struct PaymentStarted {
    pub order: Order,
    pub collection: Collection,
}

impl Cashier {
    /// Asks the phone to pay the order. Run it in a task of its own: a client that goes away must not
    /// stop it half way.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, `Refused`, `PhoneAskedRecently`, `PromptNotSent` when the rail
    /// definitely did not take it, `KeyReused`, or the store's own.
    pub async fn start_payment(
        &self,
        request: &Request,
        command: &StartPayment,
        render: Render<'_, PaymentStarted>,
    ) -> Result<Answer, ServiceError> {
        if let Some(answer) = self.engine.earlier_answer(request).await? {
            return Ok(answer);
        }
        let (id, job) = self.store_intent(request.caller, command).await?;
        let started = self.send_at_once(&job, id).await?;
        if started.collection.state == CollectionState::Refused {
            self.release_phone(&started.collection).await;
            let why = started.collection.evidence.not_done.clone();
            return Err(ServiceError::PromptNotSent(why.unwrap_or_else(not_sent)));
        }
        let answer = render(&started);
        self.remember(request, &answer).await?;
        Ok(Answer::fresh(answer))
    }

    /// The intent and everything that makes it findable, before a byte is sent.
    async fn store_intent(
        &self,
        caller: Caller,
        command: &StartPayment,
    ) -> Result<(CollectionId, Job), ServiceError> {
        let mut uow = self.engine.store.begin().await?;
        match self.prepare(&mut *uow, caller, command).await {
            Ok(prepared) => {
                uow.commit().await?;
                Ok(prepared)
            }
            Err(error) => {
                uow.rollback().await?;
                Err(error)
            }
        }
    }

    async fn prepare(
        &self,
        uow: &mut dyn UnitOfWork,
        caller: Caller,
        command: &StartPayment,
    ) -> Result<(CollectionId, Job), ServiceError> {
        let now = self.now();
        let order = payable(caller, uow.lock_order(command.order_id).await?)?;
        let id = CollectionId(self.engine.new_id(now));
        let phone = command.phone.clone();
        let account_reference = account_reference(self.engine.entropy.bits());
        let event = OrderEvent::StartPayment {
            collection: id,
            phone: phone.clone(),
            at: now,
            account_reference: Some(account_reference.clone()),
        };
        let recorded = self.engine.apply(uow, order, Actor::Customer(caller.id), &event).await?;
        let Recorded::Applied(order) = recorded else {
            return Err(StoreError::Corrupt(format!("collection {id} is known")).into());
        };
        self.claim_phone(uow, &phone, now).await?;
        let attempt = Collection { account_reference, ..new_collection(&order, id, &phone, now) };
        uow.insert_collection(&attempt).await?;
        let effect = Effect::RequestCollection { collection: id, phone, amount: attempt.amount };
        let key = effect.idempotency_key(order.id);
        let job = uow.take_job(&key, now, self.tempo.lease).await?;
        let job = job.ok_or_else(|| StoreError::Corrupt(format!("job {key} is not there")))?;
        Ok((id, job))
    }

    async fn claim_phone(
        &self,
        uow: &mut dyn UnitOfWork,
        phone: &Msisdn,
        now: OffsetDateTime,
    ) -> Result<(), ServiceError> {
        let pause = self.tempo.phone_pause();
        let not_since = now.saturating_sub(pause);
        match uow.claim_phone(phone, now, not_since).await? {
            None => Ok(()),
            Some(last) => {
                let until = last.saturating_add(pause).unix_timestamp();
                let wait = until.saturating_sub(now.unix_timestamp()).saturating_add(1);
                Err(ServiceError::PhoneAskedRecently(wait.max(1)))
            }
        }
    }

    /// Nothing was sent, so the phone was not asked. Another's later claim stays.
    async fn release_phone(&self, refused: &Collection) {
        let long_ago = refused.created_at.saturating_sub(self.tempo.phone_pause());
        let released = async {
            let mut uow = self.engine.store.begin().await?;
            uow.claim_phone(&refused.phone, long_ago, refused.created_at).await?;
            uow.commit().await
        };
        if let Err(error) = released.await {
            tracing::warn!(%error, "a phone that was not asked stays claimed for its pause");
        }
    }

    async fn send_at_once(
        &self,
        job: &Job,
        id: CollectionId,
    ) -> Result<PaymentStarted, ServiceError> {
        self.collect(job, id).await?.ok_or_else(|| {
            StoreError::Corrupt(format!("collection {id} was not sent and not refused")).into()
        })
    }

    /// Keeps the answer under the client's key. Should the process die before this, the key is free
    /// and the order says that a payment is in flight.
    async fn remember(
        &self,
        request: &Request,
        answer: &crate::placement::StoredAnswer,
    ) -> Result<(), ServiceError> {
        let Some(claim) = &request.claim else {
            return Ok(());
        };
        let mut uow = self.engine.store.begin().await?;
        if uow.claim_key(claim).await? == crate::ports::ClaimOutcome::Fresh {
            uow.store_answer(claim, answer, self.now()).await?;
            return Ok(uow.commit().await?);
        }
        Ok(uow.rollback().await?)
    }
}

fn payable(caller: Caller, order: Option<Order>) -> Result<Order, ServiceError> {
    let order = order.ok_or(ServiceError::NotFound)?;
    match caller.may_pay(&order) {
        None => Err(ServiceError::NotFound),
        Some(false) => Err(ServiceError::Forbidden("only the order's customer pays for it")),
        Some(true) => Ok(order),
    }
}

fn new_collection(
    order: &Order,
    id: CollectionId,
    phone: &Msisdn,
    at: OffsetDateTime,
) -> Collection {
    Collection {
        id,
        order_id: order.id,
        phone: phone.clone(),
        amount: order.collection_due(),
        account_reference: String::new(),
        state: CollectionState::Created,
        refs: None,
        receipt: None,
        evidence: CollectionEvidence::default(),
        created_at: at,
        sent_at: None,
        updated_at: at,
    }
}

fn not_sent() -> NotDone {
    NotDone { why: WhyNot::NotSent, detail: "the prompt was not sent".to_owned() }
}
