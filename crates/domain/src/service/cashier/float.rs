//! The float: what the rail says we hold, against what the ledger says. A difference that nothing
//! explains stops all money going out.

use super::Cashier;
use super::follow::transfer;
use crate::ledger::{Account, Entry};
use crate::money::Fiat;
use crate::ports::UnitOfWork;
use crate::rail::{BalanceNotice, CircuitState, DIFFERENCE, Hook, Subject, Submission};
use crate::service::ServiceError;

/// More cents than the rail charges for any payout.
const CHARGE_CEILING: i64 = 25_000;
impl Cashier {
    /// Asks what our accounts hold, if it is anybody's turn; the answer comes by callback.
    ///
    /// # Errors
    /// The store's.
    pub async fn ask_balance(&self) -> Result<(), ServiceError> {
        let now = self.now();
        if !self.engine.store.claim_turn("balance", self.tempo.seconds(600), now).await? {
            return Ok(());
        }
        let mut uow = self.engine.store.begin().await?;
        // A question with wrong credentials counts towards the lock: payouts prove them, one at a time.
        if uow.lock_circuit(now).await?.state != CircuitState::Closed {
            return Ok(uow.rollback().await?);
        }
        let (result, timeout) = self.open_doors(&mut *uow, Hook::Status, Subject::Balance).await?;
        uow.commit().await?;
        let asked = self.rail.ask_balance(&result, &timeout).await;
        if let Submission::NotDone(not_done) = asked {
            tracing::warn!(why = ?not_done.why, detail = not_done.detail, "no balance was asked for");
        }
        Ok(())
    }

    /// Holds the float against the ledger. What payouts under way, and those just confirmed, may
    /// explain is no difference.
    pub(super) async fn weigh_float(
        &self,
        uow: &mut dyn UnitOfWork,
        balance: &BalanceNotice,
    ) -> Result<(), ServiceError> {
        let now = self.now();
        let since = now.saturating_sub(self.tempo.seconds(600));
        let books = self.engine.store.float_books(since).await?;
        let told = balance.utility.minor();
        if !books.is_opened {
            // While payouts move, nobody can say what the float was before them.
            let is_calm = books.uncharged == 0;
            let opening = told.saturating_sub(books.utility);
            return if is_calm { self.open_float(uow, opening).await } else { Ok(()) };
        }
        let charges = books.uncharged.saturating_mul(CHARGE_CEILING);
        let least = books.utility.saturating_sub(books.under_way).saturating_sub(charges);
        let most = books.utility.saturating_add(books.recent);
        if (least..=most).contains(&told) {
            return Ok(());
        }
        let off = told.saturating_sub(books.utility);
        let reason = format!("{DIFFERENCE}: the float is off by {off} cents");
        Ok(self.open_circuit(uow, &reason).await?)
    }

    /// The float as it was first seen is the operator's own money.
    async fn open_float(&self, uow: &mut dyn UnitOfWork, minor: i64) -> Result<(), ServiceError> {
        let amount = Fiat::from_minor(minor).unwrap_or(Fiat::ZERO);
        let entry = Entry {
            order_id: None,
            cause: "opening:mpesa_utility".to_owned(),
            postings: transfer(Account::Capital, Account::MpesaUtility, amount),
            at: self.now(),
        };
        if amount.is_zero() {
            return Ok(());
        }
        uow.post(&entry).await?;
        Ok(())
    }
}
