//! What the store does for the chain rail outside units of work.

use std::collections::HashSet;

use async_trait::async_trait;
use time::OffsetDateTime;

use super::MemoryStore;
use super::arrivals::StoredArrival;
use super::tables::Tables;
use crate::address::Network;
use crate::chain::transfer::{Purpose, TransferState};
use crate::chain::{Arrival, BlockRef, Cursor, Transfer, Value};
use crate::ids::OrderId;
use crate::ledger::{Account, LedgerAsset};
use crate::money::Crypto;
use crate::offer::Asset;
use crate::order::{DepositId, DepositStage, Order, OrderState};
use crate::ports::{
    ArrivalPage, ArrivalPlace, ArrivalStart, ChainStore, HotBooks, Overdue, OverdueDeposit, Page,
    StoreError, Sweepable, WatchList,
};

/// A place in the chain, as far as it is known.
fn place(arrival: &Arrival) -> (u64, &str, u32) {
    let sighting = &arrival.sighting;
    (sighting.block.height, &sighting.id.tx_hash, sighting.id.ordinal)
}

fn has_ended(order: &Order) -> bool {
    match order.state {
        OrderState::Completed | OrderState::Refunded { .. } | OrderState::Cancelled { .. } => true,
        OrderState::AwaitingPayment { .. }
        | OrderState::Delivering
        | OrderState::DeliveryConfirming
        | OrderState::AwaitingDeposit
        | OrderState::DepositConfirming
        | OrderState::PayingOut
        | OrderState::Refunding { .. }
        | OrderState::OnHold { .. } => false,
    }
}

fn is_over(transfer: &Transfer) -> bool {
    matches!(transfer.state, TransferState::Done | TransferState::Failed)
}

fn coin(transfer: &Transfer) -> i64 {
    match transfer.plan.value {
        Value::Coin { amount, .. } => amount.minor(),
        Value::Native { .. } => 0,
    }
}

fn cut<T>(mut rows: Vec<T>, limit: u16) -> Vec<T> {
    rows.truncate(limit.into());
    rows
}

impl Tables {
    fn of_order(&self, id: OrderId) -> impl Iterator<Item = &StoredArrival> {
        self.arrivals.iter().filter(move |stored| stored.arrival.order_id == id)
    }

    fn sweeps(&self, id: OrderId, asset: Asset) -> impl Iterator<Item = &Transfer> {
        self.transfers.values().filter(move |it| {
            let is_sweep = it.plan.purpose == Purpose::Sweep && it.plan.order_id == id;
            is_sweep && it.plan.value.asset() == Some(asset)
        })
    }

    /// What the books say that the order's address holds: final arrivals, less what was swept.
    fn held(&self, id: OrderId, asset: Asset) -> Option<Crypto> {
        let came = self
            .of_order(id)
            .map(|stored| &stored.arrival)
            .filter(|it| it.stage == DepositStage::Final && it.sighting.asset == Some(asset));
        let came = came.filter_map(|it| it.sighting.amount).map(Crypto::minor);
        let swept = self.sweeps(id, asset).filter(|it| it.state == TransferState::Done);
        let held = came.sum::<i64>().saturating_sub(swept.map(coin).sum());
        Crypto::from_minor(held.max(0))
    }

    fn overdue_deposit(&self, order: &Order) -> Option<OverdueDeposit> {
        Some(OverdueDeposit {
            expires_at: order.expires_at,
            order_id: order.id,
            asset: order.asset,
            address: order.escrow.as_ref()?.address.as_str().to_owned(),
            held: self.held(order.id, order.asset)?,
        })
    }

    fn is_silent_about(&self, id: OrderId) -> bool {
        !self.of_order(id).any(StoredArrival::is_untold)
    }

    fn sweepable(&self, order: &Order, asset: Asset, least: Crypto) -> Option<Sweepable> {
        let is_idle = self.sweeps(order.id, asset).all(is_over)
            && !self.has_open_sweep(order.id, asset)
            && self.is_silent_about(order.id);
        let amount = self.held(order.id, asset).filter(|it| is_idle && it.minor() > 0)?;
        let escrow = order.escrow.as_ref().filter(|_| amount.minor() >= least.minor())?;
        Some(Sweepable {
            order_id: order.id,
            index: escrow.index,
            address: escrow.address.as_str().to_owned(),
            asset,
            amount,
            rounds: u32::try_from(self.sweeps(order.id, asset).count()).unwrap_or(u32::MAX),
        })
    }

    fn posted(&self, account: Account, asset: LedgerAsset) -> i64 {
        let postings = self.entries.iter().flat_map(|entry| &entry.postings);
        let of_it = postings.filter(|(key, _)| key.account == account && key.asset == asset);
        of_it.map(|(_, amount)| amount).sum()
    }
}

#[async_trait]
impl ChainStore for MemoryStore {
    async fn find_cursor(&self, network: Network) -> Result<Option<Cursor>, StoreError> {
        Ok(self.tables().cursors.get(&network).cloned())
    }

