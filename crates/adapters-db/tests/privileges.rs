//! What the service's role may do: no more than its work needs. What was agreed and what has
//! happened cannot be changed by it at all.

use std::collections::BTreeSet;

use domain::address::KeyAccount;
use domain::ports::Placements;

use crate::support::{Code, Database, Sql, buy, fill, fill_chain, place, seed, sell};

const INSUFFICIENT_PRIVILEGE: &str = "42501";
const RESTRICT_VIOLATION: &str = "23001";

/// Every right of the role: a table's, or a column's where only some may be updated.
const RIGHTS: &[(&str, &str)] = &[
    ("parties", "SELECT INSERT"),
    ("offers", "SELECT INSERT"),
    (
        "offers",
        "UPDATE available_amount held_amount rate min_order max_order description status \
         terms_version updated_at",
    ),
    ("orders", "SELECT INSERT"),
    (
        "orders",
        "UPDATE state status state_reason collection_id held_state state_since evidence \
         updated_at completed_at version head",
    ),
    ("order_events", "SELECT INSERT"),
    ("escrow_addresses", "SELECT INSERT"),
    ("own_addresses", "SELECT INSERT"),
    ("escrow_accounts", "SELECT INSERT"),
    ("escrow_accounts", "UPDATE next_index"),
    ("idempotency_keys", "SELECT INSERT DELETE"),
    ("outbox", "SELECT INSERT"),
    ("outbox", "UPDATE attempts fence available_at leased_until last_error done_at"),
    ("collections", "SELECT INSERT"),
    (
        "collections",
        "UPDATE state merchant_request_id checkout_request_id push_answer receipt evidence sent_at \
         updated_at",
    ),
    ("phone_prompts", "SELECT INSERT"),
    ("phone_prompts", "UPDATE last_at"),
    ("mpesa_receipts", "SELECT INSERT"),
    ("disbursements", "SELECT INSERT"),
    ("disbursements", "UPDATE state conversation_id receipt evidence sent_at updated_at"),
    ("rail_circuit", "SELECT"),
    (
        "rail_circuit",
        "UPDATE state reason since unproven tried_at float_told float_told_at float_off short_asked \
         short_since short_seen_at short_refused_at short_reviewed",
    ),
    ("callback_tokens", "SELECT INSERT"),
    ("callbacks", "SELECT INSERT"),
    ("callbacks", "UPDATE attempts fence leased_until settled_at outcome"),
    ("reviews", "SELECT INSERT"),
    ("reviews", "UPDATE items last_at closed_at resolution"),
    ("review_items", "SELECT INSERT"),
    ("ledger_entries", "SELECT INSERT"),
    ("ledger_postings", "SELECT INSERT"),
    ("rail_token", "SELECT"),
    ("rail_token", "UPDATE secret expires_at claimed_until"),
    ("rail_turns", "SELECT INSERT"),
    ("rail_turns", "UPDATE last_at"),
    ("chain_cursors", "SELECT INSERT"),
    (
        "chain_cursors",
        "UPDATE last_height last_hash last_time final_height final_hash final_time head halted \
         updated_at",
    ),
    ("chain_blocks", "SELECT INSERT DELETE"),
    ("chain_blocks", "UPDATE time"),
    ("chain_deposits", "SELECT INSERT"),
    (
        "chain_deposits",
        "UPDATE block_height block_hash block_time stage told troubles retry_at is_emptied returned",
    ),
    ("chain_transfers", "SELECT INSERT"),
    ("chain_transfers", "UPDATE state reviewed updated_at"),
    ("chain_attempts", "SELECT INSERT"),
    (
        "chain_attempts",
        "UPDATE state sends first_sent_at last_sent_at included_height included_hash fee death",
    ),
    ("chain_sequences", "SELECT INSERT"),
    ("chain_sequences", "UPDATE last"),
];

fn granted() -> BTreeSet<String> {
    let rights = RIGHTS.iter().flat_map(|(table, rights)| {
        let (kind, names) = match rights.strip_prefix("UPDATE ") {
            Some(columns) => ("UPDATE ", columns),
            None => ("", *rights),
        };
        let name = move |name| format!("{table} {kind}{name}");
        names.split_whitespace().map(name)
    });
    rights.collect()
}

async fn seeded() -> Database {
    let database = Database::fresh().await;
    let store = database.store();
    seed(&store).await;
    let order = place(&store, buy(1, 10)).await;
    fill(&store, &order).await;
    let off_ramp = place(&store, sell(2, 10)).await;
    fill_chain(&store, &off_ramp).await;
    database
}

async fn assert_refused(sql: &Sql, state: &str, statements: impl IntoIterator<Item = String>) {
    for statement in statements {
        let refused = sql.query(&statement).await;
        assert_eq!(refused, Err(Code::State(state.into())), "{statement}");
    }
}

#[tokio::test]
async fn the_app_role_has_these_rights_and_no_others() {
    let owner = Database::fresh().await.owner().await;
    let rights = owner.column(
        "SELECT table_name || ' ' || privilege_type FROM information_schema.role_table_grants
         WHERE grantee = 'kivuko_app' AND table_schema = 'public'
         UNION ALL
         SELECT table_name || ' UPDATE ' || column_name FROM information_schema.column_privileges
         WHERE grantee = 'kivuko_app' AND table_schema = 'public' AND privilege_type = 'UPDATE'",
    );
    let rights: BTreeSet<_> = rights.await.into_iter().collect();
    assert_eq!(rights, granted());
}

