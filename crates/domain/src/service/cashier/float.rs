//! The float: what the rail says we hold, against what the ledger says and against what payouts need. A
//! lack that nothing explains stops all money going out; a lack that a payout finds makes it wait.

use time::OffsetDateTime;

use super::Cashier;
use super::follow::transfer;
use crate::ledger::{Account, Entry};
use crate::money::Fiat;
use crate::ports::{FloatBooks, StoreError, UnitOfWork};
use crate::rail::{
    BalanceNotice, CHARGE_CEILING, Circuit, CircuitState, DIFFERENCE, Hook, InitiatorUse,
    RailReview, Review, Subject, Submission,
};
use crate::service::ServiceError;

/// Subjects of the reviews of the float.
const SURPLUS: &str = "float:surplus";
pub(super) const SHORTAGE: &str = "float:shortage";
pub(super) const SHORT_OF_REFUNDS: &str = "float:refunds";

impl Cashier {
    /// Asks what our accounts hold, if it is anybody's turn; the answer comes by callback. While the
    /// breaker probes, the answer is the proof that nothing else has brought.
    ///
    /// # Errors
    /// The store's.
    pub async fn ask_balance(&self) -> Result<(), ServiceError> {
        let now = self.now();
        let mut known = self.engine.circuit().await?;
        let is_waited_for = known.state != CircuitState::Closed || known.float.shortage.is_some();
        let every = self.tempo.balance_every(is_waited_for);
        if known.give_up(&self.tempo, now) {
            return self.give_up_probing().await;
        }
        if !known.admits(InitiatorUse::Balance, &self.tempo, now) {
            return Ok(());
        }
        if !self.engine.store.claim_turn("balance", every, now).await? {
            return Ok(());
        }
        let mut uow = self.engine.store.begin().await?;
        let mut gate = self.gate(&mut *uow).await?;
        // A question with wrong credentials counts towards the lock.
        if !gate.now.admits(InitiatorUse::Balance, &self.tempo, now) {
            return Ok(uow.rollback().await?);
        }
        self.keep_circuit(&mut *uow, gate).await?;
        let (result, timeout) = self.open_doors(&mut *uow, Hook::Status, Subject::Balance).await?;
        uow.commit().await?;
        let asked = self.rail.ask_balance(&result, &timeout).await;
        if let Submission::NotDone(not_done) = asked {
            tracing::warn!(why = ?not_done.why, detail = not_done.detail, "no balance was asked for");
            let mut uow = self.engine.store.begin().await?;
            self.take_back_use(&mut *uow).await?;
            uow.commit().await?;
        }
        Ok(())
    }

    async fn give_up_probing(&self) -> Result<(), ServiceError> {
        let mut uow = self.engine.store.begin().await?;
        let mut gate = self.gate(&mut *uow).await?;
        gate.now.give_up(&self.tempo, self.now());
        self.keep_circuit(&mut *uow, gate).await?;
        Ok(uow.commit().await?)
    }

    /// Takes in what the rail told at `at`, and holds it against the ledger. What payouts under way, and
    /// those just confirmed, may explain is no difference.
    pub(super) async fn weigh_float(
        &self,
        uow: &mut dyn UnitOfWork,
        balance: &BalanceNotice,
        at: OffsetDateTime,
    ) -> Result<(), ServiceError> {
        let now = self.now();
        let mut gate = self.gate(uow).await?;
        let circuit = &mut gate.now;
        circuit.prove(now);
        circuit.float.note_told(balance.utility, at, &self.tempo, now);
        self.review_shortage(uow, circuit).await?;
        let since = now.saturating_sub(self.tempo.seconds(600));
        let books = uow.float_books(since).await?;
        let told = balance.utility.minor();
        if books.is_opened {
            circuit.float.off = Some(told.saturating_sub(books.utility));
            self.compare_float(uow, circuit, &books, told).await?;
        } else if books.uncharged == 0 {
            // While payouts move, nobody can say what the float was before them.
            self.open_float(uow, told.saturating_sub(books.utility)).await?;
        }
        Ok(self.keep_circuit(uow, gate).await?)
    }

    /// What is missing stops payouts until it is there again. What is there too much is an operator's to
    /// book, and no reason to let anybody wait.
    async fn compare_float(
        &self,
        uow: &mut dyn UnitOfWork,
        circuit: &mut Circuit,
        books: &FloatBooks,
        told: i64,
    ) -> Result<(), StoreError> {
        let now = self.now();
        let charges = books.uncharged.saturating_mul(CHARGE_CEILING);
        let least = books.utility.saturating_sub(books.under_way).saturating_sub(charges);
        let off = told.saturating_sub(books.utility);
        if told < least {
            circuit.open(&format!("{DIFFERENCE}: the float is off by {off} cents"), now);
            return Ok(());
        }
        circuit.end_difference(now);
        if told <= books.utility.saturating_add(books.recent) {
            return self.engine.call_off(uow, SURPLUS, "the float and the books agree").await;
        }
        let detail = format!(
            "the float holds {off} cents more than the books; if it was topped up, book that \
             (kivuko mpesa book-float)"
        );
        let cause = format!("{SURPLUS}:{}:{}", now.date(), now.hour());
        let review = Review::new(RailReview::ReconDelta, SURPLUS, cause, detail, now);
        self.call(uow, &review).await
    }

    /// Calls an operator when the float is too low, once for all that wait for it.
    pub(super) async fn review_shortage(
        &self,
        uow: &mut dyn UnitOfWork,
        circuit: &mut Circuit,
    ) -> Result<(), StoreError> {
        let now = self.now();
        if circuit.float.shortage.as_ref().is_none_or(|it| it.is_reviewed) {
            return Ok(());
        }
        let claims = self.claims(uow, circuit).await?;
        let Some(detail) = circuit.float.call_operator(claims, &self.tempo, now) else {
            return Ok(());
        };
        let since = circuit.float.shortage.as_ref().map_or(now, |it| it.since);
        let cause = format!("float:{}", since.unix_timestamp_nanos());
        let review = Review::new(RailReview::Float, SHORTAGE, cause, detail, now);
        self.call(uow, &review).await
    }

    /// Refunds are paid from where payments arrive; what is there nobody asks. One item an hour for all.
    pub(super) async fn review_refunds(
        &self,
        uow: &mut dyn UnitOfWork,
        asked: Fiat,
    ) -> Result<(), StoreError> {
        let now = self.now();
        let cause = format!("{SHORT_OF_REFUNDS}:{}:{}", now.date(), now.hour());
        let detail = format!(
            "float: a refund of {asked} shillings finds too little in the account that payments \
             arrive in; it is tried again by itself"
        );
        let review = Review::new(RailReview::Float, SHORT_OF_REFUNDS, cause, detail, now);
        self.call(uow, &review).await
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
