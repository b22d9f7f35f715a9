//! Signing: terms from the chain, the sequence from the database, the bytes from the signer, all stored
//! in one unit of work before anything leaves.

use super::Treasurer;
use super::plan::started;
use crate::chain::Transfer;
use crate::chain::transfer::{Plan, Signed, Terms, TransferFact, TransferStep};
use crate::order::{Actor, Order, Refusal, Refused};
use crate::ports::{Job, JobEnd, Prepared, SignerError, SigningRequest, UnitOfWork};
use crate::service::ServiceError;

impl Treasurer {
    /// Signs a planned transfer, or a dearer variant of what is living, and sends it.
    pub(super) async fn sign(&self, job: &Job, seen: &Transfer) -> Result<(), ServiceError> {
        let plan = &seen.plan;
        let living = seen.live().last().map(|attempt| &attempt.signed);
        if living.is_none()
            && let Some(why) = self.is_not_payable(plan).await?
        {
            let fact = TransferFact::Blocked { detail: why.clone() };
            return self.learn_alone(job, seen, fact, &why).await;
        }
        if living.is_none()
            && let Some(why) = self.is_in_doubt(plan).await?
        {
            return Ok(self.put_off(job, &why).await?);
        }
        match self.chain(plan.network)?.sender.prepare(plan, living).await {
            // The chain has used the nonce: nothing beside it can execute, only end.
            Ok(prepared) if living.is_some_and(|it| it.sequence < prepared.sequence) => {
                self.bury_or_wait(job, seen).await
            }
            Ok(prepared) => self.store_signature(job, seen, prepared).await,
            Err(unprepared) => self.cope(job, seen, unprepared).await,
        }
    }

    async fn store_signature(
        &self,
        job: &Job,
        seen: &Transfer,
        prepared: Prepared,
    ) -> Result<(), ServiceError> {
        let mut uow = self.engine.store.begin().await?;
        let order = self.lock_order(&mut *uow, job.order_id).await?;
        let known = uow.lock_transfer(&seen.plan.key).await?;
        let is_new = known.is_none();
        let mut transfer = known.unwrap_or_else(|| seen.clone());
        if transfer.attempts != seen.attempts {
            // Somebody else has gone on with it.
            self.end(&mut *uow, job, &transfer).await?;
            return Ok(uow.commit().await?);
        }
        let is_first_of_nonce = transfer.next_step() == TransferStep::Sign;
        let asked = if is_first_of_nonce {
            self.ask_order(&mut *uow, order, &transfer.plan).await?
        } else {
            Ok(order)
        };
        let order = match asked {
            Ok(order) => order,
            Err(refused) => return self.stand_down(uow, job, &refused).await,
        };
        let signed = match self.obtain(&mut *uow, &transfer, prepared).await {
            Ok(signed) => signed,
            Err(ServiceError::Signer(error)) => {
                uow.rollback().await?;
                return self.cope_with_signer(job, &transfer, error).await;
            }
            Err(error) => return Err(error),
        };
        let tx_hash = signed.tx_hash.clone();
        if is_new {
            uow.insert_transfer(&transfer).await?;
        }
        self.settle(&mut *uow, order, &mut transfer, TransferFact::Signed(signed)).await?;
        self.call_off_shortage(&mut *uow, job, &transfer.plan).await?;
        uow.commit().await?;
        self.send(job, &transfer.plan, &tx_hash).await
    }

    /// Whether the order still wants it, recorded.
    async fn ask_order(
        &self,
        uow: &mut dyn UnitOfWork,
        order: Order,
        plan: &Plan,
    ) -> Result<Result<Order, Refused>, ServiceError> {
        let Some(event) = started(&plan.purpose) else {
            return Ok(Ok(order));
        };
        match self.engine.apply(uow, order, Actor::System, &event).await {
            Ok(recorded) => Ok(Ok(recorded.into_order())),
            Err(ServiceError::Refused(refused)) => Ok(Err(refused)),
            Err(error) => Err(error),
        }
    }

    async fn stand_down(
        &self,
        uow: Box<dyn UnitOfWork>,
        job: &Job,
        refused: &Refused,
    ) -> Result<(), ServiceError> {
        let (mut uow, now) = (uow, self.now());
        let end = if refused.refusal == Refusal::UnderReview {
            JobEnd::Again(now.saturating_add(self.tempo.seconds(30)))
        } else {
            JobEnd::Done
        };
        uow.end_job(job, end, Some(&refused.to_string()), now).await?;
        Ok(uow.commit().await?)
    }

    /// The next sequence of the address, which makes us its one writer, and the signature over it.
    async fn obtain(
        &self,
        uow: &mut dyn UnitOfWork,
        transfer: &Transfer,
        prepared: Prepared,
    ) -> Result<Signed, ServiceError> {
        let plan = &transfer.plan;
        let last = uow.lock_sequence(plan.network, &plan.from).await?;
        let living = transfer.live().last();
        let sequence = match living {
            Some(attempt) => attempt.signed.sequence,
            None => next_sequence(&prepared, last),
        };
        let (generation, variant) = match living {
            Some(last) => (last.generation, last.variant.saturating_add(1)),
            None => (transfer.next_generation(), 0),
        };
        let sender = &self.chain(plan.network)?.sender;
        let request = SigningRequest {
            plan: plan.clone(),
            generation,
            variant,
            unsigned: sender.encode(plan, &prepared.terms, sequence)?,
            terms: prepared.terms,
            sequence,
            death: transfer.last_death().cloned(),
        };
        let signed = self.signer.sign(&request).await?;
        if signed.sequence != sequence {
            self.check_adopted(uow, plan, &signed).await?;
        }
        if last.is_none_or(|last| last < signed.sequence) {
            uow.save_sequence(plan.network, &plan.from, signed.sequence).await?;
        }
        Ok(signed)
    }

    /// The journal remembers a signature that the database lost. It is as good as a new one, unless its
    /// nonce has become another transfer's.
    async fn check_adopted(
        &self,
        uow: &mut dyn UnitOfWork,
        plan: &Plan,
        signed: &Signed,
    ) -> Result<(), ServiceError> {
        let others = uow.find_attempts(plan.network, &plan.from, signed.sequence).await?;
        if others.is_empty() {
            return Ok(());
        }
        let why = format!("sequence {} of the journal is another transfer's", signed.sequence);
        Err(SignerError::AlreadySigned(why).into())
    }
}

/// Ethereum counts without gaps. A chain that has counted further than we have has seen a signature that
/// our database lost, which the signer's journal then answers with; or somebody else's, and then what is
/// signed here is dead at once, which stops the transfer. Tron only wants no two equal.
fn next_sequence(prepared: &Prepared, last: Option<u64>) -> u64 {
    let after = last.map(|last| last.saturating_add(1));
    match (&prepared.terms, after) {
        (_, None) => prepared.sequence,
        (Terms::Tron { .. }, Some(after)) => after.max(prepared.sequence),
        (Terms::Ethereum { .. }, Some(after)) => after,
    }
}
