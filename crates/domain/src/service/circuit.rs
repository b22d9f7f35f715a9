//! The operator's hand on the breaker of money going out, and on the float.

use super::{Engine, ServiceError};
use crate::ledger::{Account, AccountKey, Entry, LedgerAsset};
use crate::order::Order;
use crate::rail::{Circuit, CircuitState, pays_out};

impl Engine {
    /// The breaker as it is.
    ///
    /// # Errors
    /// The store's.
    pub async fn circuit(&self) -> Result<Circuit, ServiceError> {
        let known = self.store.find_circuit().await?;
        Ok(known.unwrap_or_else(|| Circuit::new(CircuitState::Probing, None, self.clock.now())))
    }

    /// The breaker, where it may hold any of these orders back.
    ///
    /// # Errors
    /// The store's.
    pub async fn circuit_of(&self, orders: &[Order]) -> Result<Option<Circuit>, ServiceError> {
        if orders.iter().any(pays_out) {
            return Ok(self.store.find_circuit().await?);
        }
        Ok(None)
    }

    /// The operator's word that the cause is gone: one at a time goes out until one has gone well. A
    /// breaker that is not open stays as it is.
    ///
    /// # Errors
    /// The store's.
    pub async fn close_circuit(&self) -> Result<Circuit, ServiceError> {
        self.change_circuit(|circuit, now| {
            circuit.close(now);
        })
        .await
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
        let was = uow.lock_circuit(now).await?;
        let mut circuit = was.clone();
        change(&mut circuit, now);
        if circuit != was {
            uow.save_circuit(&circuit).await?;
        }
        uow.commit().await?;
        tell_circuit(&was, &circuit);
        Ok(circuit)
    }
}

/// One line of log for each change of the breaker, and of what payouts are paid from. Whether the
/// breaker has turned.
pub(super) fn tell_circuit(was: &Circuit, now: &Circuit) -> bool {
    let has_turned = (was.state, &was.reason) != (now.state, &now.reason);
    if has_turned {
        let (from, to, reason) = (was.state.as_str(), now.state.as_str(), now.reason.as_deref());
        tracing::warn!(from, to, reason, unproven = now.unproven, "the breaker of payouts turns");
    }
    match (&was.float.shortage, &now.float.shortage) {
        (None, Some(short)) => {
            tracing::warn!(asked = %short.asked, "the float is too low: payouts wait");
        }
        (Some(_), None) => tracing::info!("the float suffices again: payouts go on"),
        _ => {}
    }
    has_turned
}
