//! The store: a pool of connections that opens units of work.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ports::{Store, StoreError, UnitOfWork};
use time::OffsetDateTime;

use crate::DbConfig;
use crate::children::Children;
use crate::connection::open;
use crate::error::{from_diesel, from_pool};
use crate::schema::idempotency_keys;
use crate::unit_of_work::PgUnitOfWork;

/// PostgreSQL. Connections are opened when first needed, and by the runtime that needs them:
/// give each runtime a store of its own, or one runtime's work delays another's answers (ADR 0007).
#[derive(Clone)]
pub struct PgStore {
    pool: Pool<AsyncPgConnection>,
    pub(crate) children: Children,
}

impl std::fmt::Debug for PgStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PgStore").field("pool", &self.pool.status()).finish_non_exhaustive()
    }
}

impl PgStore {
    /// A store on the database of `config`; nothing is opened yet.
    ///
    /// # Errors
    /// When the pool's settings are not possible.
    pub fn new(config: &DbConfig) -> Result<Self, StoreError> {
        let mut manager = ManagerConfig::<AsyncPgConnection>::default();
        // The default asks the server a question at every checkout; broken connections are noticed
        // without it, and the first request on a stale one fails as "unavailable".
        manager.recycling_method = RecyclingMethod::Fast;
        let options = config.session_options();
        manager.custom_setup = Box::new(move |url| {
            let (url, options) = (url.to_owned(), options.clone());
            Box::pin(async move { open(&url, &options).await })
        });
        let manager = AsyncDieselConnectionManager::new_with_config(&config.url, manager);
        let pool = Pool::builder(manager)
            .max_size(config.pool_size)
            .runtime(deadpool::Runtime::Tokio1)
            .wait_timeout(Some(config.pool_wait()))
            .create_timeout(Some(config.pool_wait()))
            .build();
        let store = |pool| Self { pool, children: Children::default() };
        pool.map(store).map_err(|error| StoreError::Unavailable(error.into()))
    }

    pub(crate) async fn connection(&self) -> Result<Object<AsyncPgConnection>, StoreError> {
        self.pool.get().await.map_err(from_pool)
    }
}

#[async_trait]
impl Store for PgStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let connection = self.connection().await?;
        Ok(Box::new(PgUnitOfWork::begin(connection).await?))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let mut connection = self.connection().await?;
        let one = diesel::select(1.into_sql::<diesel::sql_types::Integer>());
        one.execute(&mut connection).await.map(drop).map_err(from_diesel)
    }

    async fn forget_keys(&self, before: OffsetDateTime) -> Result<u64, StoreError> {
        let mut connection = self.connection().await?;
        let old = idempotency_keys::table.filter(idempotency_keys::created_at.lt(before));
        let forgotten = diesel::delete(old).execute(&mut connection).await.map_err(from_diesel)?;
        Ok(u64::try_from(forgotten).unwrap_or(u64::MAX))
    }
}
