//! Every constraint of the schema, broken once as the service's role: the database refuses by name
//! what the domain would not do.

use std::collections::BTreeSet;

use domain::order::{Effect, ReviewKind};
use domain::ports::{Placements, Store};
use domain::testing::samples::{self, CUSTOMER};

use crate::support::{Code, Database, buy, place, seed, sell};

/// A row like one that is there, but for some columns: (constraint, row, columns).
type Case = (&'static str, &'static str, &'static str);

const ANOTHER: &str = r#""id": "00000000-0000-7000-8000-000000000001""#;
const NOBODY: &str = "00000000-0000-7000-8000-000000000404";

const PARTY: &str = "parties WHERE role = 'customer' LIMIT 1";
const OFFER: &str = "offers WHERE offer_type = 'SELL'";
const BUY: &str = "orders WHERE state = 'awaiting_payment'";
const SELL: &str = "orders WHERE state = 'awaiting_deposit'";
const EVENT: &str = "order_events LIMIT 1";
const ESCROW: &str = "escrow_addresses";
const KEY: &str = "idempotency_keys";
const EFFECT: &str = "outbox";

/// `{id}` is a new id, `{nobody}` one that is not there, `{buy}` the on-ramp order's, `{1001}` so
/// many letters.
#[rustfmt::skip] // It is a table: keep it a table.
const CASES: &[Case] = &[
    ("parties_pkey", PARTY, r#"{"email": "new@example.com"}"#),
    ("parties_email_key", PARTY, r"{{id}}"),
    ("party_role_check", PARTY, r#"{{id}, "role": "clerk"}"#),
    ("email_check", PARTY, r#"{{id}, "email": "nobody"}"#),
    ("msisdn_check", PARTY, r#"{{id}, "phone": "0727648169"}"#),
    ("person_name_check", PARTY, r#"{{id}, "first_name": ""}"#),
    ("person_name_check", PARTY, r#"{{id}, "last_name": ""}"#),

    ("offers_pkey", OFFER, "{}"),
    ("offers_vendor_id_fkey", OFFER, r#"{{id}, "vendor_id": "{nobody}"}"#),
    ("offer_type_check", OFFER, r#"{{id}, "offer_type": "SWAP"}"#),
    ("asset_check", OFFER, r#"{{id}, "asset": "DOGE"}"#),
    ("amount_check", OFFER, r#"{{id}, "crypto_amount": 0, "available_amount": 0, "held_amount": 0}"#),
    ("offers_held_is_covered", OFFER, r#"{{id}, "available_amount": 500000000001}"#),
    ("offers_held_is_covered", OFFER, r#"{{id}, "held_amount": 500000000001}"#),
    ("offers_held_is_covered", OFFER, r#"{{id}, "held_amount": -1}"#),
    ("rate_check", OFFER, r#"{{id}, "rate": 0}"#),
    ("amount_check", OFFER, r#"{{id}, "min_order": 0}"#),
    ("offers_limits_in_order", OFFER, r#"{{id}, "min_order": 200000000001}"#),
    ("description_check", OFFER, r#"{{id}, "description": "{1001}"}"#),
    ("offer_status_check", OFFER, r#"{{id}, "status": "sold"}"#),

    ("orders_pkey", BUY, "{}"),
    ("orders_customer_id_fkey", BUY, r#"{{id}, "customer_id": "{nobody}"}"#),
    ("orders_offer_id_vendor_id_fkey", BUY, r#"{{id}, "offer_id": "{nobody}"}"#),
    ("orders_offer_id_vendor_id_fkey", BUY, r#"{{id}, "vendor_id": "{nobody}"}"#),
    ("asset_check", BUY, r#"{{id}, "asset": "DOGE"}"#),
    ("amount_check", BUY, r#"{{id}, "crypto_amount": 0}"#),
    ("amount_check", BUY, r#"{{id}, "fiat_amount": -1}"#),
    ("rate_check", BUY, r#"{{id}, "rate": 0}"#),
    ("network_check", BUY, r#"{{id}, "network": "solana"}"#),
    ("msisdn_check", SELL, r#"{{id}, "payout_phone": "+254727648169"}"#),
    ("ordinal_check", BUY, r#"{{id}, "version": 0}"#),
    ("sha256_check", BUY, r#"{{id}, "head": "\\x00"}"#),
    ("orders_terms_fit", BUY, r#"{{id}, "customer_id": "5c81c005-1c52-4e0d-85e2-862ee1cdd4d0"}"#),
    ("orders_terms_fit", BUY, r#"{{id}, "expires_at": "2026-11-21T12:00:00Z"}"#),
    ("orders_terms_fit", SELL, r#"{{id}, "escrow_address": null}"#),
    ("orders_terms_fit", SELL, r#"{{id}, "payout_phone": null}"#),
    ("orders_terms_fit", BUY, r#"{{id}, "escrow_index": 1}"#),
    ("orders_terms_fit", BUY, r#"{{id}, "order_type": "ON_RAMP_SELL"}"#),
    ("orders_state_fits", BUY, r#"{{id}, "status": "processing"}"#),
    ("orders_state_fits", BUY, r#"{{id}, "state": "paid"}"#),
    ("orders_state_fits", BUY, r#"{{id}, "state_reason": "expired"}"#),
    ("orders_state_fits", BUY, r#"{{id}, "state": "cancelled", "status": "cancelled"}"#),
    ("orders_state_fits", BUY, r#"{{id}, "state": "completed", "status": "completed"}"#),
    ("orders_state_fits", BUY, r#"{{id}, "state": "on_hold", "state_reason": "by_operator"}"#),
    ("orders_state_fits", SELL, r#"{{id}, "collection_id": "{nobody}"}"#),

    ("order_events_pkey", EVENT, "{}"),
    ("order_events_order_id_fkey", EVENT, r#"{"order_id": "{nobody}"}"#),
    ("ordinal_check", EVENT, r#"{"seq": 0}"#),
    ("actor_check", EVENT, r#"{"seq": 9, "actor": "ghost"}"#),
    ("order_events_actor_is_named", EVENT, r#"{"seq": 9, "actor_id": null}"#),
    ("order_events_actor_is_named", EVENT, r#"{"seq": 9, "actor": "system"}"#),
    ("sha256_check", EVENT, r#"{"seq": 9, "prev_hash": "\\x00"}"#),
    ("sha256_check", EVENT, r#"{"seq": 9, "hash": "\\x00"}"#),

    ("escrow_addresses_pkey", ESCROW, r#"{"address": "T-other", "order_id": "{buy}"}"#),
    ("escrow_addresses_network_address_key", ESCROW, r#"{"escrow_index": 9, "order_id": "{buy}"}"#),
    ("escrow_addresses_order_id_key", ESCROW, r#"{"escrow_index": 9, "address": "T-other"}"#),
    ("escrow_addresses_order_id_fkey", ESCROW, r#"{"escrow_index": 9, "address": "T-other", "order_id": "{nobody}"}"#),
    ("network_check", ESCROW, r#"{"network": "solana"}"#),
    ("child_index_check", ESCROW, r#"{"escrow_index": -1}"#),

    ("idempotency_keys_pkey", KEY, "{}"),
    ("idempotency_keys_order_is_placed", KEY, r#"{"key": "new", "order_id": "{nobody}"}"#),
    ("key_text_check", KEY, r#"{"key": ""}"#),
    ("sha256_check", KEY, r#"{"key": "new", "fingerprint": "\\x00"}"#),
    ("success_status_check", KEY, r#"{"key": "new", "status": 500}"#),

    ("outbox_pkey", EFFECT, r#"{"idempotency_key": "new"}"#),
    ("outbox_idempotency_key_key", EFFECT, r#"{"id": 9}"#),
    ("outbox_order_id_fkey", EFFECT, r#"{"id": 9, "idempotency_key": "new", "order_id": "{nobody}"}"#),
];

/// Rows of every table: an order of each type, the answer under a key, an effect.
async fn stage() -> (Database, String) {
    let database = Database::fresh().await;
    let store = database.store();
    seed(&store).await;
    place(&store, sell(1, 10)).await;
    let mut keyed = samples::placement_of(buy(2, 10));
    keyed.claim = Some((samples::claim(CUSTOMER, "key", 1), samples::answer("{}")));
    store.place(&keyed).await.expect("nothing against it");
    let effect = Effect::OpenReview { kind: ReviewKind::Held, cause: "a case".into() };
    let mut uow = store.begin().await.expect("a unit of work");
    uow.enqueue(keyed.order.id, &[effect], samples::NOW).await.expect("a new effect");
    uow.commit().await.expect("a commit");
    (database, keyed.order.id.to_string())
}

fn insert((_, row, columns): &Case, buy: &str) -> String {
    let columns = columns.replace("{id}", ANOTHER).replace("{nobody}", NOBODY);
    let columns = columns.replace("{buy}", buy).replace("{1001}", &"x".repeat(1001));
    let (table, which) = row.split_once(' ').unwrap_or((row, ""));
    format!(
        "INSERT INTO {table} OVERRIDING SYSTEM VALUE
         SELECT (jsonb_populate_record(it, '{columns}')).* FROM {table} it {which}"
    )
}

#[tokio::test]
async fn every_case_breaks_the_constraint_it_names() {
    let (database, buy) = stage().await;
    let app = database.app().await;
    for case in CASES {
        let statement = insert(case, &buy);
        let refused = app.query(&statement).await;
        assert_eq!(refused, Err(Code::Constraint(case.0.into())), "{statement}");
    }
}

#[tokio::test]
async fn every_constraint_has_its_case() {
    let owner = Database::fresh().await.owner().await;
    let constraints = owner.column(
        "SELECT conname FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'p', 'u')
         UNION
         SELECT indexrelid::regclass::text FROM pg_index
         WHERE indisunique AND indrelid::regclass::text IN ('parties', 'offers', 'orders')",
    );
    let mut constraints: BTreeSet<_> = constraints.await.into_iter().collect();
    constraints.remove("__diesel_schema_migrations_pkey");
    // Only there to be referred to: offers_pkey is stricter.
    constraints.remove("offers_id_vendor_id_key");
    let cases: BTreeSet<_> = CASES.iter().map(|(name, ..)| (*name).to_owned()).collect();
    let untested: Vec<_> = constraints.difference(&cases).collect();
    assert_eq!(untested, Vec::<&String>::new());
}

#[tokio::test]
async fn no_hold_can_be_updated_beyond_what_is_there_or_below_nothing() {
    let (database, _) = stage().await;
    let app = database.app().await;
    for held in ["available_amount + 1", "-1"] {
        let refused = app.query(&format!("UPDATE offers SET held_amount = {held}")).await;
        assert_eq!(refused, Err(Code::Constraint("offers_held_is_covered".into())), "{held}");
    }
}

#[tokio::test]
async fn a_key_without_its_order_is_refused_at_the_commit_and_not_before() {
    let (database, _) = stage().await;
    let app = database.app().await;
    let case = ("at the commit", KEY, r#"{"key": "new", "order_id": "{nobody}"}"#);
    app.run("BEGIN").await;
    app.run(&insert(&case, "")).await;
    let refused = app.query("COMMIT").await;
    assert_eq!(refused, Err(Code::Constraint("idempotency_keys_order_is_placed".into())));
}
