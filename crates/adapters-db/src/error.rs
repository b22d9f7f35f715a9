//! What a database error means to the domain: the only place that reads diesel's error kinds.

use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::pooled_connection::deadpool::PoolError;
use domain::ports::StoreError;

/// PostgreSQL's words for conditions that diesel has no kind for. The server's messages are
/// English: sessions of ours are opened with `lc_messages` untouched, and clusters use C or UTF-8.
const LOCK_TIMEOUT: &str = "canceling statement due to lock timeout";
const GOING_AWAY: [&str; 6] = [
    "canceling statement due to statement timeout",
    "terminating connection",
    "the database system is",
    "too many clients",
    "remaining connection slots",
    "sorry, too many clients",
];

pub(crate) fn from_diesel(error: Error) -> StoreError {
    match &error {
        Error::DatabaseError(kind, info) => match kind {
            DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection => {
                StoreError::Unavailable(error.into())
            }
            DatabaseErrorKind::SerializationFailure => StoreError::Busy,
            _ if info.message().starts_with(LOCK_TIMEOUT)
                || info.message().starts_with("deadlock detected") =>
            {
                StoreError::Busy
            }
            _ if GOING_AWAY.iter().any(|words| info.message().starts_with(words)) => {
                StoreError::Unavailable(error.into())
            }
            _ => StoreError::Rejected(error.into()),
        },
        Error::BrokenTransactionManager => StoreError::Unavailable(error.into()),
        _ => StoreError::Rejected(error.into()),
    }
}

pub(crate) fn from_pool(error: PoolError) -> StoreError {
    StoreError::Unavailable(error.into())
}

/// A row that cannot be what we stored.
pub(crate) fn corrupt(what: &str, id: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(format!("{what} of {id}"))
}

/// The constraint that a statement ran into, if that is what happened.
pub(crate) fn violated(error: &Error) -> Option<&str> {
    match error {
        Error::DatabaseError(
            DatabaseErrorKind::UniqueViolation
            | DatabaseErrorKind::ForeignKeyViolation
            | DatabaseErrorKind::CheckViolation,
            info,
        ) => info.constraint_name(),
        _ => None,
    }
}
