//! What holds money out back before the rail is asked: the breaker, and a float that is too low. Nothing
//! that waits here waits without end: the breaker moves on by itself or calls an operator, and the
//! balance is asked for as long as something waits for it.

use crate::ports::{Job, JobEnd, StoreError, UnitOfWork};
use crate::rail::disbursement::{Disbursement, Purpose};
use crate::rail::{CIRCUIT, Circuit, CircuitState, InitiatorUse};
use crate::service::cashier::Cashier;
use crate::service::cashier::float::SHORTAGE;
use crate::service::circuit::tell_circuit;

pub(super) const HELD_BY_CIRCUIT: &str = "the circuit holds it back";
const HELD_BY_FLOAT: &str = "the float is too low for it";

/// The breaker under lock, as it was and as it is.
pub(in crate::service::cashier) struct Gate {
    was: Circuit,
    pub(in crate::service::cashier) now: Circuit,
}

impl Cashier {
    pub(in crate::service::cashier) async fn gate(
        &self,
        uow: &mut dyn UnitOfWork,
    ) -> Result<Gate, StoreError> {
        let circuit = uow.lock_circuit(self.now()).await?;
        Ok(Gate { was: circuit.clone(), now: circuit })
    }

    /// Stores what has become of the breaker, if anything has, and says so.
    pub(in crate::service::cashier) async fn keep_circuit(
        &self,
        uow: &mut dyn UnitOfWork,
        gate: Gate,
    ) -> Result<(), StoreError> {
        if gate.now == gate.was {
            return Ok(());
        }
        uow.save_circuit(&gate.now).await?;
        if tell_circuit(&gate.was, &gate.now) && gate.now.state == CircuitState::Open {
            self.review_circuit(uow, &gate.now).await?;
        }
        if gate.now.state == CircuitState::Closed && gate.was.state != CircuitState::Closed {
            self.engine.call_off(uow, CIRCUIT, "money goes out again").await?;
        }
        if gate.was.float.shortage.is_some() && gate.now.float.shortage.is_none() {
            self.engine.call_off(uow, SHORTAGE, "the float suffices again").await?;
        }
        Ok(())
    }

    /// The gateway turned a use of our initiator away before the rail saw it.
    pub(in crate::service::cashier) async fn take_back_use(
        &self,
        uow: &mut dyn UnitOfWork,
    ) -> Result<(), StoreError> {
        let mut gate = self.gate(uow).await?;
        gate.now.take_back();
        self.keep_circuit(uow, gate).await
    }

    /// Why this may not be sent now.
    pub(super) async fn held_by(
        &self,
        uow: &mut dyn UnitOfWork,
        gate: &mut Gate,
        disbursement: &Disbursement,
    ) -> Result<Option<&'static str>, StoreError> {
        let (circuit, now) = (&mut gate.now, self.now());
        if disbursement.purpose == Purpose::Payout {
            let claims = self.claims(uow, circuit).await?;
            if !circuit.float.admits(disbursement.amount, claims, &self.tempo, now) {
                return Ok(Some(HELD_BY_FLOAT));
            }
        }
        let admits = circuit.admits(InitiatorUse::Money, &self.tempo, now);
        Ok((!admits).then_some(HELD_BY_CIRCUIT))
    }

    /// Cents that may have left the float since the rail told of it.
    pub(in crate::service::cashier) async fn claims(
        &self,
        uow: &mut dyn UnitOfWork,
        circuit: &Circuit,
    ) -> Result<i64, StoreError> {
        match circuit.float.told_at() {
            Some(at) => uow.float_claims(at).await,
            None => Ok(0),
        }
    }

    /// Puts the job off, and calls an operator when it is time to.
    pub(super) async fn hold_back(
        &self,
        uow: &mut dyn UnitOfWork,
        job: &Job,
        mut gate: Gate,
        why: &str,
    ) -> Result<(), StoreError> {
        let now = self.now();
        gate.now.give_up(&self.tempo, now);
        self.review_shortage(uow, &mut gate.now).await?;
        self.keep_circuit(uow, gate).await?;
        let again = JobEnd::Again(self.tempo.while_blocked(now));
        uow.end_job(job, again, Some(why), now).await.map(drop)
    }

    /// While the rail may refuse our initiator, a question that uses it waits for its turn.
    pub(in crate::service::cashier) async fn may_ask(
        &self,
        uow: &mut dyn UnitOfWork,
        job: &Job,
    ) -> Result<bool, StoreError> {
        let mut gate = self.gate(uow).await?;
        let admits = gate.now.admits(InitiatorUse::Status, &self.tempo, self.now());
        if admits {
            self.keep_circuit(uow, gate).await?;
        } else {
            self.hold_back(uow, job, gate, HELD_BY_CIRCUIT).await?;
        }
        Ok(admits)
    }
}
