//! `schema.rs` is written by hand: it and the migrated database say the same.

use std::collections::BTreeSet;

use crate::support::Database;

const SCHEMA: &str = include_str!("../src/schema.rs");

/// `table.column Type` of every column that `schema.rs` declares.
fn declared() -> BTreeSet<String> {
    let mut table = "";
    let mut columns = BTreeSet::new();
    for line in SCHEMA.lines().map(str::trim) {
        if let Some((name, "{")) = line.rsplit_once(' ').filter(|_| line.contains('(')) {
            table = name.split(' ').next().unwrap_or_default();
        } else if let Some((column, kind)) = line.split_once(" -> ").filter(|_| line.ends_with(','))
        {
            columns.insert(format!("{table}.{column} {}", kind.trim_end_matches(',')));
        }
    }
    columns
}

/// The same of the real tables.
async fn real() -> BTreeSet<String> {
    let owner = Database::fresh().await.owner().await;
    let columns = owner.run(
        "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name <> '__diesel_schema_migrations'",
    );
    let columns = columns.await.into_iter().map(|column| {
        let [table, name, kind, nullable] = &column[..] else { panic!("{column:?}") };
        let kind = match kind.as_str() {
            "uuid" => "Uuid",
            "text" => "Text",
            "bigint" => "BigInt",
            "boolean" => "Bool",
            "integer" => "Integer",
            "smallint" => "SmallInt",
            "numeric" => "Numeric",
            "bytea" => "Bytea",
            "jsonb" => "Jsonb",
            "timestamp with time zone" => "Timestamptz",
            unknown => unknown,
        };
        if nullable == "YES" {
            format!("{table}.{name} Nullable<{kind}>")
        } else {
            format!("{table}.{name} {kind}")
        }
    });
    columns.collect()
}

#[tokio::test]
async fn every_column_is_declared_as_it_is_and_nothing_else_is() {
    let (declared, real) = (declared(), real().await);
    let missing: Vec<_> = real.difference(&declared).collect();
    let invented: Vec<_> = declared.difference(&real).collect();
    assert!(
        missing.is_empty() && invented.is_empty(),
        "missing {missing:?}, invented {invented:?}"
    );
    assert!(declared.len() > 50, "the declarations were read");
}
