//! The token among processes: whoever finds none on the shelf, or only one that was refused, claims the
//! right to ask for a new one; the others wait for what it puts there.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::ports::{Clock, SharedToken, StoreError, TokenShelf};
use domain::rail::NotDone;
use secrecy::{ExposeSecret as _, SecretString};

use crate::call::no_token;
use crate::token::Minted;

/// How long to wait for somebody else's token, and how often to look.
const LOOKS: u32 = 300;
const PACE: Duration = Duration::from_millis(50);

pub(crate) struct Shared {
    shelf: Arc<dyn TokenShelf>,
    clock: Arc<dyn Clock>,
    /// What the gateway refused last: not to be taken from the shelf again.
    refused: Mutex<Option<SecretString>>,
}

impl Shared {
    pub(crate) fn new(shelf: Arc<dyn TokenShelf>, clock: Arc<dyn Clock>) -> Self {
        Self { shelf, clock, refused: Mutex::new(None) }
    }

    pub(crate) fn refused(&self, secret: &SecretString) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(secret.clone());
    }

    /// The shelf's token, or a new one that `ask` brings. A shelf that is away is no reason not to
    /// pay: then everybody asks for themselves.
    pub(crate) async fn mint<F>(&self, ask: impl FnOnce() -> F + Send) -> Result<Minted, NotDone>
    where
        F: Future<Output = Result<Minted, NotDone>> + Send,
    {
        let mut looks = tokio::time::interval(PACE);
        for _ in 0..LOOKS {
            looks.tick().await;
            match self.look().await {
                Ok(Some(minted)) => return Ok(minted),
                Ok(None) => {}
                Err(error) => return self.alone(&error, ask).await,
            }
            match self.shelf.claim().await {
                Ok(true) => return self.fill(ask).await,
                Ok(false) => {}
                Err(error) => return self.alone(&error, ask).await,
            }
        }
        Err(no_token("another process has been asking for one for too long"))
    }

    async fn look(&self) -> Result<Option<Minted>, StoreError> {
        let Some(shared) = self.shelf.read().await? else {
            return Ok(None);
        };
        let life = Duration::try_from(shared.expires_at - self.clock.now()).unwrap_or_default();
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let was_refused = refused.as_ref().is_some_and(|it| it.expose_secret() == shared.secret);
        let is_good = !life.is_zero() && !was_refused;
        Ok(is_good.then(|| Minted { secret: shared.secret.into(), life }))
    }

    async fn fill<F>(&self, ask: impl FnOnce() -> F + Send) -> Result<Minted, NotDone>
    where
        F: Future<Output = Result<Minted, NotDone>> + Send,
    {
        // Somebody may have filled it between our look and our claim.
        if let Ok(Some(minted)) = self.look().await {
            self.put(None).await;
            return Ok(minted);
        }
        let minted = ask().await;
        let shared = minted.as_ref().ok().map(|minted| SharedToken {
            secret: minted.secret.expose_secret().to_owned(),
            expires_at: self.clock.now() + minted.life,
        });
        self.put(shared.as_ref()).await;
        minted
    }

    async fn put(&self, token: Option<&SharedToken>) {
        if let Err(error) = self.shelf.put(token).await {
            tracing::warn!(%error, "the token is not shared");
        }
    }

    async fn alone<F>(
        &self,
        error: &StoreError,
        ask: impl FnOnce() -> F + Send,
    ) -> Result<Minted, NotDone>
    where
        F: Future<Output = Result<Minted, NotDone>> + Send,
    {
        tracing::warn!(%error, "no shelf for the token: asking alone");
        ask().await
    }
}
