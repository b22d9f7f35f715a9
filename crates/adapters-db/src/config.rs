//! How to reach the database, and how long to wait for it.

use std::time::Duration;

use serde::Deserialize;

/// Settings of the store. The URL is a secret: it may hold a password.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DbConfig {
    /// `postgres://…`; empty means that the service starts its own cluster.
    #[serde(default)]
    pub url: String,
    /// Connections of each pool.
    pub pool_size: usize,
    /// How long a request waits for a free connection, in milliseconds.
    pub pool_wait_ms: u64,
    /// How long one statement may run, in milliseconds.
    pub statement_timeout_ms: u64,
    /// How long one statement may wait for somebody else's lock, in milliseconds.
    pub lock_timeout_ms: u64,
    /// How long a unit of work may stand still, in milliseconds: a stalled process gives its locks up.
    pub idle_timeout_ms: u64,
}

impl DbConfig {
    pub(crate) fn pool_wait(&self) -> Duration {
        Duration::from_millis(self.pool_wait_ms)
    }

    /// What every session starts with: the role that owns nothing, and limits on every wait.
    pub(crate) fn session_options(&self) -> String {
        let Self { statement_timeout_ms, lock_timeout_ms, idle_timeout_ms, .. } = self;
        format!(
            "-c role=kivuko_app -c statement_timeout={statement_timeout_ms} \
             -c lock_timeout={lock_timeout_ms} \
             -c idle_in_transaction_session_timeout={idle_timeout_ms}"
        )
    }
}

impl std::fmt::Debug for DbConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DbConfig").field("pool_size", &self.pool_size).finish_non_exhaustive()
    }
}
