//! Re-orgs: how far down the chain still is the one that was read, and what goes with the rest.

use super::{Step, Watcher};
use crate::chain::{Block, Cursor};
use crate::ports::SourceError;
use crate::rail::{RailReview, Review};
use crate::service::ServiceError;

/// Names of blocks that are compared in one walk.
const WALK: u16 = 300;

impl Watcher {
    /// Goes back to the last block that the chain and we agree on. Below what is final nothing goes back:
    /// then everything stops until an operator says so.
    pub(super) async fn follow_reorg(&self, cursor: &Cursor) -> Result<Step, ServiceError> {
        match self.common_ancestor(cursor).await? {
            Some(ancestor) if ancestor.at.height >= cursor.finality.height => {
                self.rewind(cursor, &ancestor).await
            }
            found => self.halt(cursor, found.as_ref()).await,
        }
    }

    async fn common_ancestor(&self, cursor: &Cursor) -> Result<Option<Block>, ServiceError> {
        let known = self.engine.store.blocks_down_from(self.network(), cursor.last.height, WALK);
        for at in known.await? {
            let now = self.source.block_at(at.height).await?;
            if now.is_none() && at.height <= cursor.finality.height {
                // Every chain has such a block: this node does not have it yet.
                return Err(SourceError::Away(format!("no block {}", at.height)).into());
            }
            if let Some(block) = now.filter(|block| block.at == at) {
                return Ok(Some(block));
            }
        }
        Ok(None)
    }

    async fn rewind(&self, cursor: &Cursor, ancestor: &Block) -> Result<Step, ServiceError> {
        let network = self.network();
        let mut uow = self.engine.store.begin().await?;
        let Some(mut moved) = self.lock_unmoved(&mut *uow, cursor).await? else {
            uow.rollback().await?;
            return Ok(Step::default());
        };
        let gone = uow.unmake_arrivals_above(network, ancestor.at.height).await?;
        uow.drop_blocks_above(network, ancestor.at.height).await?;
        moved.rewind(ancestor);
        moved.updated_at = self.now();
        uow.save_cursor(&moved).await?;
        uow.commit().await?;
        let depth = cursor.last.height.saturating_sub(ancestor.at.height);
        tracing::warn!(network = network.as_str(), depth, gone, "the chain was re-organised");
        Ok(Step { arrivals: gone, lag: moved.lag(), ..Step::default() })
    }

    async fn halt(&self, cursor: &Cursor, found: Option<&Block>) -> Result<Step, ServiceError> {
        let agreed = found.map_or_else(|| "nowhere".to_owned(), |b| b.at.height.to_string());
        let reason = format!(
            "blocks up to {} were final; the chain agrees with what was read only up to {agreed}",
            cursor.finality.height
        );
        let mut uow = self.engine.store.begin().await?;
        let Some(mut halted) = self.lock_unmoved(&mut *uow, cursor).await? else {
            uow.rollback().await?;
            return Ok(Step { lag: cursor.lag(), ..Step::default() });
        };
        halted.halted = Some(reason.clone());
        halted.updated_at = self.now();
        uow.save_cursor(&halted).await?;
        let review =
            Review::condition(RailReview::DeepReorg, self.chain_subject(), reason, self.now());
        self.call(&mut *uow, review).await?;
        uow.commit().await?;
        Ok(Step { is_halted: true, lag: cursor.lag(), ..Step::default() })
    }

    /// Forgets what was read, because the chain is another one: a simulator's that begins anew. What
    /// arrived on the old one stays as it was told.
    ///
    /// # Errors
    /// The chain's or the store's.
    pub async fn begin_anew(&self) -> Result<(), ServiceError> {
        let tip = self.source.tip().await?;
        let mut uow = self.engine.store.begin().await?;
        uow.lock_cursor(self.network()).await?;
        uow.drop_blocks_above(self.network(), 0).await?;
        uow.save_cursor(&Cursor::starting_at(self.network(), &tip.finality, self.now())).await?;
        uow.add_blocks(self.network(), std::slice::from_ref(&tip.finality)).await?;
        Ok(uow.commit().await?)
    }

    /// An operator's word, after a halt, that the chain as it is now is the true one: what was final and
    /// is gone is told to its orders, which stop.
    ///
    /// # Errors
    /// The chain's or the store's; `NotFound` when nothing is halted.
    pub async fn resume(&self) -> Result<u64, ServiceError> {
        let cursor = self.engine.store.find_cursor(self.network()).await?;
        let cursor = cursor.filter(|c| c.halted.is_some()).ok_or(ServiceError::NotFound)?;
        let ancestor = self.common_ancestor(&cursor).await?;
        let ancestor = ancestor.ok_or_else(|| {
            SourceError::Contradiction("it shares no remembered block with what was read".into())
        })?;
        let mut uow = self.engine.store.begin().await?;
        let Some(mut moved) = self.lock_unmoved(&mut *uow, &cursor).await? else {
            return Err(ServiceError::NotFound);
        };
        let gone = uow.unmake_arrivals_above(self.network(), ancestor.at.height).await?;
        uow.drop_blocks_above(self.network(), ancestor.at.height).await?;
        moved.restart_at(&ancestor);
        moved.updated_at = self.now();
        uow.save_cursor(&moved).await?;
        let resolution = "an operator has resumed the chain";
        self.engine.call_off(&mut *uow, &self.chain_subject(), resolution).await?;
        uow.commit().await?;
        Ok(gone)
    }
}
