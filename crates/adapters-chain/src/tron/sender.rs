//! Sending on the chain: the domain's port, each of its questions in a module of its own.

use async_trait::async_trait;
use domain::address::Network;
use domain::chain::transfer::{Attempt, Death, Observation, Plan, Signed, Terms, Wallet};
use domain::ports::{ChainSender, Prepared, SendHint, SourceError, Unprepared};

use super::transaction::Transaction;
use super::{Tron, broadcast, death, observe, prepare};

#[async_trait]
impl ChainSender for Tron {
    fn address(&self, wallet: Wallet) -> Result<String, SourceError> {
        match wallet {
            Wallet::Hot => Ok(self.config.hot.clone()),
            Wallet::Escrow(index) => {
                let address = self.book.escrow(Network::Tron, index);
                let address = address.map_err(|why| SourceError::Contradiction(why.to_string()))?;
                Ok(address.as_str().to_owned())
            }
        }
    }

    /// A transaction of Tron cannot be replaced by a dearer one: where one lives, there is nothing
    /// to prepare.
    async fn prepare(&self, plan: &Plan, living: Option<&Signed>) -> Result<Prepared, Unprepared> {
        if let Some(living) = living {
            let detail = format!("{} lives, and has no variants", living.tx_hash);
            return Err(Unprepared::Blocked(detail));
        }
        prepare::prepare(self, plan).await
    }

    fn encode(&self, plan: &Plan, terms: &Terms, sequence: u64) -> Result<Vec<u8>, SourceError> {
        let transaction = Transaction::of(plan, terms, sequence, self.usdt);
        let bytes = transaction.and_then(|transaction| transaction.encode());
        bytes.map_err(|why| SourceError::Contradiction(why.to_string()))
    }

    async fn broadcast(&self, signed: &Signed, nth: u32) -> SendHint {
        match self.nodes.nth(nth).await {
            Ok(node) => broadcast::broadcast(node, signed).await,
            Err(why) => SendHint::NoAnswer(why.to_string()),
        }
    }

    async fn observe(&self, plan: &Plan, tx_hash: &str) -> Result<Observation, SourceError> {
        observe::observe(self, plan, tx_hash).await
    }

    async fn find_death(
        &self,
        plan: &Plan,
        living: &[Attempt],
    ) -> Result<Option<Death>, SourceError> {
        death::find(self, plan, living).await
    }
}
