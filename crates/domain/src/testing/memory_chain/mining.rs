//! Making blocks: which transactions of the pool go in, and what they do.

use super::MemoryChain;
use super::powers::Mishap;
use super::transaction::{Act, Body, Move, Token, Transaction, hash};
use super::world::{Executed, Mined, World, millis};
use crate::address::Network;
use crate::chain::transfer::Terms;
use crate::chain::{Block, BlockRef, Value};
use time::OffsetDateTime;

/// What a transfer of ours costs: gas, or sun.
pub(super) const GAS: u64 = 50_000;
pub(super) const SUN: u64 = 7_000_000;

impl MemoryChain {
    /// Makes a block, a while after the one before, of what the pool has; the clock moves along.
    pub fn mine(&self) {
        let pace = self.world().pace();
        self.clock.advance(pace);
        let time = crate::ports::Clock::now(&*self.clock);
        self.world().mine(time);
    }

    pub fn mine_many(&self, blocks: u64) {
        for _ in 0..blocks {
            self.mine();
        }
    }

    /// Makes blocks until all that is in one now is final.
    pub fn finalise(&self) {
        let depth = self.world().depth;
        self.mine_many(depth.saturating_add(1));
    }
}

impl World {
    pub(super) fn mine(&mut self, time: OffsetDateTime) {
        self.open_block(time);
        while let Some(next) = self.pool.iter().position(|it| self.is_ready(it)) {
            let transaction = self.pool.remove(next);
            self.execute(transaction);
        }
        self.forget_dead(time);
    }

    /// An empty block on top, its name unlike any other's.
    pub(super) fn open_block(&mut self, time: OffsetDateTime) {
        self.salt = self.salt.saturating_add(1);
        let (parent, height) = (self.last().at.hash.clone(), self.head().saturating_add(1));
        let name = hash(self.network, format!("{parent} {height} {}", self.salt).as_bytes());
        let block = Block { at: BlockRef { height, hash: name }, parent, time };
        self.blocks.push(Mined { block, executed: vec![] });
    }

    pub(super) fn execute(&mut self, transaction: Transaction) {
        let executed = match transaction.act.clone() {
            Act::Foreign { moves, succeeds } => Executed {
                transaction,
                succeeded: succeeds,
                moves: if succeeds { moves } else { vec![] },
                native: None,
                fee: None,
            },
            Act::Theft { of } => Executed {
                transaction,
                succeeded: true,
                moves: vec![],
                native: None,
                fee: Some((of, 1)),
            },
            Act::Ours(body) => self.run(transaction, &body),
        };
        let block = self.blocks.last_mut().expect("there is a first block");
        block.executed.push(executed);
    }

    fn run(&mut self, transaction: Transaction, body: &Body) -> Executed {
        let mishap = self.mishap.take();
        let succeeded = mishap != Some(Mishap::Reverts) && self.may_move(body);
        let acts = succeeded && mishap != Some(Mishap::MovesNothing);
        let (from, to) = (body.from.clone(), body.to.clone());
        let (moves, native) = match body.value {
            Value::Coin { asset, .. } if acts => {
                let units = body.value.units().unwrap_or(0).into();
                (vec![Move { token: Token::Known(asset), from, to, units }], None)
            }
            Value::Native { units } if acts => (vec![], Some((from, to, units))),
            Value::Coin { .. } | Value::Native { .. } => (vec![], None),
        };
        let fee = Some((body.from.clone(), self.fee()));
        Executed { transaction, succeeded, moves, native, fee }
    }

    /// Whether the token lets it through.
    fn may_move(&self, body: &Body) -> bool {
        let Value::Coin { asset, .. } = body.value else { return true };
        let units = u128::from(body.value.units().unwrap_or(0));
        let is_barred = [&body.from, &body.to].into_iter().any(|it| self.blacklist.contains(it));
        let has = self.balance(&Token::Known(asset), &body.from, self.head());
        !self.is_paused && !is_barred && has >= units
    }

    pub(super) fn fee(&self) -> u64 {
        if self.network == Network::Tron { SUN } else { GAS.saturating_mul(self.base_fee) }
    }

    fn is_ready(&self, transaction: &Transaction) -> bool {
        let Act::Ours(body) = &transaction.act else { return true };
        let native = if let Value::Native { units } = body.value { units } else { 0 };
        let cost = self.fee().saturating_add(native);
        let pays = self.gas_of(&body.from, self.head()) >= cost;
        let is_due = match &body.terms {
            Terms::Tron { expiration_ms, ref_height, ref_hash, .. } => {
                let stands =
                    self.mined(*ref_height).is_some_and(|it| it.block.at.hash == *ref_hash);
                stands && millis(self.time()) < *expiration_ms
            }
            Terms::Ethereum { max_fee, .. } => {
                body.sequence == self.nonce(&body.from, self.head()) && *max_fee >= self.base_fee
            }
        };
        is_due && pays
    }

    /// The pool lets go of what can never go into a block.
    fn forget_dead(&mut self, time: OffsetDateTime) {
        let pool = std::mem::take(&mut self.pool);
        let lives = |it: &Transaction| match &it.act {
            Act::Ours(Body { terms: Terms::Tron { expiration_ms, .. }, .. }) => {
                millis(time) < *expiration_ms
            }
            Act::Ours(body) => body.sequence >= self.nonce(&body.from, self.head()),
            Act::Foreign { .. } | Act::Theft { .. } => true,
        };
        let pool = pool.into_iter().filter(lives).collect();
        self.pool = pool;
    }
}
