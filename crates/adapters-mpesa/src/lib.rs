//! Safaricom's Daraja API behind the domain's [`MobileMoney`]: how its
//! requests are spelled, what its answers and callbacks prove, and nothing else. When to ask, what
//! to believe and what to do about it is the domain's; nothing here retries, but a request that the
//! gateway turned away for a stale token is sent once more with a new one.

mod call;
mod classify;
mod codes;
mod collecting;
mod config;
pub mod credential;
mod disbursing;
mod endpoint;
mod gateway;
mod limits;
mod notice;
mod redact;
mod shelf;
mod stamp;
mod statements;
mod token;
mod transport;
mod urls;
mod wire;

use std::fmt;
use std::sync::Arc;

use domain::order::{ErrorCode, Leg};
use domain::ports::{Clock, MobileMoney, TokenShelf, Unreadable};
use domain::rail::{Hook, Notice};

pub use classify::{Answer, classify_error, classify_payout, classify_push};
pub use config::{
    B2cApi, B2cConfig, ConfigError, Limits, MpesaConfig, StatusKeyField, StkConfig, StkKind,
    Timeouts,
};
pub use endpoint::Endpoint;
pub use gateway::{GatewayError, Meaning, Shape, gateway_error};
pub use notice::read_notice;

use call::Caller;
use stamp::WallClock;

/// The M-Pesa rail as Daraja offers it. Cloning is cheap and shares the token and the limits. May be
/// used from several runtimes at once: it keeps no connection and no task of its own.
#[derive(Clone)]
pub struct Mpesa {
    shared: Arc<Shared>,
}

struct Shared {
    config: MpesaConfig,
    caller: Caller,
    clock: Arc<dyn Clock>,
}

impl Mpesa {
    /// Sends nothing yet.
    ///
    /// # Errors
    /// When a setting cannot be right, or no TLS client can be made here; names the setting, never
    /// its value.
    pub fn try_new(config: MpesaConfig) -> Result<Self, ConfigError> {
        Self::with_clock(config, Arc::new(WallClock))
    }

    /// Like [`Mpesa::try_new`], with the time of `clock` in the timestamps of prompts. Tokens age by
    /// the machine's monotonic clock all the same.
    pub fn with_clock(config: MpesaConfig, clock: Arc<dyn Clock>) -> Result<Self, ConfigError> {
        Self::build(config, clock, None)
    }

    /// Like [`Mpesa::try_new`], sharing its token with the processes that use the same shelf: as many as
    /// use one consumer key must, because a new token may kill the old one.
    ///
    /// # Errors
    /// See [`Mpesa::try_new`].
    pub fn sharing(
        config: MpesaConfig,
        clock: Arc<dyn Clock>,
        shelf: Arc<dyn TokenShelf>,
    ) -> Result<Self, ConfigError> {
        Self::build(config, clock, Some(shelf))
    }

    fn build(
        config: MpesaConfig,
        clock: Arc<dyn Clock>,
        shelf: Option<Arc<dyn TokenShelf>>,
    ) -> Result<Self, ConfigError> {
        config.validate()?;
        let mut caller = Caller::try_new(&config)?;
        if let Some(shelf) = shelf {
            caller.share(shelf::Shared::new(shelf, clock.clone()));
        }
        Ok(Self { shared: Arc::new(Shared { config, caller, clock }) })
    }
}

impl MobileMoney for Mpesa {
    fn read(&self, hook: Hook, is_balance: bool, body: &[u8]) -> Result<Notice, Unreadable> {
        let notice = read_notice(hook, is_balance, body)?;
        codes::raise_alarm(&notice);
        Ok(notice)
    }

    fn explain(&self, leg: Leg, code: &str) -> ErrorCode {
        codes::explain(leg, code)
    }
}

impl fmt::Debug for Mpesa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mpesa").field("config", &self.shared.config).finish_non_exhaustive()
    }
}
