//! The database seen directly, past the service: for checks and for faults.

use tokio::task::JoinSet;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Row};

/// A connection as the cluster's superuser.
#[derive(Debug)]
pub struct Sql {
    client: Client,
    _connection: JoinSet<()>,
}

impl Sql {
    pub async fn connect(url: &str) -> Self {
        let (client, connection) = tokio_postgres::connect(url, NoTls)
            .await
            .expect("the test's database accepts connections");
        let mut task = JoinSet::new();
        task.spawn(async move { drop(connection.await) });
        Self { client, _connection: task }
    }

    pub async fn rows(&self, query: &str, parameters: &[&(dyn ToSql + Sync)]) -> Vec<Row> {
        let rows = self.client.query(query, parameters).await;
        rows.unwrap_or_else(|error| panic!("{error:?}: {query}"))
    }

    /// The one number that a query answers.
    pub async fn number(&self, query: &str) -> i64 {
        let rows = self.rows(query, &[]).await;
        rows.first().expect("a row").get(0)
    }

    pub async fn execute(&self, statements: &str) {
        let done = self.client.batch_execute(statements).await;
        done.unwrap_or_else(|error| panic!("{error:?}: {statements}"));
    }
}
