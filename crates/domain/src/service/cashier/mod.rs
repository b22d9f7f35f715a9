//! The cashier: moves shillings. Starts payments, carries effects out through the rail, reads
//! callbacks, and settles doubt. Every act has the same legal shape: the intent is committed, then
//! the rail is asked with no database transaction open, then what was learned is committed.
//!
//! Rules are not here: they stand in the machines of [`crate::rail`] and in the order's table.

mod callbacks;
mod collect;
mod disburse;
mod float;
mod follow;
mod jobs;
mod start_payment;
mod sweep;

pub(super) use jobs::failing;
pub use jobs::{COLLECTING_JOBS, JOB_KINDS, PAYING_JOBS};
pub use start_payment::{PaymentStarted, StartPayment};
pub use sweep::Swept;

use std::sync::Arc;

use time::OffsetDateTime;

use super::Engine;
use crate::ids::OrderId;
use crate::order::Order;
use crate::ports::{MobileMoney, StoreError, UnitOfWork};
use crate::rail::{CallbackToken, Hook, Subject, Tempo};

/// Moves shillings between phones and orders. Cheap to clone.
#[derive(Clone)]
pub struct Cashier {
    pub engine: Engine,
    pub rail: Arc<dyn MobileMoney>,
    pub tempo: Tempo,
    /// Callbacks from unlisted addresses are kept and not acted on.
    pub enforces_sources: bool,
}

impl std::fmt::Debug for Cashier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cashier").field("tempo", &self.tempo).finish_non_exhaustive()
    }
}

impl Cashier {
    fn now(&self) -> OffsetDateTime {
        self.engine.clock.now()
    }

    /// A new door for a callback about `subject`: the token goes into the URL, its hash stays here.
    async fn open_door(
        &self,
        uow: &mut dyn UnitOfWork,
        hook: Hook,
        subject: Subject,
    ) -> Result<CallbackToken, StoreError> {
        let token = CallbackToken::mint(|| self.engine.entropy.bits());
        uow.add_token(&token.hash(), hook, subject, self.now()).await?;
        Ok(token)
    }

    /// The doors for an answer and for its absence.
    async fn open_doors(
        &self,
        uow: &mut dyn UnitOfWork,
        hook: Hook,
        subject: Subject,
    ) -> Result<(CallbackToken, CallbackToken), StoreError> {
        let result = self.open_door(uow, hook, subject).await?;
        let timeout = self.open_door(uow, Hook::QueueTimeout, subject).await?;
        Ok((result, timeout))
    }

    async fn lock_order(&self, uow: &mut dyn UnitOfWork, id: OrderId) -> Result<Order, StoreError> {
        let order = uow.lock_order(id).await?;
        order.ok_or_else(|| StoreError::Corrupt(format!("order {id} of a job is gone")))
    }
}
