//! Coin going out: what was planned stays as planned, and at most one signature of it is alive.

use async_trait::async_trait;

use super::tables::{Tables, rejected};
use super::unit_of_work::MemoryUnitOfWork;
use crate::address::Network;
use crate::chain::transfer::{AttemptState, Plan, Purpose, TransferState, Wallet};
use crate::chain::{Attempt, Transfer, Value};
use crate::ports::{StoreError, TransferRepository};

/// The wallet, the purpose and the value of a plan are of one kind.
fn is_whole(plan: &Plan) -> bool {
    let is_return = matches!(plan.purpose, Purpose::Return { .. });
    let is_sweep = plan.purpose == Purpose::Sweep || is_return;
    let is_gas = plan.purpose == Purpose::Gas || is_return;
    let is_native = matches!(plan.value, Value::Native { .. });
    is_sweep == matches!(plan.wallet, Wallet::Escrow(_))
        && is_gas == is_native
        && plan.value.units().is_some_and(|units| units > 0)
}

/// What was signed for it is what is stored; only its progress may differ.
fn is_same_signature(one: &Attempt, other: &Attempt) -> bool {
    one.signed == other.signed && one.created_at == other.created_at
}

/// What an end, a block and a broadcast each leave behind.
fn is_told_whole(attempt: &Attempt) -> bool {
    let (included, paid) = (attempt.included.is_some(), attempt.fee.is_some());
    let was_sent = attempt.sends > 0;
    let dates = (attempt.first_sent_at.is_some(), attempt.last_sent_at.is_some());
    let is_dead = matches!(attempt.state, AttemptState::Failed | AttemptState::Dead);
    let fits = match attempt.state {
        AttemptState::Signed => !was_sent,
        AttemptState::Included => included,
        AttemptState::Done | AttemptState::Failed => included && paid,
        AttemptState::Sent | AttemptState::Dead => true,
    };
    fits && dates == (was_sent, was_sent) && attempt.death.is_some() == is_dead
}

/// A live signature goes on, what has ended has.
fn may_become(before: &Attempt, after: &Attempt) -> bool {
    let goes_on = before.state.is_live()
        && (after.state != AttemptState::Signed || before.state == AttemptState::Signed);
    is_same_signature(before, after) && (before == after || goes_on)
}

/// A dearer variant stands beside living ones of its nonce, a new generation on dead ones only.
fn may_follow(known: &[Attempt], new: &Attempt) -> bool {
    let generation = known.iter().map(|it| it.generation).max().unwrap_or(0);
    let mut same = known.iter().filter(|it| it.generation == new.generation);
    if new.variant == 0 {
        let is_next = new.generation == generation.saturating_add(1);
        return is_next && known.iter().all(|it| it.death.is_some());
    }
    let last = same.clone().map(|it| it.variant).max();
    last == new.variant.checked_sub(1)
        && same.all(|it| it.state.is_live() && it.signed.sequence == new.signed.sequence)
}

/// Where a transfer stands is where its signatures stand.
fn is_borne_out(state: TransferState, attempts: &[Attempt]) -> bool {
    let has_live = attempts.iter().any(|it| it.state.is_live());
    match state {
        TransferState::Planned | TransferState::Failed => !has_live,
        TransferState::InFlight => has_live,
        TransferState::Done => attempts.iter().any(|it| it.state == AttemptState::Done),
    }
}

impl Tables {
    fn is_planned_twice(&self, plan: &Plan) -> bool {
        let is_second = |known: &Transfer| {
            let delivers = known.plan.purpose == Purpose::Delivery;
            delivers && plan.purpose == Purpose::Delivery && known.plan.order_id == plan.order_id
        };
        self.transfers.contains_key(&plan.key) || self.transfers.values().any(is_second)
    }

    fn sweeps_a_stranger(&self, plan: &Plan) -> bool {
        let Wallet::Escrow(index) = plan.wallet else { return false };
        let is_ours = |escrow: &crate::order::Escrow| {
            escrow.index == index && escrow.address.network() == plan.network
        };
        !self.orders.values().filter_map(|order| order.escrow.as_ref()).any(is_ours)
    }

    /// A hash is one transaction's, a sequence one nonce's, whichever transfers they are of.
    fn is_signed_twice(&self, plan: &Plan, new: &Attempt) -> bool {
        let others = self.transfers.values().filter(|known| known.plan.network == plan.network);
        let mut all = others.flat_map(|it| it.attempts.iter().map(move |known| (&it.plan, known)));
        all.any(|(theirs, known)| {
            let same_nonce = known.signed.sequence == new.signed.sequence
                && (theirs.from == plan.from && known.variant == new.variant);
            known.signed.tx_hash == new.signed.tx_hash || same_nonce
        })
    }

