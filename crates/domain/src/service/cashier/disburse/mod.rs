//! Paying out and refunding: one step of a disbursement's job. What is learned by it is committed in
//! [`conclude`].

mod conclude;
pub(super) mod hold;

use self::hold::HELD_BY_CIRCUIT;
use super::Cashier;
use crate::money::Fiat;
use crate::order::{Actor, Order, OrderEvent, RefundOf, Refusal, Refused, transition};
use crate::party::Msisdn;
use crate::ports::{
    Job, JobEnd, PayoutRequest, ReversalRequest, StatusKey, StatusRequest, UnitOfWork,
};
use crate::rail::disbursement::{
    Disbursement, DisbursementEvidence, DisbursementFact, DisbursementState, DisbursementStep,
    Purpose, reference,
};
use crate::rail::{CallbackToken, Hook, InitiatorUse, Subject, Submission};
use crate::service::ServiceError;

impl Cashier {
    /// Does what the disbursement of this job needs next.
    pub(super) async fn disburse(
        &self,
        job: &Job,
        purpose: &Purpose,
        phone: &Msisdn,
        amount: Fiat,
    ) -> Result<(), ServiceError> {
        let mut uow = self.engine.store.begin().await?;
        let order = self.lock_order(&mut *uow, job.order_id).await?;
        let last = uow.lock_last_disbursement(&job.key).await?;
        let disbursement =
            last.unwrap_or_else(|| self.intend(job, 1, purpose.clone(), phone.clone(), amount));
        match disbursement.next_step(&self.tempo) {
            DisbursementStep::Send => Box::pin(self.send(uow, order, job, disbursement)).await,
            DisbursementStep::Finish if Self::may_try_again(&order, &disbursement) => {
                let next = disbursement.generation.saturating_add(1);
                let again = self.intend(job, next, purpose.clone(), phone.clone(), amount);
                Box::pin(self.send(uow, order, job, again)).await
            }
            DisbursementStep::AskStatus => self.ask_status(uow, order, job, disbursement).await,
            DisbursementStep::Repeat => Box::pin(self.repeat(uow, order, job, disbursement)).await,
            DisbursementStep::Abandon => {
                self.conclude_in(uow, order, job, disbursement, DisbursementFact::Abandoned).await
            }
            DisbursementStep::Wait | DisbursementStep::Finish => {
                self.conclude_in(uow, order, job, disbursement, DisbursementFact::Waited).await
            }
        }
    }

    /// A new intent, with the reference that it keeps for life.
    fn intend(
        &self,
        job: &Job,
        generation: i32,
        purpose: Purpose,
        phone: Msisdn,
        amount: Fiat,
    ) -> Disbursement {
        let at = self.now();
        Disbursement {
            id: reference(&job.key, generation),
            key: job.key.clone(),
            generation,
            order_id: job.order_id,
            purpose,
            phone,
            amount,
            state: DisbursementState::Created,
            conversation_id: None,
            receipt: None,
            evidence: DisbursementEvidence::default(),
            created_at: at,
            sent_at: None,
            updated_at: at,
        }
    }

    /// The last one is proven to have failed, and the order asks for it again: an operator's `resume`
    /// makes it do so, or nothing was wrong with it but that too little of ours was there. Either is a
    /// new decision and a new intent (ADR 14, 22).
    fn may_try_again(order: &Order, last: &Disbursement) -> bool {
        let is_extra = matches!(last.purpose, Purpose::Refund { refund: RefundOf::Extra(_), .. });
        last.state == DisbursementState::FailedConfirmed
            && (!is_extra || last.lacked_float())
            && transition(order.clone(), &started(&last.purpose)).is_ok()
    }

    /// Sends it, if the breaker lets it pass and the order still wants it.
    async fn send(
        &self,
        mut uow: Box<dyn UnitOfWork>,
        order: Order,
        job: &Job,
        mut disbursement: Disbursement,
    ) -> Result<(), ServiceError> {
        let now = self.now();
        let event = started(&disbursement.purpose);
        // What is not wanted any more waits for nothing.
        if let Err(refused) = transition(order.clone(), &event) {
            return self.stand_down(uow, job, &refused).await;
        }
        let mut gate = self.gate(&mut *uow).await?;
        let held = self.held_by(&mut *uow, &mut gate, &disbursement).await?;
        if let Some(why) = held {
            self.hold_back(&mut *uow, job, gate, why).await?;
            return Ok(uow.commit().await?);
        }
        match self.engine.apply(&mut *uow, order, Actor::System, &event).await {
            Ok(_) => {}
            Err(ServiceError::Refused(refused)) => {
                return self.stand_down(uow, job, &refused).await;
            }
            Err(error) => return Err(error),
        }
        let is_new = disbursement.evidence.turned_away == 0;
        disbursement.start_sending(now);
        let subject = Subject::Disbursement(disbursement.id);
        let doors = self.open_doors(&mut *uow, Hook::Payout, subject).await?;
        if is_new {
            uow.insert_disbursement(&disbursement).await?;
        } else {
            uow.save_disbursement(&disbursement).await?;
        }
        self.keep_circuit(&mut *uow, gate).await?;
        uow.commit().await?;
        let fact = self.submit(&disbursement, doors).await;
        self.conclude(job, disbursement.id, fact).await
    }

