//! Plain statements beside the adapter: to look at what it did, and to do what it would not.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// What does not happen for so long will not happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// A session. It ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Sql {
    client: Client,
    _driver: JoinSet<()>,
}

/// Why a statement was refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Code {
    Constraint(String),
    /// The five characters of the SQLSTATE.
    State(String),
}

impl Sql {
    pub(crate) async fn connect(url: &str) -> Self {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect(url);
        let mut driver = JoinSet::new();
        driver.spawn(async {
            let _ended_with_the_test = connection.await;
        });
        Self { client, _driver: driver }
    }

    /// What the server says to `statements`: the rows, each column as text.
    pub(crate) async fn query(&self, statements: &str) -> Result<Vec<Vec<String>>, Code> {
        let messages = self.client.simple_query(statements).await;
        let messages = messages.map_err(|error| {
            let told = error.as_db_error().expect("the server answers");
            match told.constraint() {
                Some(name) => Code::Constraint(name.to_owned()),
                None => Code::State(told.code().code().to_owned()),
            }
        })?;
        let columns = |message| match message {
            SimpleQueryMessage::Row(row) => {
                let text = |column| row.get(column).unwrap_or_default().to_owned();
                Some((0..row.len()).map(text).collect())
            }
            _ => None,
        };
        Ok(messages.into_iter().filter_map(columns).collect())
    }

    /// As `query`, for what cannot fail.
    pub(crate) async fn run(&self, statements: &str) -> Vec<Vec<String>> {
        let rows = self.query(statements).await;
        rows.unwrap_or_else(|code| panic!("{code:?}: {statements}"))
    }

    /// The first column of every row.
    pub(crate) async fn column(&self, statement: &str) -> Vec<String> {
        let rows = self.run(statement).await.into_iter();
        rows.filter_map(|row| row.into_iter().next()).collect()
    }

    /// Asks until some session of this database waits for a lock.
    pub(crate) async fn until_somebody_waits(&self) {
        let waiting = "SELECT pid FROM pg_stat_activity
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let seen = async { while self.column(waiting).await.is_empty() {} };
        let seen = tokio::time::timeout(PATIENCE, seen).await;
        seen.expect("somebody waits for a lock");
    }
}
