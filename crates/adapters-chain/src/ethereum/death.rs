//! The proof that signed transactions can never execute: their nonce is used in a final block, and
//! every node says that not one of them used it.

use alloy::primitives::{Address, B256};
use domain::chain::transfer::{Attempt, Death};
use domain::ports::SourceError;

use super::Ethereum;
use super::error::away;
use super::node::{At, Node};
use super::spelling::parse_hash;

impl Ethereum {
    /// The variants of one nonce. `None` while it is free, or one of them has it.
    ///
    /// # Errors
    /// When any node is away: one that has not heard of a block must not bury what is in it.
    pub(super) async fn prove_death(
        &self,
        from: Address,
        living: &[Attempt],
    ) -> Result<Option<Death>, SourceError> {
        let Some(nonce) = living.iter().map(|attempt| attempt.signed.sequence).max() else {
            return Ok(None);
        };
        let hashes: Result<Vec<B256>, SourceError> =
            living.iter().map(|attempt| parse_hash(&attempt.signed.tx_hash)).collect();
        let hashes = hashes?;
        if self.nodes.count() == 0 {
            return Err(away("no node of our network"));
        }
        for member in self.nodes.round() {
            let node = member.node().await?;
            if !member.note(is_taken_by_another(node, from, nonce, &hashes).await)? {
                return Ok(None);
            }
        }
        tracing::warn!(nonce, "a nonce of ours was used by a transaction that is none of ours");
        // Not named, although it could be found: with a name the payment would be signed again, and a
        // key that somebody else uses must sign nothing before a person has looked.
        Ok(Some(Death::NonceTaken { by: None }))
    }
}

async fn is_taken_by_another(
    node: &Node,
    from: Address,
    nonce: u64,
    living: &[B256],
) -> Result<bool, SourceError> {
    if node.count(from, At::Finalized).await? <= nonce {
        return Ok(false);
    }
    for receipt in node.receipts(living).await? {
        if receipt.is_some() {
            return Ok(false);
        }
    }
    // A node may have lost a receipt or have no index of it yet, and still know the transaction.
    for tx in living {
        let transaction = node.transaction(*tx).await?;
        if transaction.is_some_and(|transaction| transaction.block_hash.is_some()) {
            return Ok(false);
        }
    }
    Ok(true)
}
