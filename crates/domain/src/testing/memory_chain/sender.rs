//! Transfers of ours: what they need, their bytes, the pool, and what became of them.

use async_trait::async_trait;

use super::faults::Call;
use super::mining::GAS;
use super::transaction::{Act, Body, Token, Transaction, hash};
use super::world::{Executed, World, millis};
use super::{Fault, MemoryChain};
use crate::chain::transfer::{
    Attempt, Death, Fault as Whose, Observation, Outcome, Plan, Signed, Terms, Wallet,
};
use crate::chain::{Block, Value};
use crate::ports::{ChainSender, Clock, Prepared, SendHint, SourceError, Unprepared};

/// Milliseconds that a transaction of ours can execute for.
const LIFE_MS: u64 = 60_000;

impl World {
    fn check(&self, plan: &Plan) -> Result<(), Unprepared> {
        let units = plan.value.units().unwrap_or(0);
        if let Value::Coin { asset, .. } = plan.value {
            if self.is_paused {
                return Err(Unprepared::Blocked("the token is paused".into()));
            }
            if self.blacklist.contains(&plan.to) {
                return Err(Unprepared::Receiver("the receiver is on the blacklist".into()));
            }
            if self.blacklist.contains(&plan.from) {
                return Err(Unprepared::Blocked("we are on the blacklist".into()));
            }
            if self.balance(&Token::Known(asset), &plan.from, self.head()) < units.into() {
                return Err(Unprepared::Short("there is less coin".into()));
            }
        }
        let native = if matches!(plan.value, Value::Native { .. }) { units } else { 0 };
        let needs = self.highest_fee().saturating_add(native);
        match needs.saturating_sub(self.gas_of(&plan.from, self.head())) {
            0 => Ok(()),
            missing => Err(Unprepared::NeedsGas { missing }),
        }
    }

    fn highest_fee(&self) -> u64 {
        self.fee().saturating_mul(2)
    }

    fn terms(&self, living: Option<&Signed>) -> Result<Terms, Unprepared> {
        let solid = self.mined(self.finality()).map(|mined| mined.block.at.clone());
        if let (crate::address::Network::Tron, Some(solid)) = (self.network, solid) {
            return Ok(Terms::Tron {
                ref_height: solid.height,
                ref_hash: solid.hash,
                expiration_ms: millis(self.time()).saturating_add(LIFE_MS),
                fee_limit: self.highest_fee(),
            });
        }
        let wanted = self.base_fee.saturating_mul(2);
        let dearer = living.map_or(0, |signed| dearer(&signed.terms));
        let max_fee = wanted.max(dearer);
        if max_fee > self.fee_ceiling {
            return Err(Unprepared::Blocked("a block asks for more than our limit".into()));
        }
        Ok(Terms::Ethereum { gas_limit: GAS, max_fee, max_tip: 1 })
    }

    fn admit(&mut self, transaction: Transaction, body: &Body) -> SendHint {
        let is_pending = self.pool.iter().any(|it| it.hash == transaction.hash);
        if is_pending || self.find(&transaction.hash).is_some() {
            return SendHint::Known;
        }
        let is_past = match &body.terms {
            Terms::Tron { expiration_ms, .. } => *expiration_ms <= millis(self.time()),
            Terms::Ethereum { .. } => body.sequence < self.nonce(&body.from, self.head()),
        };
        if is_past {
            return SendHint::Expired("its time is over".into());
        }
        let rival = self.pool.iter().position(|it| is_rival(it, body));
        match rival.map(|at| (at, self.pool.get(at).map_or(0, price))) {
            Some((_, price)) if price >= body.max_fee() => {
                return SendHint::Refused("replacement transaction underpriced".into());
            }
            Some((at, _)) => drop(self.pool.remove(at)),
            None => {}
        }
        self.pool.push(transaction);
        SendHint::Accepted
    }
}

fn dearer(terms: &Terms) -> u64 {
    let Terms::Ethereum { max_fee, .. } = terms else { return 0 };
    max_fee.saturating_mul(115).div_ceil(100)
}

fn price(transaction: &Transaction) -> u64 {
    if let Act::Ours(body) = &transaction.act { body.max_fee() } else { 0 }
}

