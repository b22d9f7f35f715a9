//! A store that lets go of the thread before each of its calls, and refuses some of them: whoever polls
//! a service over it can leave it between any two, or let another go on there.

mod polling;
mod store;
mod unit_of_work;

pub use polling::{Polled, interleave, poll_for};

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::faults::step;
use crate::ids::OrderId;
use crate::ports::{Store, StoreError};
use crate::testing::MemoryStore;

#[derive(Debug, Default)]
struct Script {
    /// The next call of this name is refused.
    refused: Vec<&'static str>,
    /// What is stored of these cannot be read.
    corrupt: Vec<OrderId>,
    called: Vec<&'static str>,
}

/// The store in memory, call by call. Clones are the same store.
#[derive(Debug, Clone, Default)]
pub struct SteppingStore {
    inner: MemoryStore,
    script: Arc<Mutex<Script>>,
}

impl SteppingStore {
    pub fn over(inner: MemoryStore) -> Self {
        Self { inner, script: Arc::default() }
    }

    /// The next call of this method fails and does nothing.
    pub fn refuse(&self, method: &'static str) {
        self.script().refused.push(method);
    }

    /// The order cannot be read until it is mended.
    pub fn corrupt(&self, order: OrderId) {
        self.script().corrupt.push(order);
    }

    pub fn mend(&self) {
        *self.script() = Script::default();
    }

    /// The methods that were called, in order.
    pub fn called(&self) -> Vec<&'static str> {
        self.script().called.clone()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn call(&self, method: &'static str) -> Result<(), StoreError> {
        step().await;
        let mut script = self.script();
        script.called.push(method);
        let refused = script.refused.iter().position(|it| *it == method);
        match refused.map(|at| script.refused.remove(at)) {
            Some(_) => Err(StoreError::Unavailable("as the test has it".into())),
            None => Ok(()),
        }
    }

    fn read(&self, order: OrderId) -> Result<(), StoreError> {
        if self.script().corrupt.contains(&order) {
            return Err(StoreError::Corrupt("as the test has it".to_owned()));
        }
        Ok(())
    }

    fn inner(&self) -> &dyn Store {
        &self.inner
    }
}
