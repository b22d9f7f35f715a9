//! An open database transaction as a value: it owns a pooled connection until it ends.

use async_trait::async_trait;
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::{
    AnsiTransactionManager, AsyncPgConnection, SimpleAsyncConnection, TransactionManager,
};
use domain::ports::{StoreError, UnitOfWork};

use crate::changes::Changes;
use crate::error::from_diesel;

/// An open transaction. Dropped without `commit`, the pool sees it open and throws the connection
/// away, which makes the server roll back.
pub(crate) struct PgUnitOfWork {
    connection: Object<AsyncPgConnection>,
    pub(crate) changes: Changes,
}

impl PgUnitOfWork {
    pub(crate) async fn begin(
        mut connection: Object<AsyncPgConnection>,
    ) -> Result<Self, StoreError> {
        AnsiTransactionManager::begin_transaction(&mut *connection).await.map_err(from_diesel)?;
        Ok(Self { connection, changes: Changes::default() })
    }

    pub(crate) fn connection(&mut self) -> &mut AsyncPgConnection {
        &mut self.connection
    }
}

#[async_trait]
impl UnitOfWork for PgUnitOfWork {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let Self { mut connection, changes } = *self;
        // In a transaction that has failed, COMMIT rolls back and calls that a success. Any other
        // statement is refused there.
        let alive = connection.batch_execute("SELECT").await;
        alive.map_err(from_diesel)?;
        let committed = AnsiTransactionManager::commit_transaction(&mut *connection).await;
        committed.map_err(from_diesel)?;
        changes.tell();
        Ok(())
    }

    async fn rollback(mut self: Box<Self>) -> Result<(), StoreError> {
        AnsiTransactionManager::rollback_transaction(&mut *self.connection)
            .await
            .map_err(from_diesel)
    }
}