#[tokio::test]
async fn the_app_role_is_nobody_who_could_have_more() {
    let owner = Database::fresh().await.owner().await;
    let powers = owner.column(
        "SELECT rolname FROM pg_roles
         WHERE rolname = 'kivuko_app'
             AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication)
         UNION ALL
         SELECT roleid::regrole::text FROM pg_auth_members WHERE member = 'kivuko_app'::regrole
         UNION ALL
         SELECT relname FROM pg_class WHERE relowner = 'kivuko_app'::regrole",
    );
    assert_eq!(powers.await, [""; 0]);
}

#[tokio::test]
async fn what_was_agreed_cannot_be_updated() {
    let database = seeded().await;
    let columns = "SELECT table_name || ' SET ' || column_name || ' = ' || column_name
                   FROM information_schema.columns
                   WHERE table_schema = 'public' AND table_name <> '__diesel_schema_migrations'
                       AND is_identity = 'NO' AND NOT has_column_privilege('kivuko_app', table_name, column_name, 'UPDATE')";
    let columns = database.owner().await.column(columns).await;
    let told = |what| columns.iter().any(|column: &String| column.starts_with(what));
    assert!(told("orders SET crypto_amount") && told("orders SET wallet_address"));
    assert!(told("disbursements SET amount") && told("disbursements SET phone"));
    assert!(told("chain_attempts SET raw") && told("chain_transfers SET to_address"));
    assert!(told("callbacks SET body") && told("ledger_postings SET amount"));
    let updates = columns.iter().map(|column| format!("UPDATE {column}"));
    assert_refused(&database.app().await, INSUFFICIENT_PRIVILEGE, updates).await;
}

#[tokio::test]
async fn nothing_but_old_keys_and_blocks_can_be_deleted() {
    let database = seeded().await;
    let app = database.app().await;
    let tables = "SELECT table_name FROM information_schema.tables
                  WHERE table_schema = 'public' AND table_name NOT IN ('idempotency_keys', 'chain_blocks')";
    let tables = database.owner().await.column(tables).await;
    assert!(tables.contains(&"ledger_postings".to_owned()));
    let deletes = tables.iter().map(|table| format!("DELETE FROM {table}"));
    assert_refused(&app, INSUFFICIENT_PRIVILEGE, deletes).await;
    let all = tables.iter().map(String::as_str).chain(["idempotency_keys", "chain_blocks"]);
    let truncates = all.map(|table| format!("TRUNCATE {table} CASCADE"));
    assert_refused(&app, INSUFFICIENT_PRIVILEGE, truncates).await;
}

#[tokio::test]
async fn child_numbers_that_were_given_out_are_never_given_out_again() {
    let database = seeded().await;
    let (store, account) = (database.store(), KeyAccount::new("any".into()));
    let first = store.next_escrow_index(&account);
    let stored = "SELECT max(escrow_index)::text FROM escrow_addresses";
    let stored: Vec<String> = database.owner().await.column(stored).await;
    assert!(first.await.expect("a number") > stored[0].parse().expect("a number"));
    let back = ["UPDATE escrow_accounts SET next_index = next_index - 1".to_owned()];
    for sql in [database.app().await, database.owner().await] {
        assert_refused(&sql, RESTRICT_VIOLATION, back.clone()).await;
    }
}

#[tokio::test]
async fn history_and_ledger_are_append_only_for_the_app_role_and_for_the_owner() {
    let database = seeded().await;
    let changes = [
        "UPDATE order_events SET payload = '{}'",
        "DELETE FROM order_events",
        "TRUNCATE order_events",
        "TRUNCATE orders CASCADE",
        "UPDATE ledger_entries SET cause = 'another'",
        "DELETE FROM ledger_entries",
        "TRUNCATE ledger_entries CASCADE",
        "UPDATE ledger_postings SET amount = 1",
        "DELETE FROM ledger_postings",
        "TRUNCATE ledger_postings",
        "TRUNCATE parties CASCADE",
    ];
    for (sql, state) in [
        (database.app().await, INSUFFICIENT_PRIVILEGE),
        (database.owner().await, RESTRICT_VIOLATION),
    ] {
        assert_refused(&sql, state, changes.map(str::to_owned)).await;
    }
}

#[tokio::test]
async fn the_app_role_changes_no_schema() {
    let database = seeded().await;
    let ddl = [
        "CREATE TABLE more (id integer)",
        "CREATE SCHEMA more",
        "CREATE FUNCTION more() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE INDEX more ON orders (id)",
        "ALTER TABLE orders ADD COLUMN more integer",
        "ALTER TABLE orders DROP CONSTRAINT orders_state_fits",
        "ALTER TABLE order_events DISABLE TRIGGER ALL",
        "ALTER TABLE escrow_accounts DISABLE TRIGGER ALL",
        "DROP TRIGGER order_events_are_append_only ON order_events",
        "ALTER TABLE ledger_postings DISABLE TRIGGER ALL",
        "DROP TRIGGER disbursements_note_failed ON disbursements",
        "DROP INDEX disbursements_one_alive",
        "DROP TRIGGER chain_attempts_one_life ON chain_attempts",
        "ALTER TABLE chain_deposits DISABLE TRIGGER ALL",
        "DROP TABLE outbox",
        "CREATE ROLE more",
        "DELETE FROM escrow_accounts",
        "SET session_replication_role = replica",
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('more')",
    ];
    let ddl = ddl.map(str::to_owned);
    assert_refused(&database.app().await, INSUFFICIENT_PRIVILEGE, ddl).await;
}
