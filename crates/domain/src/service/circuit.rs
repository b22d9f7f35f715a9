//! The operator's hand on the breaker of money going out, and on the float.

use super::{Engine, ServiceError};
use crate::ledger::{Account, AccountKey, Entry, LedgerAsset};
use crate::rail::Circuit;

impl Engine {
    /// The breaker as it is.
    ///
    /// # Errors
    /// The store's.
    pub async fn circuit(&self) -> Result<Circuit, ServiceError> {
        let mut uow = self.store.begin().await?;
        let circuit = uow.lock_circuit(self.clock.now()).await?;
        uow.rollback().await?;
        Ok(circuit)
    }

    /// The operator's word that the cause is gone: one at a time goes out until one has gone well.
    ///
    /// # Errors
    /// The store's.
    pub async fn close_circuit(&self) -> Result<Circuit, ServiceError> {
        self.change_circuit(Circuit::close).await
    }

    /// Stops all money going out.
    ///
    /// # Errors
    /// The store's.
    pub async fn open_circuit(&self, reason: &str) -> Result<Circuit, ServiceError> {
        self.change_circuit(|circuit, now| {
            circuit.open(reason, now);
        })
        .await
    }

    /// Books shillings that an operator has moved into the float (or, negative, out of it) by hand, so
    /// that the next balance finds no difference.
    ///
    /// # Errors
    /// The store's.
    pub async fn book_float(&self, cents: i64, reason: &str) -> Result<(), ServiceError> {
        let at = self.clock.now();
        let key = |account| AccountKey { account, asset: LedgerAsset::Kes, party: None };
        let postings =
            [(key(Account::MpesaUtility), cents), (key(Account::Capital), cents.saturating_neg())];
        let cause = format!("float:{}:{reason}", self.new_id(at));
        let entry = Entry { order_id: None, cause, postings: postings.into(), at };
        let mut uow = self.store.begin().await?;
        uow.post(&entry).await?;
        Ok(uow.commit().await?)
    }

    async fn change_circuit(
        &self,
        change: impl FnOnce(&mut Circuit, time::OffsetDateTime) + Send,
    ) -> Result<Circuit, ServiceError> {
        let now = self.clock.now();
        let mut uow = self.store.begin().await?;
        let mut circuit = uow.lock_circuit(now).await?;
        change(&mut circuit, now);
        uow.save_circuit(&circuit).await?;
        uow.commit().await?;
        Ok(circuit)
    }
}
