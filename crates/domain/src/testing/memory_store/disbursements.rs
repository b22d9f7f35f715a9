//! Money out, at most one movement of a key alive, and the breaker before all of it.

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;

use super::tables::{Tables, rejected};
use super::unit_of_work::MemoryUnitOfWork;
use crate::ports::{DisbursementRepository, StoreError};
use crate::rail::disbursement::{DisbursementState, Purpose};
use crate::rail::{Circuit, CircuitState, Disbursement};

/// The rail reverses a receipt once.
fn returns_the_same(one: &Disbursement, other: &Disbursement) -> bool {
    match (&one.purpose, &other.purpose) {
        (Purpose::Refund { receipt: one, .. }, Purpose::Refund { receipt: other, .. }) => {
            one == other
        }
        _ => false,
    }
}

impl Tables {
    /// Two movements of a key at once would be the same money twice.
    fn is_second_alive(&self, new: &Disbursement) -> bool {
        let is_alive = |it: &Disbursement| it.state != DisbursementState::FailedConfirmed;
        let same = |it: &Disbursement| it.key == new.key || returns_the_same(it, new);
        is_alive(new) && self.disbursements.values().any(|known| is_alive(known) && same(known))
    }
}

#[async_trait]
impl DisbursementRepository for MemoryUnitOfWork {
    async fn insert_disbursement(&mut self, disbursement: &Disbursement) -> Result<(), StoreError> {
        let tables = &mut self.tables;
        if !tables.orders.contains_key(&disbursement.order_id) {
            return Err(rejected("a disbursement needs its order"));
        }
        if !tables.has_job(&disbursement.key) {
            return Err(rejected("a disbursement needs its job"));
        }
        let same_generation = |known: &Disbursement| {
            known.key == disbursement.key && known.generation == disbursement.generation
        };
        if tables.disbursements.contains_key(&disbursement.id)
            || tables.disbursements.values().any(same_generation)
            || tables.is_second_alive(disbursement)
        {
            return Err(rejected("at most one disbursement of a key is alive"));
        }
        tables.disbursements.insert(disbursement.id, disbursement.clone());
        Ok(())
    }

    async fn find_disbursement(&mut self, id: Uuid) -> Result<Option<Disbursement>, StoreError> {
        Ok(self.tables.disbursements.get(&id).cloned())
    }

    async fn lock_disbursement(&mut self, id: Uuid) -> Result<Option<Disbursement>, StoreError> {
        Ok(self.tables.disbursements.get(&id).cloned())
    }

    async fn lock_last_disbursement(
        &mut self,
        key: &str,
    ) -> Result<Option<Disbursement>, StoreError> {
        let of_key = self.tables.disbursements.values().filter(|known| known.key == key);
        Ok(of_key.max_by_key(|known| known.generation).cloned())
    }

    async fn save_disbursement(&mut self, disbursement: &Disbursement) -> Result<(), StoreError> {
        let stored = self.tables.disbursements.get_mut(&disbursement.id);
        let missing = || StoreError::Conflict(format!("disbursement {}", disbursement.id));
        stored.ok_or_else(missing)?.clone_from(disbursement);
        Ok(())
    }

    async fn lock_circuit(&mut self, now: OffsetDateTime) -> Result<Circuit, StoreError> {
        let fresh = || Circuit::new(CircuitState::Probing, None, now);
        Ok(self.tables.circuit.get_or_insert_with(fresh).clone())
    }

    async fn save_circuit(&mut self, circuit: &Circuit) -> Result<(), StoreError> {
        self.tables.circuit = Some(circuit.clone());
        Ok(())
    }

    async fn float_claims(&mut self, since: OffsetDateTime) -> Result<i64, StoreError> {
        let has_left = |it: &&Disbursement| {
            it.state == DisbursementState::Paid && it.sent_at.is_some_and(|sent| sent > since)
        };
        let payouts = self.tables.disbursements.values().filter(|it| it.purpose == Purpose::Payout);
        let claims = payouts.filter(|it| it.state.is_under_way() || has_left(it));
        Ok(claims.map(|it| it.amount.minor()).sum())
    }
}
