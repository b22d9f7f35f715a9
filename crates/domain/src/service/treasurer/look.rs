//! Sending stored bytes, and looking what became of them.

use super::Treasurer;
use crate::chain::Transfer;
use crate::chain::transfer::{
    Attempt, AttemptState, Death, Plan, Remedy, Signed, TransferFact, TransferState,
};
use crate::ports::{Job, JobEnd, SendHint, StoreError, UnitOfWork};
use crate::service::ServiceError;

impl Treasurer {
    /// Broadcasts the stored bytes of a transaction: noted first, then sent. Whatever the node says, only
    /// the chain tells what became of it.
    pub(super) async fn send(
        &self,
        job: &Job,
        plan: &Plan,
        tx_hash: &str,
    ) -> Result<(), ServiceError> {
        let Some((transfer, signed, nth)) = self.note_sending(job, plan, tx_hash).await? else {
            return Ok(());
        };
        let hint = self.chain(plan.network)?.sender.broadcast(&signed, nth).await;
        tracing::debug!(job = job.key, tx = tx_hash, ?hint, "broadcast");
        if matches!(hint, SendHint::Expired(_)) {
            return self.bury_or_wait(job, &transfer).await;
        }
        let (now, word) = (self.now(), word(&hint));
        let mut uow = self.engine.store.begin().await?;
        let again = JobEnd::Again(self.tempo.next_look(now));
        uow.end_job(job, again, word.as_deref(), now).await?;
        Ok(uow.commit().await?)
    }

    async fn note_sending(
        &self,
        job: &Job,
        plan: &Plan,
        tx_hash: &str,
    ) -> Result<Option<(Transfer, Signed, u32)>, ServiceError> {
        let mut uow = self.engine.store.begin().await?;
        let order = self.lock_order(&mut *uow, job.order_id).await?;
        let mut transfer = uow.lock_transfer(&plan.key).await?.ok_or_else(|| lost(&plan.key))?;
        let attempt = transfer.live().find(|attempt| attempt.signed.tx_hash == tx_hash);
        let Some((signed, sends)) = attempt.map(|a| (a.signed.clone(), a.sends)) else {
            self.end(&mut *uow, job, &transfer).await?;
            uow.commit().await?;
            return Ok(None);
        };
        let fact = TransferFact::Sending { tx_hash: tx_hash.to_owned() };
        self.settle(&mut *uow, order, &mut transfer, fact).await?;
        uow.commit().await?;
        Ok(Some((transfer, signed, u32::try_from(sends).unwrap_or(0))))
    }

    /// Asks the chain about everything that was signed and may live, and does what that calls for.
    pub(super) async fn look(&self, job: &Job, seen: &Transfer) -> Result<(), ServiceError> {
        let sender = &self.chain(seen.plan.network)?.sender;
        let mut facts = Vec::new();
        // What is proven dead is asked about too: should a proof have been none, nothing more is signed.
        let is_open = |it: &&Attempt| it.state.is_live() || it.state == AttemptState::Dead;
        for attempt in seen.attempts.iter().filter(is_open) {
            let tx_hash = attempt.signed.tx_hash.clone();
            let observation = sender.observe(&seen.plan, &tx_hash).await?;
            facts.push(TransferFact::Observed { tx_hash, observation });
        }
        let transfer = self.learn_all(job, seen, facts).await?;
        if transfer.state != TransferState::InFlight {
            return Ok(());
        }
        match transfer.remedy(&self.tempo, self.now()) {
            Remedy::Resend { tx_hash } => self.send(job, &transfer.plan, &tx_hash).await,
            Remedy::Bump => self.sign(job, &transfer).await,
            Remedy::ProveDeath => self.bury_or_wait(job, &transfer).await,
            Remedy::Patience => self.look_again(job, &transfer).await,
        }
    }

    async fn learn_all(
        &self,
        job: &Job,
        seen: &Transfer,
        facts: Vec<TransferFact>,
    ) -> Result<Transfer, ServiceError> {
        let mut uow = self.engine.store.begin().await?;
        let mut order = self.lock_order(&mut *uow, job.order_id).await?;
        let known = uow.lock_transfer(&seen.plan.key).await?;
        let mut transfer = known.ok_or_else(|| lost(&seen.plan.key))?;
        for fact in facts {
            order = self.settle(&mut *uow, order, &mut transfer, fact).await?;
        }
        if transfer.state != TransferState::InFlight {
            self.end(&mut *uow, job, &transfer).await?;
        }
        uow.commit().await?;
        Ok(transfer)
    }

    pub(super) async fn look_again(
        &self,
        job: &Job,
        transfer: &Transfer,
    ) -> Result<(), ServiceError> {
        let mut uow = self.engine.store.begin().await?;
        self.end(&mut *uow, job, transfer).await?;
        Ok(uow.commit().await?)
    }

    /// Stores the proof that nothing that lives of it can execute any more, which makes room for another
    /// signature; while there is none, it is looked at again.
    pub(super) async fn bury_or_wait(
        &self,
        job: &Job,
        seen: &Transfer,
    ) -> Result<(), ServiceError> {
        let living: Vec<_> = seen.live().cloned().collect();
        let sender = &self.chain(seen.plan.network)?.sender;
        let Some(death) = sender.find_death(&seen.plan, &living).await? else {
            return self.look_again(job, seen).await;
        };
        let mut uow = self.engine.store.begin().await?;
        let order = self.lock_order(&mut *uow, job.order_id).await?;
        let death = self.judge(&mut *uow, seen, death).await?;
        let known = uow.lock_transfer(&seen.plan.key).await?;
        let mut transfer = known.ok_or_else(|| lost(&seen.plan.key))?;
        if transfer.live().map(|a| &a.signed.tx_hash).eq(seen.live().map(|a| &a.signed.tx_hash)) {
            self.settle(&mut *uow, order, &mut transfer, TransferFact::Died(death)).await?;
        }
        self.end(&mut *uow, job, &transfer).await?;
        Ok(uow.commit().await?)
    }
}

impl Treasurer {
    /// A nonce that was used by what we have not signed was used by somebody else, whatever its name.
    async fn judge(
        &self,
        uow: &mut dyn UnitOfWork,
        of: &Transfer,
        death: Death,
    ) -> Result<Death, StoreError> {
        let (Death::NonceTaken { by: Some(hash) }, Some(last)) = (&death, of.live().last()) else {
            return Ok(death);
        };
        let (plan, sequence) = (&of.plan, last.signed.sequence);
        let ours = uow.find_attempts(plan.network, &plan.from, sequence).await?;
        let is_ours = ours.iter().any(|attempt| attempt.signed.tx_hash == *hash);
        Ok(if is_ours { death } else { Death::NonceTaken { by: None } })
    }
}

/// What a node said, where somebody may want to read it.
fn word(hint: &SendHint) -> Option<String> {
    match hint {
        SendHint::Accepted | SendHint::Known => None,
        SendHint::Expired(word) | SendHint::Refused(word) | SendHint::NoAnswer(word) => {
            Some(word.clone())
        }
    }
}

fn lost(key: &str) -> StoreError {
    StoreError::Corrupt(format!("transfer {key} is not there"))
}
