//! What a token says of the two parties of a transfer: whether it moves at all, and whom it shuts out.
//! Tether shuts out senders, Circle receivers too; a token that has no such function says no.

use alloy::primitives::Address;
use domain::ports::SourceError;

use super::node::{At, Node};
use super::token::{isBlackListedCall, isBlacklistedCall, pausedCall};

/// Asks one node about one token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing<'a> {
    pub(super) node: &'a Node,
    pub(super) token: Address,
}

impl Standing<'_> {
    pub(super) async fn is_paused(&self) -> Result<bool, SourceError> {
        let paused = self.node.view(self.token, &pausedCall {}, At::Latest).await?;
        Ok(paused.unwrap_or(false))
    }

    pub(super) async fn shuts_out_sender(&self, user: Address) -> Result<bool, SourceError> {
        let tether = self.node.view(self.token, &isBlackListedCall { user }, At::Latest).await?;
        Ok(tether.unwrap_or(false) || self.shuts_out_receiver(user).await?)
    }

    pub(super) async fn shuts_out_receiver(&self, user: Address) -> Result<bool, SourceError> {
        let circle = self.node.view(self.token, &isBlacklistedCall { user }, At::Latest).await?;
        Ok(circle.unwrap_or(false))
    }
}
