//! The services: what the engine does for its callers, as short orchestration over the ports.
//! Rules are not here: they stand in the policies, the table and [`crate::access`].

mod cancel_order;
mod cashier;
mod circuit;
mod error;
mod expire_orders;
mod follow_head;
mod offers;
mod parties;
mod place_order;
mod record_event;
mod reviews;
mod stranded;
mod supervisor;
mod treasurer;
mod watcher;

pub use cashier::{
    COLLECTING_JOBS, Cashier, JOB_KINDS, PAYING_JOBS, PaymentStarted, StartPayment, Swept,
};
pub use error::ServiceError;
pub use expire_orders::{Expired, ExpiryPass};
pub use offers::PublishOffer;
pub use parties::ProvisionParty;
pub use place_order::{Render, Request};
pub use record_event::Recorded;
pub use stranded::StrandedJobs;
pub use supervisor::{JobsOfKind, OrdersOfStatus, Supervised, Supervisor};
pub use treasurer::{COIN_JOBS, Chain, GivenBack, Stock, Treasurer};
pub use watcher::{Closed, Step, Watcher};

use std::sync::Arc;

use time::OffsetDateTime;
use uuid::Uuid;

use crate::address::AddressBook;
use crate::ids::time_ordered;
use crate::placement::{OrderRules, StoredAnswer};
use crate::ports::{Clock, Entropy, Store};

/// The engine: the ports and rules that every service works with. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    pub store: Arc<dyn Store>,
    pub addresses: Arc<dyn AddressBook>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub rules: OrderRules,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("rules", &self.rules).finish_non_exhaustive()
    }
}

/// An answer, and whether it had been given before under the same idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub stored: StoredAnswer,
    pub replayed: bool,
}

impl Answer {
    pub(crate) fn fresh(stored: StoredAnswer) -> Self {
        Self { stored, replayed: false }
    }

    pub(crate) fn replayed(stored: StoredAnswer) -> Self {
        Self { stored, replayed: true }
    }
}

impl Engine {
    /// A new id that sorts by `at`.
    fn new_id(&self, at: OffsetDateTime) -> Uuid {
        time_ordered(at, self.entropy.bits())
    }
}
