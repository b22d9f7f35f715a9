//! What the rail has told us and nobody has read, and the tokens that say what it is about.

use async_trait::async_trait;
use time::OffsetDateTime;

use super::tables::{Tables, rejected};
use super::unit_of_work::MemoryUnitOfWork;
use crate::ledger::Entry;
use crate::ports::{Callback, FloatBooks, RailBooks, Received, StoreError};
use crate::rail::{Hook, Subject};

#[derive(Debug, Clone)]
pub(super) struct StoredCallback {
    callback: Callback,
    leased_until: Option<OffsetDateTime>,
    outcome: Option<String>,
}

impl StoredCallback {
    fn take(&mut self, until: OffsetDateTime) -> Callback {
        self.leased_until = Some(until);
        self.callback.attempts = self.callback.attempts.saturating_add(1);
        self.callback.fence = self.callback.fence.saturating_add(1);
        self.callback.clone()
    }
}

impl Tables {
    pub(super) fn store_callback(&mut self, received: &Received) {
        let name = |it: &Received| (it.hook, it.token_hash, it.body.clone());
        let told = name(received);
        if self.callbacks.iter().any(|known| name(&known.callback.received) == told) {
            return;
        }
        let id = i64::try_from(self.callbacks.len()).unwrap_or(i64::MAX);
        let callback = Callback { id, fence: 0, attempts: 0, received: received.clone() };
        self.callbacks.push(StoredCallback { callback, leased_until: None, outcome: None });
    }

    pub(super) fn claim_callbacks(
        &mut self,
        limit: u16,
        now: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Vec<Callback> {
        let is_free = |it: &&mut StoredCallback| {
            it.outcome.is_none() && it.leased_until.is_none_or(|until| until <= now)
        };
        let free = self.callbacks.iter_mut().filter(is_free).take(limit.into());
        free.map(|it| it.take(until)).collect()
    }
}

#[async_trait]
impl RailBooks for MemoryUnitOfWork {
    async fn add_token(
        &mut self,
        hash: &[u8; 32],
        hook: Hook,
        subject: Subject,
        _at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        match self.tables.tokens.insert((hook, *hash), subject) {
            None => Ok(()),
            Some(_) => Err(rejected("a token is minted once")),
        }
    }

    async fn find_token(
        &mut self,
        hook: Hook,
        hash: &[u8; 32],
    ) -> Result<Option<Subject>, StoreError> {
        Ok(self.tables.tokens.get(&(hook, *hash)).copied())
    }

    async fn settle_callback(
        &mut self,
        callback: &Callback,
        outcome: &str,
        _at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let ours = |it: &&mut StoredCallback| {
            let known = (it.callback.id, it.callback.fence);
            known == (callback.id, callback.fence) && it.outcome.is_none()
        };
        let known = self.tables.callbacks.iter_mut().find(ours);
        Ok(known.map(|it| it.outcome = Some(outcome.to_owned())).is_some())
    }

    async fn post(&mut self, entry: &Entry) -> Result<bool, StoreError> {
        self.tables.post(entry)
    }

    async fn float_books(&mut self, since: OffsetDateTime) -> Result<FloatBooks, StoreError> {
        Ok(self.tables.float_books(since))
    }
}
