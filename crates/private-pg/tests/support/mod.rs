//! Folders and statements, for the tests of the cluster. Nothing here asserts.

use private_pg::{PrivatePg, SUPERUSER};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{fs, process};
use tokio_postgres::{NoTls, SimpleQueryMessage};

/// A name below the temporary folder that no other test uses.
#[derive(Debug)]
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().canonicalize().expect("a temporary folder");
        Self(folder.join(format!("kivuko-pg-{}-{number}", process::id())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _never_made = fs::remove_dir_all(&self.0);
    }
}

/// Runs `statement` on a connection of its own and returns the first column.
pub(crate) fn sql(url: &str, statement: &str) -> Result<Vec<String>, tokio_postgres::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        let (messages, _ended) = tokio::join!(
            async move { client.simple_query(statement).await }, // drops the client, ending both
            connection
        );
        let row = |message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        };
        Ok(messages?.into_iter().filter_map(row).collect())
    })
}

/// As `sql`, for what cannot fail.
pub(crate) fn run(pg: &PrivatePg, statement: &str) -> Vec<String> {
    sql(&pg.url(SUPERUSER, "postgres"), statement).expect(statement)
}
