//! What follows from a fact about a transfer, in the same unit of work: the transfer is stored, the
//! order is told, operators are called, the books are kept.

use super::Treasurer;
use crate::chain::arrival::Return;
use crate::chain::transfer::{
    Attempt, AttemptState, Consequence, Purpose, TransferFact, TransferState,
};
use crate::chain::{Transfer, Value};
use crate::ids::PartyId;
use crate::ledger::{Account, AccountKey, Balances, Entry, LedgerAsset};
use crate::order::{Actor, Order};
use crate::ports::{StoreError, UnitOfWork};
use crate::rail::{RailReview, Review};
use crate::service::ServiceError;

impl Treasurer {
    /// Takes in a fact and does what it calls for; answers with the order as it is then.
    pub(super) async fn settle(
        &self,
        uow: &mut dyn UnitOfWork,
        mut order: Order,
        transfer: &mut Transfer,
        fact: TransferFact,
    ) -> Result<Order, ServiceError> {
        let before = transfer.clone();
        let consequences = transfer.learn(fact, &self.tempo, self.now());
        if *transfer != before {
            uow.save_transfer(transfer).await?;
            self.keep_books(uow, transfer).await?;
            if let (Purpose::Return { arrival }, TransferState::Done) =
                (&transfer.plan.purpose, transfer.state)
            {
                uow.mark_return(arrival, Return::Done).await?;
            }
        }
        for consequence in consequences {
            match consequence {
                Consequence::Tell(event) => {
                    let recorded = self.engine.apply(uow, order, Actor::System, &event).await?;
                    order = recorded.into_order();
                }
                Consequence::Review { kind, detail } => {
                    self.review(uow, transfer, kind, &detail).await?;
                }
            }
        }
        Ok(order)
    }

    /// An item for each signature and kind: what an operator has settled may come up again.
    async fn review(
        &self,
        uow: &mut dyn UnitOfWork,
        transfer: &Transfer,
        kind: RailReview,
        detail: &str,
    ) -> Result<(), StoreError> {
        let (key, attempts) = (&transfer.plan.key, transfer.attempts.len());
        let subject = format!("transfer:{key}:{}", kind.as_str());
        let cause = format!("transfer:{key}:{attempts}:{}", kind.as_str());
        let review = Review::new(kind, subject, cause, detail, self.now());
        let review = review.about(transfer.plan.order_id);
        self.engine.call_operator(uow, &review).await.map(drop)
    }

    /// Fees of what is final, and coin that was gathered: each posts once.
    async fn keep_books(
        &self,
        uow: &mut dyn UnitOfWork,
        transfer: &Transfer,
    ) -> Result<(), StoreError> {
        for attempt in &transfer.attempts {
            let entries = [
                self.fee_entry(transfer, attempt),
                self.sweep_entry(transfer, attempt),
                self.return_entry(transfer, attempt),
            ];
            for entry in entries.into_iter().flatten() {
                uow.post(&entry).await?;
            }
        }
        Ok(())
    }

    fn fee_entry(&self, transfer: &Transfer, attempt: &Attempt) -> Option<Entry> {
        let is_final = matches!(attempt.state, AttemptState::Done | AttemptState::Failed);
        let fee = attempt.fee.filter(|fee| is_final && *fee > 0)?;
        let asset = LedgerAsset::native(transfer.plan.network);
        let cause = format!("fee:{}", attempt.signed.tx_hash);
        self.entry(cause, asset, (Account::Gas, Account::Fees), i64::try_from(fee).ok()?)
    }

    fn sweep_entry(&self, transfer: &Transfer, attempt: &Attempt) -> Option<Entry> {
        let is_sweep = transfer.plan.purpose == Purpose::Sweep;
        let Value::Coin { asset, amount } = transfer.plan.value else { return None };
        if !is_sweep || attempt.state != AttemptState::Done {
            return None;
        }
        let network = transfer.plan.network;
        let way = (Account::escrow(network), Account::hot(network));
        let cause = format!("sweep:{}", attempt.signed.tx_hash);
        self.entry(cause, asset.into(), way, amount.minor())
    }

    /// What was parked is no longer ours to keep.
    fn return_entry(&self, transfer: &Transfer, attempt: &Attempt) -> Option<Entry> {
        let is_return = matches!(transfer.plan.purpose, Purpose::Return { .. });
        let Value::Native { units } = transfer.plan.value else { return None };
        if !is_return || attempt.state != AttemptState::Done {
            return None;
        }
        let asset = LedgerAsset::native(transfer.plan.network);
        let way = (Account::Gas, Account::Parked);
        let cause = format!("return:{}", attempt.signed.tx_hash);
        self.entry(cause, asset, way, i64::try_from(units).ok()?)
    }

    /// Moves `minor` units from the first account to the second.
    pub(super) fn entry(
        &self,
        cause: String,
        asset: LedgerAsset,
        (from, to): (Account, Account),
        minor: i64,
    ) -> Option<Entry> {
        let key = |account| AccountKey { account, asset, party: None::<PartyId> };
        let postings = Balances::from([(key(from), minor.checked_neg()?), (key(to), minor)]);
        (minor != 0).then(|| Entry { order_id: None, cause, postings, at: self.now() })
    }
}
