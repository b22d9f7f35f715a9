//! The sweep: what the rail remembers against what we do. Finds payments whose callback was lost, and
//! ends attempts that a whole statement does not name. A statement that is not whole ends nothing.

use time::OffsetDateTime;

use super::Cashier;
use super::follow::transfer;
use crate::ids::CollectionId;
use crate::ledger::{Account, Entry};
use crate::ports::{Statement, StatementRow, StoreError, UnitOfWork};
use crate::rail::collection::{Claim, Collection, CollectionFact, CollectionState, read_reference};
use crate::rail::{Hook, RailReview, Review, Subject, Submission};
use crate::service::ServiceError;

/// How far back the rail's statement reaches, in seconds.
const STATEMENT_REACH: i32 = 48 * 3600;
/// Undecided collections per sweep.
const BATCH: u16 = 500;

/// What a sweep found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    pub rows: usize,
    pub silent: usize,
}

impl Cashier {
    /// Compares the rail's statement with our collections, if it is anybody's turn.
    ///
    /// # Errors
    /// The store's; a rail that gives no statement is only told in the log.
    pub async fn sweep_statement(&self) -> Result<Option<Swept>, ServiceError> {
        let now = self.now();
        let every = self.tempo.seconds(300);
        if !self.engine.store.claim_turn("statement", every, now).await? {
            return Ok(None);
        }
        let full = self.tempo.seconds(STATEMENT_REACH / 2);
        let is_full = self.engine.store.claim_turn("statement in full", full, now).await?;
        let reach = if is_full { STATEMENT_REACH } else { 2 * 3600 };
        let from = now.saturating_sub(self.tempo.seconds(reach));
        match self.rail.statement(from, now).await {
            Ok(statement) => self.compare(&statement, from, now).await.map(Some),
            Err(error) => {
                tracing::warn!(%error, "the statement waits for the next turn");
                Ok(None)
            }
        }
    }

    async fn compare(
        &self,
        statement: &Statement,
        from: OffsetDateTime,
        to: OffsetDateTime,
    ) -> Result<Swept, ServiceError> {
        let rows = &statement.rows;
        for row in rows {
            let matched = self.match_row(row, rows, from).await;
            pass_over(matched, &row.receipt)?;
        }
        if let Some(gap) = &statement.gap {
            tracing::warn!(rows = rows.len(), gap, "a statement with a gap ends no attempt");
            return Ok(Swept { rows: rows.len(), silent: 0 });
        }
        let before = to.saturating_sub(self.tempo.statement_age());
        let undecided = self.engine.store.undecided_collections(before, BATCH).await?;
        let mut silent = 0_usize;
        for collection in undecided {
            let covered = collection.sent_at.is_some_and(|sent| sent >= from);
            let may_be_named = rows.iter().any(|row| may_be(row, &collection));
            if covered && !may_be_named {
                let absent = CollectionFact::AbsentUntil(to);
                let learned = self.learn_alone(collection.id, absent).await;
                pass_over(learned, &collection.id.to_string())?;
                silent = silent.saturating_add(1);
            }
        }
        Ok(Swept { rows: rows.len(), silent })
    }

    /// A payment is its collection's, or nobody's: then it is parked.
    async fn match_row(
        &self,
        row: &StatementRow,
        rows: &[StatementRow],
        from: OffsetDateTime,
    ) -> Result<(), ServiceError> {
        let mut uow = self.engine.store.begin().await?;
        let reference = read_reference(&row.account_reference);
        let found = uow.find_collection_by_reference(&reference).await?;
        match found {
            Some(id) => {
                match uow.find_collection(id).await?.map(|known| meet(&known, row, rows, from)) {
                    Some(Meeting::Known) | None => {}
                    Some(Meeting::Extra) => {
                        self.park(&mut *uow, row, "is one more for its order").await?;
                    }
                    Some(Meeting::News) => self.pull(&mut *uow, id, row).await?,
                }
            }
            None => self.park(&mut *uow, row, "names no order").await?,
        }
        Ok(uow.commit().await?)
    }