    /// The order does not want it now, or not any more.
    async fn stand_down(
        &self,
        mut uow: Box<dyn UnitOfWork>,
        job: &Job,
        refused: &Refused,
    ) -> Result<(), ServiceError> {
        let now = self.now();
        let end = if refused.refusal == Refusal::UnderReview {
            JobEnd::Again(self.tempo.while_blocked(now))
        } else {
            JobEnd::Done
        };
        uow.end_job(job, end, Some(&refused.to_string()), now).await?;
        Ok(uow.commit().await?)
    }

    async fn submit(
        &self,
        disbursement: &Disbursement,
        (result_token, timeout_token): (CallbackToken, CallbackToken),
    ) -> DisbursementFact {
        let Disbursement { id, phone, amount, purpose, .. } = disbursement.clone();
        let submission = match purpose {
            Purpose::Payout => {
                let request =
                    PayoutRequest { reference: id, phone, amount, result_token, timeout_token };
                self.rail.pay_out(&request).await
            }
            Purpose::Refund { receipt, .. } => {
                let request = ReversalRequest { receipt, amount, result_token, timeout_token };
                self.rail.reverse(&request).await
            }
        };
        match submission {
            Submission::Accepted(conversation) => DisbursementFact::Accepted(conversation),
            Submission::NotDone(not_done) => DisbursementFact::NotDone(not_done),
            Submission::Unknown(doubt) => DisbursementFact::Doubtful(doubt),
        }
    }

    /// Asks the rail how it ended; the answer comes by callback.
    async fn ask_status(
        &self,
        mut uow: Box<dyn UnitOfWork>,
        order: Order,
        job: &Job,
        disbursement: Disbursement,
    ) -> Result<(), ServiceError> {
        let id = disbursement.id;
        if !self.may_ask(&mut *uow, job).await? {
            return Ok(uow.commit().await?);
        }
        let subject = Subject::Disbursement(id);
        let (result_token, timeout_token) =
            self.open_doors(&mut *uow, Hook::Status, subject).await?;
        self.conclude_in(uow, order, job, disbursement, DisbursementFact::Asked).await?;
        let key = StatusKey::Reference(id);
        self.ask(&StatusRequest { key, result_token, timeout_token }).await
    }

    /// Sends the same again under the same name, if the order's table still lets it.
    async fn repeat(
        &self,
        mut uow: Box<dyn UnitOfWork>,
        order: Order,
        job: &Job,
        disbursement: Disbursement,
    ) -> Result<(), ServiceError> {
        let mut gate = self.gate(&mut *uow).await?;
        if !gate.now.admits(InitiatorUse::Repeat, &self.tempo, self.now()) {
            self.hold_back(&mut *uow, job, gate, HELD_BY_CIRCUIT).await?;
            return Ok(uow.commit().await?);
        }
        let event = started(&disbursement.purpose);
        let order = match self.engine.apply(&mut *uow, order, Actor::System, &event).await {
            Ok(recorded) => recorded.into_order(),
            Err(ServiceError::Refused(refused)) => {
                return self.stand_down(uow, job, &refused).await;
            }
            Err(error) => return Err(error),
        };
        let subject = Subject::Disbursement(disbursement.id);
        let doors = self.open_doors(&mut *uow, Hook::Payout, subject).await?;
        let repeated = disbursement.clone();
        self.keep_circuit(&mut *uow, gate).await?;
        self.conclude_in(uow, order, job, disbursement, DisbursementFact::Asked).await?;
        let fact = self.submit(&repeated, doors).await;
        let mut uow = self.engine.store.begin().await?;
        self.learn_about(&mut *uow, repeated.id, fact).await?;
        Ok(uow.commit().await?)
    }
}

/// The question to the order's table before a byte of it leaves.
fn started(purpose: &Purpose) -> OrderEvent {
    match purpose {
        Purpose::Payout => OrderEvent::PayoutStarted,
        Purpose::Refund { refund, .. } => OrderEvent::RefundStarted { refund: refund.clone() },
    }
}
