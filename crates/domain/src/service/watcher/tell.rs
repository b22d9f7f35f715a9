//! Telling: what is stored of arrivals becomes facts of orders, or entries of the books. One that cannot
//! be told is put off and shown to an operator; the others flow.

use super::Watcher;
use crate::chain::Arrival;
use crate::chain::arrival::Nature;
use crate::ids::OrderId;
use crate::ledger::{Account, AccountKey, Balances, Entry, LedgerAsset};
use crate::money::Crypto;
use crate::order::{Actor, DepositId, DepositStage, Order};
use crate::ports::{StoreError, UnitOfWork};
use crate::rail::{RailReview, Review};
use crate::service::ServiceError;

/// Failures to tell an arrival before an operator is called.
const PATIENCE: i32 = 5;

impl Watcher {
    /// Tells up to `limit` arrivals; answers how many were told. Nothing is told of a chain that is
    /// halted.
    ///
    /// # Errors
    /// The store's; the fault of a single arrival is put off instead.
    pub async fn tell(&self, limit: u16) -> Result<usize, ServiceError> {
        let store = &self.engine.store;
        let cursor = store.find_cursor(self.network()).await?;
        let Some(cursor) = cursor.filter(|cursor| cursor.halted.is_none()) else {
            return Ok(0);
        };
        let mut told = 0_usize;
        for (order, id) in store.untold_arrivals(self.network(), self.now(), limit).await? {
            match self.tell_one(order, &id, cursor.head).await {
                Ok(()) => told = told.saturating_add(1),
                Err(error) => self.put_off(order, &id, &error).await?,
            }
        }
        Ok(told)
    }

    async fn tell_one(&self, id: OrderId, of: &DepositId, head: u64) -> Result<(), ServiceError> {
        let mut uow = self.engine.store.begin().await?;
        let order = uow.lock_order(id).await?;
        let order = order.ok_or_else(|| corrupt(format!("order {id} of an arrival is gone")))?;
        let arrival = uow.lock_arrival(of).await?;
        let mut arrival = arrival.ok_or_else(|| corrupt(format!("arrival {of:?} is gone")))?;
        if arrival.told != Some(arrival.stage) {
            self.inform(&mut *uow, order, &arrival, head).await?;
            arrival.told = Some(arrival.stage);
            uow.settle_arrival(&arrival).await?;
        }
        Ok(uow.commit().await?)
    }

    async fn inform(
        &self,
        uow: &mut dyn UnitOfWork,
        order: Order,
        arrival: &Arrival,
        head: u64,
    ) -> Result<(), ServiceError> {
        match arrival.nature(&order) {
            Nature::Deposit(amount) => {
                let event = arrival.event(amount, head);
                self.engine.apply(uow, order, Actor::System, &event).await?;
            }
            Nature::WrongToken(amount) => {
                self.book_coin(uow, arrival, Account::Parked, amount).await?;
                self.show(uow, arrival, "another coin than the order's").await?;
            }
            Nature::Dust(amount) => self.book_coin(uow, arrival, Account::Residue, amount).await?,
            Nature::Native(units) => {
                self.book_native(uow, arrival, Account::Parked, units).await?;
                self.show(uow, arrival, "the network's own coin").await?;
            }
            Nature::NativeDust(units) => {
                self.book_native(uow, arrival, Account::Residue, units).await?;
            }
            Nature::LookAlike => {}
            Nature::Unreadable => self.show(uow, arrival, "an impossible amount").await?,
        }
        Ok(())
    }

    async fn book_coin(
        &self,
        uow: &mut dyn UnitOfWork,
        arrival: &Arrival,
        owner: Account,
        amount: Crypto,
    ) -> Result<(), StoreError> {
        let Some(asset) = arrival.sighting.asset else { return Ok(()) };
        let way = (Account::escrow(self.network()), owner);
        self.book(uow, arrival, (asset.into(), way), amount.minor()).await
    }