    async fn pull(
        &self,
        uow: &mut dyn UnitOfWork,
        id: CollectionId,
        row: &StatementRow,
    ) -> Result<(), ServiceError> {
        let claim =
            Claim { receipt: row.receipt.clone(), amount: row.amount, phone: row.phone.clone() };
        let collection = self.learn_of(uow, id, CollectionFact::Pulled(claim)).await?;
        if collection.state == CollectionState::Review {
            self.park(uow, row, "cannot be credited by itself").await?;
        }
        Ok(())
    }

    /// Money that is no order's, or not yet: an operator finds out whose it is.
    async fn park(
        &self,
        uow: &mut dyn UnitOfWork,
        row: &StatementRow,
        why: &str,
    ) -> Result<(), ServiceError> {
        let now = self.now();
        if !uow.claim_receipt(&row.receipt, None, now).await? {
            return Ok(());
        }
        let entry = Entry {
            order_id: None,
            cause: format!("unmatched:{}", row.receipt),
            postings: transfer(Account::Parked, Account::MpesaCollection, row.amount),
            at: now,
        };
        if !uow.post(&entry).await? {
            return Ok(());
        }
        let cause = format!("unmatched:{}", row.receipt);
        let detail = format!("receipt {} of {} {why}", row.receipt, row.amount);
        let review = Review::new(RailReview::Unmatched, "payments:unmatched", cause, detail, now);
        Ok(self.call(uow, &review).await?)
    }

    async fn learn_alone(
        &self,
        id: CollectionId,
        fact: CollectionFact,
    ) -> Result<(), ServiceError> {
        let mut uow = self.engine.store.begin().await?;
        self.learn_of(&mut *uow, id, fact).await?;
        Ok(uow.commit().await?)
    }

    /// Asks the rail to tell us of every payment, under a new token.
    ///
    /// # Errors
    /// The store's, or `PromptNotSent` with why the rail refuses.
    pub async fn register_bills(&self) -> Result<(), ServiceError> {
        let mut uow = self.engine.store.begin().await?;
        let token = self.open_door(&mut *uow, Hook::Bill, Subject::Bills).await?;
        uow.commit().await?;
        match self.rail.register_bills(&token).await {
            Submission::Accepted(()) => Ok(()),
            Submission::NotDone(not_done) => Err(ServiceError::PromptNotSent(not_done)),
            Submission::Unknown(doubt) => {
                tracing::warn!(?doubt, "whether bills are registered is not known");
                Ok(())
            }
        }
    }
}

/// What cannot be taken in is told and left to the next statement; those beside it are. Only a store
/// that is away ends the sweep.
fn pass_over(taken: Result<(), ServiceError>, about: &str) -> Result<(), ServiceError> {
    match taken {
        Err(error) if !matches!(error, ServiceError::Store(StoreError::Unavailable(_))) => {
            tracing::error!(about, %error, "a row of the statement is passed over");
            Ok(())
        }
        taken => taken,
    }
}

/// What a row of a statement is to the collection that it names.
enum Meeting {
    /// Its own payment, which it knows of.
    Known,
    /// A further payment under its reference.
    Extra,
    News,
}

fn meet(
    known: &Collection,
    row: &StatementRow,
    rows: &[StatementRow],
    from: OffsetDateTime,
) -> Meeting {
    if known.state != CollectionState::Paid {
        return Meeting::News;
    }
    let Some(receipt) = known.receipt.as_deref() else { return Meeting::News };
    let pulled = known.evidence.pulled.as_ref().map(|claim| claim.receipt.as_str());
    let is_true =
        known.evidence.vouches_for(receipt) || rows.iter().any(|row| row.receipt == receipt);
    if row.receipt == receipt || (!is_true && pulled == Some(row.receipt.as_str())) {
        Meeting::Known
    } else if is_true || pulled.is_some() {
        Meeting::Extra
    } else if known.sent_at.is_some_and(|sent| sent >= from) {
        // What it was credited under was only told, and is in no statement: this is the same money.
        Meeting::News
    } else {
        // A statement that reaches further back will tell.
        Meeting::Known
    }
}

/// A row without a reference may be the payment of anybody who was asked for that much.
fn may_be(row: &StatementRow, collection: &Collection) -> bool {
    let reference = read_reference(&row.account_reference);
    reference == collection.account_reference
        || (reference.is_empty() && row.amount == collection.amount)
}
