//! What cannot be signed now: what becomes of it, and who is called.

use super::Treasurer;
use crate::chain::transfer::{Plan, TransferFact, Wallet};
use crate::chain::{Transfer, Value};
use crate::ports::{Job, JobEnd, SignerError, StoreError, UnitOfWork, Unprepared};
use crate::rail::{RailReview, Review};
use crate::service::ServiceError;

/// What fees are paid with.
const GAS: &str = "gas";

fn coin(plan: &Plan) -> &'static str {
    match plan.value {
        Value::Coin { asset, .. } => asset.as_str(),
        Value::Native { .. } => GAS,
    }
}

/// The subject of the review of a hot wallet that lacks something.
fn short_of(plan: &Plan, what: &str) -> String {
    format!("stock:short:{}:{what}", plan.network.as_str())
}

impl Treasurer {
    /// What cannot be prepared now is an operator's, or the order's, or only a matter of time.
    pub(super) async fn cope(
        &self,
        job: &Job,
        seen: &Transfer,
        unprepared: Unprepared,
    ) -> Result<(), ServiceError> {
        if seen.live().next().is_some() {
            tracing::warn!(job = job.key, ?unprepared, "no dearer variant can be made");
            return self.keep_alive(job, seen).await;
        }
        let (fact, why) = match unprepared {
            Unprepared::Away(error) => return Err(error.into()),
            Unprepared::NeedsGas { missing } if seen.plan.wallet != Wallet::Hot => {
                return self.ask_for_gas(job, seen, missing).await;
            }
            Unprepared::NeedsGas { missing } => {
                let detail = format!("it lacks {missing} for the fee");
                return self.wait_for_stock(job, seen, GAS, &detail).await;
            }
            Unprepared::Short(detail) if seen.plan.wallet == Wallet::Hot => {
                return self.wait_for_stock(job, seen, coin(&seen.plan), &detail).await;
            }
            Unprepared::Receiver(detail) => {
                (TransferFact::Unsendable { detail: detail.clone() }, detail)
            }
            Unprepared::Short(detail) | Unprepared::Blocked(detail) => {
                (TransferFact::Blocked { detail: detail.clone() }, detail)
            }
        };
        self.learn_alone(job, seen, fact, &why).await
    }

    /// The hot wallet is short: whatever waits for it goes by itself when it is filled. An operator is
    /// called once an hour for all that wait, not once for each.
    async fn wait_for_stock(
        &self,
        job: &Job,
        seen: &Transfer,
        what: &str,
        detail: &str,
    ) -> Result<(), ServiceError> {
        let (network, now) = (seen.plan.network.as_str(), self.now());
        let subject = short_of(&seen.plan, what);
        let cause = format!("{subject}:{}:{}", now.date(), now.hour());
        let short = format!(
            "the hot wallet on {network} is short: {detail}; what waits goes by itself when it is \
             filled"
        );
        let review = Review::new(RailReview::Blocked, subject, cause, short, now);
        let again = self.tempo.next_try(u32::try_from(job.attempts).unwrap_or(0), now);
        let mut uow = self.engine.store.begin().await?;
        self.engine.call_operator(&mut *uow, &review).await?;
        uow.end_job(job, JobEnd::Again(again), Some(detail), now).await?;
        Ok(uow.commit().await?)
    }

    /// A transfer out of the hot wallet that was put off before is signed: it was not short of anything
    /// any more.
    pub(super) async fn call_off_shortage(
        &self,
        uow: &mut dyn UnitOfWork,
        job: &Job,
        plan: &Plan,
    ) -> Result<(), StoreError> {
        if job.attempts < 2 || plan.wallet != Wallet::Hot {
            return Ok(());
        }
        for what in [coin(plan), GAS] {
            self.engine.call_off(uow, &short_of(plan, what), "the hot wallet is filled").await?;
        }
        Ok(())
    }

    /// What lives goes on as it is, and must not be forgotten by the nodes meanwhile.
    async fn keep_alive(&self, job: &Job, seen: &Transfer) -> Result<(), ServiceError> {
        let last = seen.live().last().filter(|attempt| {
            let since = attempt.last_sent_at.unwrap_or(attempt.created_at);
            since.saturating_add(self.tempo.resend_pause()) <= self.now()
        });
        match last.map(|attempt| attempt.signed.tx_hash.clone()) {
            Some(tx_hash) => self.send(job, &seen.plan, &tx_hash).await,
            None => self.look_again(job, seen).await,
        }
    }

    /// What the signer refuses it may sign later; nothing was signed.
    pub(super) async fn cope_with_signer(
        &self,
        job: &Job,
        seen: &Transfer,
        error: SignerError,
    ) -> Result<(), ServiceError> {
        if seen.live().next().is_some() {
            tracing::warn!(job = job.key, %error, "no dearer variant is signed");
            return self.keep_alive(job, seen).await;
        }
        match error {
            SignerError::Away(_) => Err(error.into()),
            SignerError::Mismatch(_) | SignerError::Limit(_) | SignerError::AlreadySigned(_) => {
                let detail = error.to_string();
                let fact = TransferFact::Blocked { detail: detail.clone() };
                self.learn_alone(job, seen, fact, &detail).await
            }
        }
    }

    /// Commits a fact that stops a transfer for now, and puts its job off.
    pub(super) async fn learn_alone(
        &self,
        job: &Job,
        seen: &Transfer,
        fact: TransferFact,
        why: &str,
    ) -> Result<(), ServiceError> {
        let mut uow = self.engine.store.begin().await?;
        let order = self.lock_order(&mut *uow, job.order_id).await?;
        let known = uow.lock_transfer(&seen.plan.key).await?;
        if let Some(moved) = known.as_ref().filter(|known| known.attempts != seen.attempts) {
            // Somebody else has gone on with it: what was found out is about yesterday.
            self.end(&mut *uow, job, moved).await?;
            return Ok(uow.commit().await?);
        }
        if known.is_none() {
            uow.insert_transfer(seen).await?;
        }
        let mut transfer = known.unwrap_or_else(|| seen.clone());
        let order = self.settle(&mut *uow, order, &mut transfer, fact).await?;
        drop(order);
        let due = transfer.due_again(&self.tempo, self.now());
        let attempts = u32::try_from(job.attempts).unwrap_or(0);
        let again = self.tempo.next_try(attempts, self.now());
        let end = due.map_or(JobEnd::Done, |_| JobEnd::Again(again));
        uow.end_job(job, end, Some(why), self.now()).await?;
        Ok(uow.commit().await?)
    }
}
