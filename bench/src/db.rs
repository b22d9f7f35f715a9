//! The benchmark's own connection to the database, for loading and counting. It blocks, so that
//! nothing of ours runs beside what is measured.

use anyhow::{Context, Result};
use futures_util::{SinkExt as _, pin_mut};
use std::io::Cursor;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio_postgres::{Client, NoTls, Row};

#[derive(Debug)]
pub(crate) struct Db {
    client: Client,
    _driver: JoinSet<()>,
    runtime: Runtime,
}

impl Db {
    pub(crate) fn connect(url: &str) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (client, connection) = runtime
            .block_on(tokio_postgres::connect(url, NoTls))
            .context("connecting to the database")?;
        let mut driver = JoinSet::new();
        let drive = async {
            let _ends_with_the_client = connection.await;
        };
        driver.spawn_on(drive, runtime.handle());
        Ok(Self { client, _driver: driver, runtime })
    }

    /// Statements without parameters or rows.
    pub(crate) fn run(&self, sql: &str) -> Result<()> {
        let done = self.runtime.block_on(self.client.batch_execute(sql));
        done.with_context(|| sql.to_owned())
    }

    pub(crate) fn rows(&self, sql: &str) -> Result<Vec<Row>> {
        let rows = self.runtime.block_on(self.client.query(sql, &[]));
        rows.with_context(|| sql.to_owned())
    }

    /// The one number that `sql` answers with.
    pub(crate) fn number(&self, sql: &str) -> Result<i64> {
        let row = self.runtime.block_on(self.client.query_one(sql, &[]));
        Ok(row.with_context(|| sql.to_owned())?.try_get(0)?)
    }

    /// The one text that `sql` answers with.
    pub(crate) fn text(&self, sql: &str) -> Result<String> {
        let row = self.runtime.block_on(self.client.query_one(sql, &[]));
        Ok(row.with_context(|| sql.to_owned())?.try_get(0)?)
    }

    /// Sends `lines` to `COPY … FROM STDIN`.
    pub(crate) fn copy(&self, columns: &str, lines: String) -> Result<()> {
        self.runtime.block_on(async {
            let sql = format!("COPY {columns} FROM STDIN");
            let sink = self.client.copy_in::<_, Cursor<String>>(&sql).await?;
            pin_mut!(sink);
            sink.send(Cursor::new(lines)).await?;
            sink.finish().await.context(sql)
        })?;
        Ok(())
    }
}