    fn add_attempt(&mut self, key: &str, new: &Attempt) -> Result<(), StoreError> {
        let known = self.transfers.get(key).ok_or_else(|| missing(key))?;
        if !may_follow(&known.attempts, new) || !is_told_whole(new) {
            return Err(rejected("a signature needs the death of the one before"));
        }
        if self.is_signed_twice(&known.plan, new) {
            return Err(rejected("a transaction is signed for one transfer"));
        }
        let known = self.transfers.get_mut(key).ok_or_else(|| missing(key))?;
        known.attempts.push(new.clone());
        Ok(())
    }

    fn save_attempt(&mut self, key: &str, attempt: &Attempt) -> Result<(), StoreError> {
        let known = self.transfers.get_mut(key).ok_or_else(|| missing(key))?;
        let name = |it: &Attempt| (it.generation, it.variant);
        let Some(known) = known.attempts.iter_mut().find(|it| name(it) == name(attempt)) else {
            return self.add_attempt(key, attempt);
        };
        if !may_become(known, attempt) || !is_told_whole(attempt) {
            return Err(rejected("what was signed stays, and what has ended has"));
        }
        known.clone_from(attempt);
        Ok(())
    }
}

fn missing(key: &str) -> StoreError {
    StoreError::Conflict(format!("transfer {key}"))
}

#[async_trait]
impl TransferRepository for MemoryUnitOfWork {
    async fn insert_transfer(&mut self, transfer: &Transfer) -> Result<(), StoreError> {
        let (tables, plan) = (&mut self.tables, &transfer.plan);
        if !tables.orders.contains_key(&plan.order_id) || !tables.has_job(&plan.key) {
            return Err(rejected("a transfer needs its order and its job"));
        }
        if !is_whole(plan) || tables.sweeps_a_stranger(plan) {
            return Err(rejected("a transfer's parts are of one kind"));
        }
        if tables.is_planned_twice(plan) {
            return Err(rejected("a transfer is planned once"));
        }
        let bare = Transfer { attempts: vec![], ..transfer.clone() };
        tables.transfers.insert(plan.key.clone(), bare);
        let mut attempts = transfer.attempts.iter();
        attempts.try_for_each(|attempt| tables.add_attempt(&plan.key, attempt))
    }

    async fn lock_transfer(&mut self, key: &str) -> Result<Option<Transfer>, StoreError> {
        Ok(self.tables.transfers.get(key).cloned())
    }

    async fn save_transfer(&mut self, transfer: &Transfer) -> Result<(), StoreError> {
        let key = &transfer.plan.key;
        for attempt in &transfer.attempts {
            self.tables.save_attempt(key, attempt)?;
        }
        let known = self.tables.transfers.get_mut(key).ok_or_else(|| missing(key))?;
        let has_ended = matches!(known.state, TransferState::Done | TransferState::Failed);
        let is_borne_out = is_borne_out(transfer.state, &known.attempts);
        if known.state != transfer.state && (has_ended || !is_borne_out) {
            return Err(rejected("a transfer stands where its signatures stand"));
        }
        (known.state, known.reviewed) = (transfer.state, transfer.reviewed);
        known.updated_at = transfer.updated_at;
        Ok(())
    }

    async fn lock_sequence(
        &mut self,
        network: Network,
        address: &str,
    ) -> Result<Option<u64>, StoreError> {
        Ok(self.tables.sequences.get(&(network, address.to_owned())).copied())
    }

    async fn save_sequence(
        &mut self,
        network: Network,
        address: &str,
        last: u64,
    ) -> Result<(), StoreError> {
        let known = self.tables.sequences.entry((network, address.to_owned())).or_insert(last);
        if *known > last {
            return Err(StoreError::Conflict(format!("the sequence of {address}")));
        }
        *known = last;
        Ok(())
    }

    async fn find_attempts(
        &mut self,
        network: Network,
        address: &str,
        sequence: u64,
    ) -> Result<Vec<Attempt>, StoreError> {
        let ours = |it: &&Transfer| it.plan.network == network && it.plan.from == address;
        let all = self.tables.transfers.values().filter(ours).flat_map(|it| &it.attempts);
        let mut found: Vec<_> = all.filter(|it| it.signed.sequence == sequence).cloned().collect();
        found.sort_by_key(|attempt| attempt.variant);
        Ok(found)
    }
}
