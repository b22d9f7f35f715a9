//! What became of a transaction. It is done only by a final block, with a good receipt in which the
//! very transfer of the plan stands once.

use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::SolEvent as _;
use domain::chain::transfer::{Fault, Observation, Outcome};
use domain::ports::SourceError;

use super::error::{away, contradiction};
use super::intent::Intent;
use super::node::{At, Node};
use super::spelling::hash_text;
use super::standing::Standing;
use super::token::Transfer;
use super::transaction::Movement;
use super::wire::{Log, Receipt};

/// One look, on one node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) node: &'a Node,
    pub(super) intent: Intent,
    pub(super) tx: B256,
}

impl Look<'_> {
    pub(super) async fn run(&self) -> Result<Observation, SourceError> {
        // Before the receipt: a block that was final then is final now.
        let finalized = self.node.known_header(At::Finalized).await?;
        let Some(receipt) = self.node.receipt(self.tx).await? else { return self.without().await };
        if receipt.transaction_hash != self.tx {
            return Err(contradiction("another transaction's receipt came"));
        }
        let header = self.node.known_header(At::Height(receipt.block_number)).await?;
        if header.hash != receipt.block_hash {
            return Ok(Observation::Pending);
        }
        let block = header.at();
        if block.height > finalized.number {
            return Ok(Observation::Included(block));
        }
        let outcome = self.outcome(&receipt).await?;
        Ok(Observation::Final { block, outcome, fee: fee(&receipt)? })
    }

    async fn without(&self) -> Result<Observation, SourceError> {
        let waits = self.node.transaction(self.tx).await?.is_some();
        Ok(if waits { Observation::Pending } else { Observation::Unseen })
    }

    async fn outcome(&self, receipt: &Receipt) -> Result<Outcome, SourceError> {
        match (receipt.status, self.intent.movement) {
            (1, Movement::Token { token, units, .. }) => {
                Ok(self.token_outcome(receipt, token, units))
            }
            (1, Movement::Ether { wei, .. }) => self.ether_outcome(wei).await,
            (0, _) => self.failure(receipt).await,
            _ => Err(contradiction("a receipt's status is neither 0 nor 1")),
        }
    }

    fn token_outcome(&self, receipt: &Receipt, token: Address, units: U256) -> Outcome {
        let meant = |log: &&Log| self.is_meant(log, token, units);
        match receipt.logs.iter().filter(meant).count() {
            1 => Outcome::Done,
            count => {
                let tx = hash_text(self.tx);
                Outcome::Unclear(format!("{tx} succeeded, and has the transfer {count} times"))
            }
        }
    }

    fn is_meant(&self, log: &Log, token: Address, units: U256) -> bool {
        let topics =
            [Transfer::SIGNATURE_HASH, self.intent.from.into_word(), self.intent.to.into_word()];
        let is_there = !log.removed && log.address == token && log.topics == topics;
        is_there && log.data.as_ref() == units.to_be_bytes::<32>()
    }

    /// Ether leaves no log: the transaction itself says what moved.
    async fn ether_outcome(&self, wei: U256) -> Result<Outcome, SourceError> {
        let transaction = self.node.transaction(self.tx).await?;
        let transaction =
            transaction.ok_or_else(|| away("it has a receipt and not its transaction"))?;
        let moved = (transaction.from, transaction.to, transaction.value);
        if moved == (self.intent.from, Some(self.intent.to), wei) {
            return Ok(Outcome::Done);
        }
        let tx = hash_text(self.tx);
        Ok(Outcome::Unclear(format!("{tx} succeeded, and moved something else")))
    }

    async fn failure(&self, receipt: &Receipt) -> Result<Outcome, SourceError> {
        let to = self.intent.to;
        let shut_out = match self.intent.movement {
            Movement::Token { token, .. } => {
                Standing { node: self.node, token }.shuts_out_receiver(to).await?
            }
            Movement::Ether { .. } => false,
        };
        let fault = if shut_out { Fault::Receiver } else { Fault::Sender };
        let why = if shut_out { ": the token has blacklisted the receiver" } else { "" };
        let detail = format!("it was undone after {} gas{why}", receipt.gas_used);
        Ok(Outcome::Failed { fault, detail })
    }
}

/// Wei.
fn fee(receipt: &Receipt) -> Result<u64, SourceError> {
    let fee = u128::from(receipt.gas_used).checked_mul(receipt.effective_gas_price);
    let fee = fee.and_then(|fee| u64::try_from(fee).ok());
    fee.ok_or_else(|| contradiction("a fee is beyond all ether"))
}
