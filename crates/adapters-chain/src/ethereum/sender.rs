//! The port `ChainSender`: which node is asked what.

use async_trait::async_trait;
use domain::chain::transfer::{Attempt, Death, Observation, Plan, Signed, Terms, Wallet};
use domain::ports::{ChainSender, Prepared, SendHint, SourceError, Unprepared};

use super::Ethereum;
use super::error::contradiction;
use super::hint;
use super::observe::Look;
use super::prepare::Preparation;
use super::spelling::{address_text, parse_hash};
use super::transaction::Unsigned;

#[async_trait]
impl ChainSender for Ethereum {
    fn address(&self, wallet: Wallet) -> Result<String, SourceError> {
        self.wallet(wallet).map(address_text)
    }

    async fn prepare(&self, plan: &Plan, living: Option<&Signed>) -> Result<Prepared, Unprepared> {
        self.check_receiver(plan)?;
        let intent = self.intent(plan).map_err(Unprepared::Away)?;
        let prepared = self.nodes.any(|node| {
            Box::pin(async move {
                match (Preparation { ethereum: self, node, plan, intent, living }).run().await {
                    Err(Unprepared::Away(error)) => Err(error),
                    decided => Ok(decided),
                }
            })
        });
        prepared.await.map_err(Unprepared::Away)?
    }

    fn encode(&self, plan: &Plan, terms: &Terms, sequence: u64) -> Result<Vec<u8>, SourceError> {
        let Terms::Ethereum { gas_limit, max_fee, max_tip } = *terms else {
            return Err(contradiction("terms of another chain"));
        };
        let unsigned = Unsigned {
            chain_id: self.config.chain_id,
            nonce: sequence,
            gas_limit,
            max_fee: max_fee.into(),
            max_tip: max_tip.into(),
            movement: self.intent(plan)?.movement,
        };
        Ok(unsigned.to_bytes())
    }

    async fn broadcast(&self, signed: &Signed, nth: u32) -> SendHint {
        match self.nodes.nth(nth).await {
            Ok(node) => hint::of(node.send(&signed.raw).await),
            Err(why) => SendHint::NoAnswer(why.to_string()),
        }
    }

    async fn observe(&self, plan: &Plan, tx_hash: &str) -> Result<Observation, SourceError> {
        let (intent, tx) = (self.intent(plan)?, parse_hash(tx_hash)?);
        let look = |node| async move { Look { node, intent, tx }.run().await };
        self.nodes.any(|node| Box::pin(look(node))).await
    }

    async fn find_death(
        &self,
        plan: &Plan,
        living: &[Attempt],
    ) -> Result<Option<Death>, SourceError> {
        let intent = self.intent(plan)?;
        self.prove_death(intent.from, living).await
    }
}