    /// The chain's own coin is one stock wherever it lies: fees of that very address use it up. More
    /// than an account can count is before an operator only.
    async fn book_native(
        &self,
        uow: &mut dyn UnitOfWork,
        arrival: &Arrival,
        owner: Account,
        units: u64,
    ) -> Result<(), StoreError> {
        let Ok(units) = i64::try_from(units) else { return Ok(()) };
        let asset = LedgerAsset::native(self.network());
        self.book(uow, arrival, (asset, (Account::Gas, owner)), units).await
    }

    /// What is no order's business is in the books all the same, while it is there. Each coming and
    /// going posts by itself: what was final, went, and is final again elsewhere is there again.
    async fn book(
        &self,
        uow: &mut dyn UnitOfWork,
        arrival: &Arrival,
        (asset, (place, owner)): (LedgerAsset, (Account, Account)),
        amount: i64,
    ) -> Result<(), StoreError> {
        let (word, amount) = match (arrival.stage, arrival.told) {
            (DepositStage::Final, _) => ("deposit", amount),
            (DepositStage::Reverted, Some(DepositStage::Final)) => {
                ("deposit-gone", amount.saturating_neg())
            }
            // It went and came back before anybody was told.
            (DepositStage::Seen | DepositStage::Orphaned, Some(DepositStage::Final)) => {
                ("deposit-moved", amount.saturating_neg())
            }
            (DepositStage::Reverted | DepositStage::Seen | DepositStage::Orphaned, _) => {
                return Ok(());
            }
        };
        if amount == 0 {
            return Ok(());
        }
        let key = |account| AccountKey { account, asset, party: None };
        let postings =
            Balances::from([(key(place), amount), (key(owner), amount.saturating_neg())]);
        let (sighting, network) = (&arrival.sighting, self.network().as_str());
        let cause = format!("{word}:{network}:{}:{}", sighting.id.cause(), sighting.block.hash);
        uow.post(&Entry { order_id: None, cause, postings, at: self.now() }).await.map(drop)
    }

    async fn show(
        &self,
        uow: &mut dyn UnitOfWork,
        arrival: &Arrival,
        what: &str,
    ) -> Result<(), StoreError> {
        if arrival.stage != DepositStage::Final {
            return Ok(());
        }
        let sighting = &arrival.sighting;
        let network = self.network().as_str();
        let subject = format!("arrivals:{network}:{what}");
        let cause = format!("arrival:{network}:{}", sighting.id.cause());
        let (order, units, token) = (arrival.order_id, &sighting.units, &sighting.token);
        let detail = format!("{what}: {units} units of {token} (order {order})");
        self.call(uow, Review::new(RailReview::Quarantine, subject, cause, detail, self.now()))
            .await
    }

    /// An arrival that cannot be told waits longer each time, and an operator is called in time.
    async fn put_off(
        &self,
        order: OrderId,
        id: &DepositId,
        error: &ServiceError,
    ) -> Result<(), ServiceError> {
        // Without a store nothing can be told, and no arrival is to blame.
        self.engine.store.ping().await?;
        tracing::warn!(order.id = %order, tx = id.tx_hash, %error, "an arrival cannot be told now");
        let mut uow = self.engine.store.begin().await?;
        let before = uow.lock_arrival(id).await.ok().flatten();
        let troubles = before.and_then(|arrival| u32::try_from(arrival.troubles).ok());
        let again = self.tempo.next_try(troubles.unwrap_or(0), self.now());
        let troubles = uow.put_off_arrival(id, again).await?;
        if troubles >= PATIENCE {
            let cause = format!("untold:{}:{}", self.network().as_str(), id.cause());
            let detail = format!("cannot be told to its order: {error}");
            let subject = format!("untold:{order}");
            let review = Review::new(RailReview::Quarantine, subject, cause, detail, self.now());
            self.call(&mut *uow, review.about(order)).await?;
        }
        Ok(uow.commit().await?)
    }
}

fn corrupt(what: String) -> StoreError {
    StoreError::Corrupt(what)
}
