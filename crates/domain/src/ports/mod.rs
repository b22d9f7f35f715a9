//! What the engine needs of the world, as traits. No adapter's type appears here.

mod chain;
mod chain_store;
mod environment;
mod mobile_money;
mod queries;
mod rail_store;
mod reviews;
mod store;
mod supervision;

pub use chain::{
    ChainSender, ChainSource, Prepared, SendHint, Signer, SignerError, SigningRequest, SourceError,
    Unprepared, WatchList,
};
pub use chain_store::{
    ArrivalPage, ArrivalPlace, ArrivalStart, Arrivals, ChainStore, Cursors, HotBooks,
    OverdueDeposit, Sweepable, TransferRepository,
};
pub use environment::{Clock, Entropy, whole_micros};
#[cfg(feature = "test-support")]
pub use environment::{MockClock, MockEntropy};
pub use mobile_money::{
    Collecting, Disbursing, MobileMoney, NoStatement, PayoutRequest, PushRequest, ReversalRequest,
    SharedToken, Statement, StatementRow, Statements, StatusKey, StatusRequest, TokenShelf,
    Unreadable,
};
pub use queries::{
    OfferFilter, OfferQueries, OrderDetails, OrderFilter, OrderQueries, Overdue, Page, PageRequest,
    Start,
};
pub use rail_store::{
    Callback, CollectionRepository, DisbursementRepository, FloatBooks, Job, JobEnd, Jobs,
    RailBooks, RailStore, Received,
};
pub use reviews::{ReviewCount, ReviewQueries, Reviews};
pub use store::{
    ClaimOutcome, IdempotencyKeys, OfferRepository, OrderRepository, Outbox, OutboxRow, OwnAddress,
    OwnAddresses, PartyRepository, Placements, Provisioned, Store, StoreError, UnitOfWork,
};
pub use supervision::SupervisionQueries;
