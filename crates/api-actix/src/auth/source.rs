//! Where the keys come from, asked out of turn: issuers change their keys when they like, and their
//! customers must not wait for the next turn. Whoever invents key names must not make us ask for each.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::keys::Keys;
use crate::settings::AuthSettings;

/// Between two readings out of turn.
const PAUSE: Duration = Duration::from_secs(5);

pub(super) struct KeySource {
    settings: AuthSettings,
    /// When it was last read out of turn. Held while it is: who comes meanwhile waits for the answer.
    last: Mutex<Option<Instant>>,
}

impl std::fmt::Debug for KeySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeySource").finish_non_exhaustive()
    }
}

impl KeySource {
    pub(super) fn new(settings: &AuthSettings) -> Self {
        Self { settings: settings.clone(), last: Mutex::new(None) }
    }

    /// The keys as they are now; `None` where they were read a moment ago, cannot be read, or are a
    /// secret of the settings, which does not change.
    pub(super) async fn read_again(&self) -> Option<Keys> {
        if self.settings.jwks_file.is_empty() && self.settings.jwks_url.is_empty() {
            return None;
        }
        let mut last = self.last.lock().await;
        if last.is_some_and(|last| last.elapsed() < PAUSE) {
            return None;
        }
        let keys = Keys::load(&self.settings).await;
        *last = Some(Instant::now());
        match keys {
            Ok(keys) => Some(keys),
            Err(error) => {
                tracing::warn!(%error, "a token names an unknown key, and the JWKS cannot be read");
                None
            }
        }
    }
}