    async fn blocks_down_from(
        &self,
        network: Network,
        height: u64,
        limit: u16,
    ) -> Result<Vec<BlockRef>, StoreError> {
        let tables = self.tables();
        let below = tables.blocks.get(&network).into_iter().flat_map(|it| it.range(..=height));
        let named = below.map(|(height, hash)| BlockRef { height: *height, hash: hash.clone() });
        let mut blocks: Vec<_> = named.collect();
        blocks.reverse();
        Ok(cut(blocks, limit))
    }

    async fn untold_arrivals(
        &self,
        network: Network,
        now: OffsetDateTime,
        limit: u16,
    ) -> Result<Vec<(OrderId, DepositId)>, StoreError> {
        let tables = self.tables();
        let due = |it: &&StoredArrival| it.is_at(network) && it.is_untold() && it.retry_at <= now;
        let mut untold: Vec<_> = tables.arrivals.iter().filter(due).map(|it| &it.arrival).collect();
        untold.sort_by_key(|arrival| place(arrival));
        let named = untold.into_iter().map(|it| (it.order_id, it.sighting.id.clone()));
        Ok(cut(named.collect(), limit))
    }

    async fn arrivals_of(&self, order: &Order) -> Result<Vec<Arrival>, StoreError> {
        let tables = self.tables();
        let mut all: Vec<_> = tables.of_order(order.id).map(|it| it.arrival.clone()).collect();
        all.sort_by(|one, other| place(one).cmp(&place(other)));
        Ok(all)
    }

    async fn list_arrivals(
        &self,
        order: &Order,
        page: &ArrivalPage,
    ) -> Result<Page<Arrival>, StoreError> {
        let all = self.arrivals_of(order).await?.into_iter();
        let after: Vec<Arrival> = match &page.start {
            ArrivalStart::Offset(rows) => all.skip(usize::try_from(*rows).unwrap_or(0)).collect(),
            ArrivalStart::After(place) => all.filter(|it| ArrivalPlace::of(it) > *place).collect(),
        };
        Ok(Page::cut(after, page.size))
    }

    async fn overdue_deposits(
        &self,
        network: Network,
        block_time: OffsetDateTime,
        after: Option<Overdue>,
        limit: u16,
    ) -> Result<Vec<OverdueDeposit>, StoreError> {
        let tables = self.tables();
        let is_due = |order: &&Order| {
            let waits = order.state == OrderState::AwaitingDeposit && order.expires_at < block_time;
            let is_behind =
                after.is_none_or(|it| (it.expires_at, it.id) < (order.expires_at, order.id));
            let is_ours = order.wallet.network() == network && tables.is_silent_about(order.id);
            waits && is_behind && is_ours
        };
        let mut due: Vec<_> = tables.orders.values().filter(is_due).collect();
        due.sort_by_key(|order| (order.expires_at, order.id));
        Ok(cut(due.into_iter().filter_map(|order| tables.overdue_deposit(order)).collect(), limit))
    }

    async fn sweepable(
        &self,
        network: Network,
        least: Crypto,
        limit: u16,
    ) -> Result<Vec<Sweepable>, StoreError> {
        let tables = self.tables();
        let of_network = |it: &&Order| it.wallet.network() == network && has_ended(it);
        let ended = tables.orders.values().filter(of_network);
        let each = ended.flat_map(|order| Asset::ALL.map(|asset| (order, asset)));
        let found = each.filter_map(|(order, asset)| tables.sweepable(order, asset, least));
        Ok(cut(found.collect(), limit))
    }

    async fn hot_books(
        &self,
        network: Network,
        asset: Asset,
        since: OffsetDateTime,
    ) -> Result<HotBooks, StoreError> {
        let tables = self.tables();
        let opening = format!("opening:{}:{}", network.as_str(), asset.as_str());
        let moves = |it: &Transfer| {
            let is_it = it.plan.network == network && it.plan.value.asset() == Some(asset);
            is_it && (it.state == TransferState::InFlight || it.updated_at > since)
        };
        Ok(HotBooks {
            minor: tables.posted(Account::hot(network), asset.into()),
            is_opened: tables.entries.iter().any(|entry| entry.cause == opening),
            moving: tables.transfers.values().filter(|it| moves(it)).map(minor_of).sum(),
        })
    }
}

#[async_trait]
impl WatchList for MemoryStore {
    async fn ours(
        &self,
        network: Network,
        addresses: &[String],
    ) -> Result<HashSet<String>, StoreError> {
        let tables = self.tables();
        let ours = addresses.iter().filter(|it| tables.owner(network, it).is_some());
        Ok(ours.cloned().collect())
    }
}

fn minor_of(transfer: &Transfer) -> i64 {
    match transfer.plan.value {
        Value::Coin { amount, .. } => amount.minor(),
        Value::Native { .. } => 0,
    }
}