/// Another transaction under the same nonce.
fn is_rival(pending: &Transaction, body: &Body) -> bool {
    let is_nonce = matches!(body.terms, Terms::Ethereum { .. });
    matches!(&pending.act, Act::Ours(it)
        if is_nonce && it.from == body.from && it.sequence == body.sequence)
}

/// Done only if its logs show the very transfer.
fn outcome(plan: &Plan, executed: &Executed) -> Outcome {
    if !executed.succeeded {
        let detail = "it failed".to_owned();
        return Outcome::Failed { fault: Whose::Sender, detail };
    }
    let units = plan.value.units().unwrap_or(0);
    let is_done = match plan.value {
        Value::Coin { asset, .. } => executed.moves.iter().any(|it| {
            let way = (it.from == plan.from, it.to == plan.to, it.units == units.into());
            it.token == Token::Known(asset) && way == (true, true, true)
        }),
        Value::Native { .. } => {
            executed.native == Some((plan.from.clone(), plan.to.clone(), units))
        }
    };
    if is_done { Outcome::Done } else { Outcome::Unclear("its logs show no such transfer".into()) }
}

fn observed(plan: &Plan, block: &Block, executed: &Executed, finality: u64) -> Observation {
    if block.at.height > finality {
        return Observation::Included(block.at.clone());
    }
    let fee = executed.fee.as_ref().map_or(0, |(_, fee)| *fee);
    Observation::Final { block: block.at.clone(), outcome: outcome(plan, executed), fee }
}

#[async_trait]
impl ChainSender for MemoryChain {
    fn address(&self, wallet: Wallet) -> Result<String, SourceError> {
        Ok(self.wallet(wallet))
    }

    async fn prepare(&self, plan: &Plan, living: Option<&Signed>) -> Result<Prepared, Unprepared> {
        self.asked(Call::Prepare).await.map_err(Unprepared::Away)?;
        let now = self.clock.now();
        let world = self.world();
        world.check(plan)?;
        let terms = world.terms(living)?;
        let sequence = match terms {
            Terms::Tron { .. } => millis(now),
            Terms::Ethereum { .. } => world.nonce(&plan.from, world.head()),
        };
        Ok(Prepared { terms, sequence })
    }

    fn encode(&self, plan: &Plan, terms: &Terms, sequence: u64) -> Result<Vec<u8>, SourceError> {
        Ok(Body::of(plan, terms, sequence).bytes())
    }

    async fn broadcast(&self, signed: &Signed, _nth: u32) -> SendHint {
        let fault = self.called(Call::Broadcast).await;
        let lost = || SendHint::NoAnswer("as the test has it".into());
        match fault {
            Some(Fault::Away | Fault::Lagging(_)) => return lost(),
            Some(Fault::Contradiction) => return SendHint::Refused("as the test has it".into()),
            Some(Fault::LostReply) | None => {}
        }
        let Some(body) = Body::read_signed(&signed.raw) else {
            return SendHint::Refused("these are no bytes of a transaction".into());
        };
        let hash = hash(self.network, &signed.raw);
        let hint = self.world().admit(Transaction { hash, act: Act::Ours(body.clone()) }, &body);
        if fault.is_some() { lost() } else { hint }
    }

    async fn observe(&self, plan: &Plan, tx_hash: &str) -> Result<Observation, SourceError> {
        let behind = self.asked(Call::Observe).await?;
        let world = self.world();
        let finality = world.finality().saturating_sub(behind);
        if let Some((block, executed)) = world.find(tx_hash) {
            return Ok(observed(plan, block, executed, finality));
        }
        let is_pending = world.pool.iter().any(|it| it.hash == tx_hash);
        Ok(if is_pending { Observation::Pending } else { Observation::Unseen })
    }

    async fn find_death(
        &self,
        plan: &Plan,
        living: &[Attempt],
    ) -> Result<Option<Death>, SourceError> {
        let behind = self.asked(Call::FindDeath).await?;
        let world = self.world();
        let finality = world.finality().saturating_sub(behind);
        Ok(world.death(plan, living, finality))
    }
}
