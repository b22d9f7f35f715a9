//! Bringing a database up to date, once, by however many; and taking it down again.

use std::path::{Path, PathBuf};

use adapters_db::{MigrateError, migrate, pending_migrations};

use crate::support::Database;

/// The folders of the migrations, oldest first.
fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let entries = std::fs::read_dir(root).expect("the migrations");
    let mut folders: Vec<_> = entries.map(|entry| entry.expect("a folder").path()).collect();
    folders.sort();
    folders
}

fn names() -> Vec<String> {
    let name = |folder: &PathBuf| folder.file_name()?.to_str().map(str::to_owned);
    folders().iter().filter_map(name).collect()
}

#[tokio::test]
async fn an_empty_database_gets_every_migration_once_by_whoever_comes_first() {
    let database = Database::empty().await;
    assert_eq!(pending_migrations(&database.url).await.expect("it is there"), names());
    let (one, other) = tokio::join!(migrate(&database.url), migrate(&database.url));
    let mut ran = [one.expect("it may"), other.expect("it may")];
    ran.sort_by_key(Vec::len);
    assert_eq!(ran, [vec![], names()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_up_to_date_stays_as_it_is_on_any_runtime() {
    let database = Database::fresh().await;
    assert!(pending_migrations(&database.url).await.expect("it is there").is_empty());
    assert!(migrate(&database.url).await.expect("it may").is_empty());
}

#[tokio::test]
async fn a_database_that_is_newer_is_refused_by_the_name_of_the_migration() {
    let database = Database::fresh().await;
    let owner = database.owner().await;
    owner.run("INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000000')").await;
    for answer in [migrate(&database.url).await, pending_migrations(&database.url).await] {
        match answer {
            Err(MigrateError::DatabaseIsNewer(version)) => assert_eq!(version, "20990101000000"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_database_that_is_away_is_told() {
    let answer = migrate("postgres://kivuko@127.0.0.1:1/nowhere").await;
    assert!(matches!(answer, Err(MigrateError::Connect(_))), "{answer:?}");
}

#[tokio::test]
async fn all_migrations_can_be_taken_down_in_reverse_and_run_again() {
    let database = Database::fresh().await;
    let owner = database.owner().await;
    for folder in folders().iter().rev() {
        let down = std::fs::read_to_string(folder.join("down.sql")).expect("a down.sql");
        owner.run(&down).await;
    }
    let left = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
                    AND relname NOT LIKE '\\_\\_diesel%'
                UNION ALL
                SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace";
    assert_eq!(owner.column(left).await, [""; 0], "nothing is left");
    owner.run("DELETE FROM __diesel_schema_migrations").await;
    assert_eq!(migrate(&database.url).await.expect("it may"), names());
}
