//! What the engine needs of the world, as traits. No adapter's type appears here.

mod environment;
mod queries;
mod store;

pub use environment::{Clock, Entropy, whole_micros};
#[cfg(feature = "test-support")]
pub use environment::{MockClock, MockEntropy};
pub use queries::{
    OfferFilter, OfferQueries, OrderDetails, OrderFilter, OrderQueries, Overdue, Page, PageRequest,
    Start,
};
pub use store::{
    ClaimOutcome, IdempotencyKeys, OfferRepository, OrderRepository, Outbox, OutboxRow,
    PartyRepository, Placements, Provisioned, Store, StoreError, UnitOfWork,
};
