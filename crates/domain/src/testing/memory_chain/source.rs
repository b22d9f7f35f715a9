//! The chain as it is read.

use async_trait::async_trait;

use super::faults::Call;
use super::transaction::Token;
use super::world::{Executed, Mined, World};
use super::{Fault, MemoryChain};
use crate::address::Network;
use crate::chain::{Block, Scan, Sighting, Tip, from_chain_units};
use crate::money::Crypto;
use crate::offer::Asset;
use crate::order::DepositId;
use crate::ports::{ChainSource, SourceError, WatchList};

fn away(what: String) -> SourceError {
    SourceError::Away(what)
}

impl World {
    fn block(&self, height: u64) -> Result<Block, SourceError> {
        let mined = self.mined(height).ok_or_else(|| away(format!("no block {height}")))?;
        Ok(mined.block.clone())
    }

    fn span(&self, from: u64, to: u64) -> Result<Vec<Mined>, SourceError> {
        if to > self.head() || from > to {
            return Err(away(format!("there are no blocks {from}..={to}")));
        }
        (from..=to)
            .map(|height| self.mined(height).cloned().ok_or_else(|| away("a hole".into())))
            .collect()
    }

    fn tip(&self, behind: u64) -> Result<Tip, SourceError> {
        let finality = self.block(self.finality().saturating_sub(behind))?;
        Ok(Tip { head: self.head().saturating_sub(behind), finality })
    }
}

/// The transfers of a transaction; each is known by its place among all of its logs.
fn sightings(network: Network, block: &Block, executed: &Executed) -> Vec<Sighting> {
    let numbered = (0_u32..).zip(&executed.moves);
    let sighting = |(ordinal, log): (u32, &super::Move)| {
        let asset = log.token.asset().filter(|asset| asset.lives_on(network));
        let units = u64::try_from(log.units).ok().filter(|_| asset.is_some());
        let tx_hash = executed.transaction.hash.clone();
        Sighting {
            id: DepositId { network, tx_hash, ordinal },
            token: log.token.contract(),
            asset,
            from: log.from.clone(),
            to: log.to.clone(),
            units: log.units.to_string(),
            amount: units.and_then(from_chain_units),
            block: block.at.clone(),
            block_time: block.time,
        }
    };
    numbered.map(sighting).collect()
}

#[async_trait]
impl ChainSource for MemoryChain {
    fn network(&self) -> Network {
        self.network
    }

    async fn tip(&self) -> Result<Tip, SourceError> {
        let behind = self.asked(Call::Tip).await?;
        self.world().tip(behind)
    }

    async fn block_at(&self, height: u64) -> Result<Option<Block>, SourceError> {
        let behind = self.asked(Call::BlockAt).await?;
        let world = self.world();
        let is_there = height <= world.head().saturating_sub(behind);
        Ok(world.mined(height).filter(|_| is_there).map(|mined| mined.block.clone()))
    }

    async fn scan(&self, from: u64, to: u64, watch: &dyn WatchList) -> Result<Scan, SourceError> {
        match self.called(Call::Scan).await {
            Some(Fault::Lagging(_)) => return Err(away("a node that is behind".into())),
            Some(fault) => fault.error().map_or(Ok(()), Err)?,
            None => {}
        }
        let span = self.world().span(from, to)?;
        let blocks = span.iter().map(|mined| mined.block.clone()).collect();
        let found = span.iter().flat_map(|mined| {
            mined.executed.iter().flat_map(|it| sightings(self.network, &mined.block, it))
        });
        let found: Vec<_> = found.collect();
        let addresses: Vec<_> = found.iter().map(|it| it.to.clone()).collect();
        let ours = watch.ours(self.network, &addresses).await;
        let ours = ours.map_err(|error| SourceError::Store(error.to_string()))?;
        let sightings = found.into_iter().filter(|it| ours.contains(&it.to)).collect();
        Ok(Scan { blocks, sightings })
    }

    async fn final_balance(
        &self,
        asset: Asset,
        address: &str,
    ) -> Result<(Crypto, u64), SourceError> {
        let behind = self.asked(Call::FinalBalance).await?;
        let world = self.world();
        let height = world.finality().saturating_sub(behind);
        let units = world.balance(&Token::Known(asset), address, height);
        let amount = u64::try_from(units).ok().and_then(from_chain_units);
        let amount = amount.ok_or_else(|| SourceError::Contradiction("all the coin".into()))?;
        Ok((amount, height))
    }

    async fn final_native(&self, address: &str) -> Result<u128, SourceError> {
        let behind = self.asked(Call::FinalBalance).await?;
        let world = self.world();
        Ok(world.gas_of(address, world.finality().saturating_sub(behind)).into())
    }
}
