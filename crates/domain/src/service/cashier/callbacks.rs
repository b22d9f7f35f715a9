//! Callbacks: stored first, read later. A callback changes something only through the machine of what
//! its token was minted for; everything else is kept and shown to an operator.

use time::Duration;

use super::Cashier;
use crate::ports::{Callback, Received, StoreError, UnitOfWork};
use crate::rail::collection::{Claim, CollectionFact, read_reference};
use crate::rail::disbursement::DisbursementFact;
use crate::rail::{BillNotice, Fate, Fault, Notice, RailReview, Review, Subject};
use crate::service::ServiceError;

/// How long a callback is its reader's.
const LEASE: Duration = Duration::seconds(15);
/// After so many readings that failed an operator is called.
const PATIENCE: i32 = 10;

impl Cashier {
    /// Stores a callback as it came in. When this fails, the caller must keep it some other way
    /// before it acknowledges it: the rail does not come again.
    ///
    /// # Errors
    /// The store's.
    pub async fn receive(&self, received: &Received) -> Result<(), StoreError> {
        self.engine.store.store_callback(received).await
    }

    /// Takes up to `limit` callbacks that nobody has read.
    ///
    /// # Errors
    /// The store's.
    pub async fn claim_callbacks(&self, limit: u16) -> Result<Vec<Callback>, StoreError> {
        self.engine.store.claim_callbacks(limit, self.now(), LEASE).await
    }

    /// Reads a callback and does what follows; one that fails is read again when its lease ends.
    pub async fn read_callback(&self, callback: Callback) {
        if let Err(error) = self.try_read(&callback).await {
            tracing::warn!(callback = callback.id, attempts = callback.attempts, %error, cause = ?std::error::Error::source(&error), "a callback is read again later");
            if callback.attempts >= PATIENCE {
                self.give_up_on(&callback).await;
            }
        }
    }

    /// It is read again all the same; but somebody should know.
    async fn give_up_on(&self, callback: &Callback) {
        let called = async {
            let mut uow = self.engine.store.begin().await?;
            let detail = "a callback that cannot be taken in";
            self.call_about(&mut *uow, callback, RailReview::Unreadable, detail).await?;
            uow.commit().await
        };
        if let Err(error) = called.await {
            tracing::warn!(callback = callback.id, %error, "no operator could be called");
        }
    }

    async fn try_read(&self, callback: &Callback) -> Result<(), ServiceError> {
        let mut uow = self.engine.store.begin().await?;
        let outcome = self.hear(&mut *uow, callback).await?;
        if !uow.settle_callback(callback, outcome, self.now()).await? {
            return Ok(uow.rollback().await?);
        }
        Ok(uow.commit().await?)
    }

    async fn hear(
        &self,
        uow: &mut dyn UnitOfWork,
        callback: &Callback,
    ) -> Result<&'static str, ServiceError> {
        let Received { hook, token_hash, from_rail, body, .. } = &callback.received;
        let Some(subject) = uow.find_token(*hook, token_hash).await? else {
            tracing::warn!(
                source = callback.received.source,
                "a callback with a token that is not ours"
            );
            return Ok("unknown token");
        };
        if self.enforces_sources && !from_rail {
            self.suspect(uow, callback, "a callback from an address that is not the rail's")
                .await?;
            return Ok("unlisted source");
        }
        match self.rail.read(*hook, subject == Subject::Balance, body) {
            Ok(notice) => self.take_in(uow, callback, subject, notice).await,
            Err(error) => {
                self.call_about(uow, callback, RailReview::Unreadable, &error.to_string()).await?;
                Ok("unreadable")
            }
        }
    }

    async fn take_in(
        &self,
        uow: &mut dyn UnitOfWork,
        callback: &Callback,
        subject: Subject,
        notice: Notice,
    ) -> Result<&'static str, ServiceError> {
        let from_rail = callback.received.from_rail;
        match (subject, notice) {
            (Subject::Collection(id), Notice::Collection(notice)) => {
                self.learn_of(uow, id, CollectionFact::Told(notice)).await?;
            }
            (Subject::Collection(id), Notice::Status(notice)) => {
                self.learn_of(uow, id, CollectionFact::Stated(notice.fate)).await?;
            }
            (Subject::Disbursement(id), Notice::Outcome(notice)) => {
                self.learn_about(uow, id, DisbursementFact::Told { notice, from_rail }).await?;
            }
            (Subject::Disbursement(id), Notice::Status(notice)) => {
                self.learn_about(uow, id, DisbursementFact::Stated(notice.fate)).await?;
            }
            (Subject::Disbursement(id), Notice::QueueTimeout) => {
                self.learn_about(uow, id, DisbursementFact::QueueTimedOut).await?;
            }
            (Subject::Collection(_) | Subject::Balance, Notice::QueueTimeout) => {}
            (Subject::Balance, Notice::Balance(notice)) => {
                self.weigh_float(uow, &notice, callback.received.at).await?;
            }
            (Subject::Balance, Notice::Status(notice)) => {
                self.hear_no_balance(uow, &notice.fate).await?;
            }
            (Subject::Bills, Notice::Bill(notice)) => return self.hear_bill(uow, notice).await,
            _ => {
                self.suspect(uow, callback, "a callback about something else").await?;
                return Ok("about something else");
            }
        }
        Ok("read")
    }

    /// A question with wrong credentials counts towards the lock like a payout with them.
    async fn hear_no_balance(
        &self,
        uow: &mut dyn UnitOfWork,
        fate: &Fate,
    ) -> Result<(), StoreError> {
        if let Fate::NoAnswer { code, fault: Some(Fault::Credentials) } = fate {
            let reason = format!("a balance question was refused: {code}");
            return self.open_circuit(uow, &reason).await;
        }
        tracing::warn!(?fate, "the rail does not tell our balance");
        Ok(())
    }

    /// A bill that names no collection is left to the statement, which we ask for ourselves.
    async fn hear_bill(
        &self,
        uow: &mut dyn UnitOfWork,
        bill: BillNotice,
    ) -> Result<&'static str, ServiceError> {
        let reference = read_reference(&bill.account_reference);
        let found = uow.find_collection_by_reference(&reference).await?;
        let Some(id) = found else {
            return Ok("a bill of no collection");
        };
        let claim = Claim { receipt: bill.receipt, amount: bill.amount, phone: None };
        self.learn_of(uow, id, CollectionFact::Billed(claim)).await?;
        Ok("read")
    }

    async fn suspect(
        &self,
        uow: &mut dyn UnitOfWork,
        callback: &Callback,
        detail: &str,
    ) -> Result<(), StoreError> {
        self.call_about(uow, callback, RailReview::Forged, detail).await
    }

    async fn call_about(
        &self,
        uow: &mut dyn UnitOfWork,
        callback: &Callback,
        kind: RailReview,
        detail: &str,
    ) -> Result<(), StoreError> {
        let (id, source) = (callback.id, &callback.received.source);
        let subject = format!("callbacks:{}", kind.as_str());
        let detail = format!("{detail} (callback {id}, from {source})");
        let review = Review::new(kind, subject, format!("callback:{id}"), detail, self.now());
        self.call(uow, &review).await
    }
}
