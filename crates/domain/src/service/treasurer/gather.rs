//! Gathering: coin at the escrow addresses of orders that have ended goes to the hot wallet, and an
//! address gets what that costs first.

use super::Treasurer;
use crate::chain::Transfer;
use crate::chain::transfer::{TransferFact, TransferState};
use crate::order::Effect;
use crate::ports::{Job, JobEnd, Sweepable};
use crate::service::ServiceError;

/// How often a signature is given its fee.
const GAS_ROUNDS: u32 = 3;
/// Addresses per turn and network.
const BATCH: u16 = 100;

impl Treasurer {
    /// Asks for the sweeps that are worth it, if it is anybody's turn; answers how many.
    ///
    /// # Errors
    /// The store's.
    pub async fn gather(&self) -> Result<usize, ServiceError> {
        let mut asked = 0_usize;
        for chain in &self.chains {
            let network = chain.source.network();
            let turn = format!("sweep {}", network.as_str());
            let every = self.tempo.sweep_every();
            if !self.engine.store.claim_turn(&turn, every, self.now()).await? {
                continue;
            }
            let ready = self.engine.store.sweepable(network, self.sweep_least, BATCH).await?;
            for sweepable in ready {
                self.ask_for_sweep(network, sweepable).await?;
                asked = asked.saturating_add(1);
            }
        }
        Ok(asked)
    }

    async fn ask_for_sweep(
        &self,
        network: crate::address::Network,
        of: Sweepable,
    ) -> Result<(), ServiceError> {
        let effect = Effect::Sweep {
            network,
            asset: of.asset,
            index: of.index,
            from: of.address,
            amount: of.amount,
            round: of.rounds.saturating_add(1),
        };
        let mut uow = self.engine.store.begin().await?;
        self.lock_order(&mut *uow, of.order_id).await?;
        uow.enqueue(of.order_id, &[effect], self.now()).await?;
        Ok(uow.commit().await?)
    }

    /// The sender cannot pay the fee: it is given what is missing. Fees may rise meanwhile, so that it
    /// may need more; but who eats gas for ever is an operator's.
    pub(super) async fn ask_for_gas(
        &self,
        job: &Job,
        of: &Transfer,
        missing: u64,
    ) -> Result<(), ServiceError> {
        let now = self.now();
        let mut uow = self.engine.store.begin().await?;
        self.lock_order(&mut *uow, job.order_id).await?;
        let known = uow.lock_transfer(&of.plan.key).await?;
        let again = JobEnd::Again(self.tempo.next_look(now));
        let is_ours = uow.end_job(job, again, Some("waits for its fee"), now).await?;
        if known.is_some_and(|known| known.state != TransferState::Planned) {
            return Ok(uow.rollback().await?);
        }
        if !is_ours {
            // Whoever stood still for long has seen a wallet that was poor then. Should everybody always
            // be as slow, somebody must hear of it.
            uow.rollback().await?;
            return Ok(self.put_off(job, "its steps take longer than a job may be held").await?);
        }
        for round in 1..=GAS_ROUNDS {
            let effect = gas_effect(of, missing, round);
            let asked = uow.lock_transfer(&effect.idempotency_key(job.order_id)).await?;
            if asked.as_ref().is_some_and(|gas| gas.state == TransferState::Done) {
                continue;
            }
            if asked.is_none() {
                uow.enqueue(job.order_id, &[effect], now).await?;
            }
            return Ok(uow.commit().await?);
        }
        uow.rollback().await?;
        let detail = format!("was given its fee {GAS_ROUNDS} times and still lacks {missing}");
        let fact = TransferFact::Blocked { detail: detail.clone() };
        self.learn_alone(job, of, fact, &detail).await
    }
}

fn gas_effect(of: &Transfer, units: u64, round: u32) -> Effect {
    Effect::FundGas {
        network: of.plan.network,
        to: of.plan.from.clone(),
        units,
        round: format!("{}:{}:{round}", of.plan.key, of.next_generation()),
    }
}
