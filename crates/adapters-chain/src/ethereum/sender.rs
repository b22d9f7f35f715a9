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
        let node = self.nodes.reader();
        let prepared = Preparation { ethereum: self, node, plan, intent, living }.run().await;
        if let Err(Unprepared::Away(error)) = &prepared {
            self.nodes.judge::<()>(Err(error.clone())).map_err(Unprepared::Away)?;
        }
        prepared
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
        let node = self.nodes.nth(usize::try_from(nth).unwrap_or(0));
        hint::of(node.send(&signed.raw).await)
    }

    async fn observe(&self, plan: &Plan, tx_hash: &str) -> Result<Observation, SourceError> {
        let (node, intent, tx) = (self.nodes.reader(), self.intent(plan)?, parse_hash(tx_hash)?);
        self.nodes.judge(Look { node, intent, tx }.run().await)
    }

    async fn find_death(
        &self,
        plan: &Plan,
        living: &[Attempt],
    ) -> Result<Option<Death>, SourceError> {
        let intent = self.intent(plan)?;
        self.nodes.judge(self.prove_death(intent.from, living).await)
    }
}
