//! Every constraint of the schema, broken once as the service's role: the database refuses by name
//! what the domain would not do.

use std::collections::BTreeSet;

use domain::address::KeyAccount;
use domain::order::{Effect, ReviewKind};
use domain::ports::{Placements, Store};
use domain::testing::samples::{self, CUSTOMER};

use crate::support::{Code, Database, buy, fill, fill_chain, place, seed, sell};

/// A row like one that is there, but for some columns: (constraint, row, columns).
type Case<'a> = (&'a str, &'a str, &'a str);

const ANOTHER: &str = r#""id": "00000000-0000-7000-8000-000000000001""#;
const NOBODY: &str = "00000000-0000-7000-8000-000000000404";

const PARTY: &str = "parties WHERE role = 'customer' LIMIT 1";
const OFFER: &str = "offers WHERE offer_type = 'SELL'";
const BUY: &str = "orders WHERE state = 'awaiting_payment'";
const SELL: &str = "orders WHERE state = 'awaiting_deposit'";
const EVENT: &str = "order_events LIMIT 1";
const ESCROW: &str = "escrow_addresses";
const OWN: &str = "own_addresses";
const KEY: &str = "idempotency_keys";
const EFFECT: &str = "outbox LIMIT 1";
const COLLECTION: &str = "collections";
const PHONE: &str = "phone_prompts";
const RECEIPT: &str = "mpesa_receipts";
const PAYOUT: &str = "disbursements WHERE kind = 'payout'";
const REFUND: &str = "disbursements WHERE kind = 'refund'";
const TOKEN: &str = "callback_tokens";
const CALLBACK: &str = "callbacks";
const REVIEW: &str = "reviews";
const ITEM: &str = "review_items";
const ENTRY: &str = "ledger_entries";
const POSTING: &str = "ledger_postings LIMIT 1";
const TURN: &str = "rail_turns";
const CURSOR: &str = "chain_cursors";
const BLOCK: &str = "chain_blocks";
const DEPOSIT: &str = "chain_deposits";
const DELIVERY: &str = "chain_transfers WHERE kind = 'delivery'";
const SWEEP: &str = "chain_transfers WHERE kind = 'sweep'";
const ATTEMPT: &str = "chain_attempts WHERE tx_hash = 'tx-7-0'";
const SEQUENCE: &str = "chain_sequences";

/// `{id}` is a new id, `{nobody}` one that is not there, `{buy}` the on-ramp order's, `{effect}` the
/// key of an effect that asked for no money, `{hash}` a new hash, `{1001}` and `{64K}` so many letters
/// and more than so many bytes.
#[rustfmt::skip] // It is a table: keep it a table.
const CASES: &[Case<'_>] = &[
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

    ("own_addresses_pkey", OWN, "{}"),
    ("address_use_check", OWN, r#"{"address": "T-other", "address_use": "friend"}"#),
    ("escrow_addresses_pkey", ESCROW, r#"{"address": "T-other", "order_id": "{buy}"}"#),
    ("escrow_addresses_network_address_key", ESCROW, r#"{"escrow_index": 9, "order_id": "{buy}"}"#),
    ("escrow_accounts_pkey", "escrow_accounts", "{}"),
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

    ("collections_pkey", COLLECTION, r#"{"account_reference": "000000000009"}"#),
    ("collections_account_reference_key", COLLECTION, "{{id}}"),
    ("collections_order_id_fkey", COLLECTION, r#"{{id}, "account_reference": "000000000009", "order_id": "{nobody}"}"#),
    ("msisdn_check", COLLECTION, r#"{"phone": "0727648169"}"#),
    ("amount_check", COLLECTION, r#"{"amount": 0}"#),
    ("account_reference_check", COLLECTION, r#"{"account_reference": "00000000000I"}"#),
    ("collection_state_check", COLLECTION, r#"{"state": "lost"}"#),
    ("receipt_check", COLLECTION, r#"{"receipt": ""}"#),
    ("collections_paid_has_receipt", COLLECTION, r#"{"receipt": "NLJ7RT61SV"}"#),
    ("collections_paid_has_receipt", COLLECTION, r#"{"state": "paid", "sent_at": "2026-11-21T12:00:00Z"}"#),
    ("collections_sent_is_dated", COLLECTION, r#"{"sent_at": "2026-11-21T12:00:00Z"}"#),
    ("collections_sent_is_dated", COLLECTION, r#"{"state": "sending"}"#),
    ("collections_names_are_whole", COLLECTION, r#"{"checkout_request_id": "ws_CO_1"}"#),
    ("collections_names_are_whole", COLLECTION, r#"{"merchant_request_id": "1", "push_answer": {}}"#),

    ("phone_prompts_pkey", PHONE, "{}"),
    ("msisdn_check", PHONE, r#"{"phone": "0727648169"}"#),

    ("mpesa_receipts_pkey", RECEIPT, "{}"),
    ("mpesa_receipts_collection_id_fkey", RECEIPT, r#"{"receipt": "new", "collection_id": "{nobody}"}"#),
    ("receipt_check", RECEIPT, r#"{"receipt": ""}"#),

    ("disbursements_pkey", PAYOUT, r#"{"key": "{effect}"}"#),
    ("disbursements_key_generation_key", PAYOUT, "{{id}}"),
    ("disbursements_one_alive", PAYOUT, r#"{{id}, "generation": 2}"#),
    ("disbursements_one_refund", REFUND, r#"{{id}, "key": "{effect}"}"#),
    ("disbursements_key_fkey", PAYOUT, r#"{{id}, "key": "new"}"#),
    ("disbursements_order_id_fkey", PAYOUT, r#"{{id}, "key": "{effect}", "order_id": "{nobody}"}"#),
    ("ordinal_check", PAYOUT, r#"{"generation": 0}"#),
    ("disbursement_kind_check", PAYOUT, r#"{"kind": "gift"}"#),
    ("msisdn_check", PAYOUT, r#"{"phone": "0727648169"}"#),
    ("amount_check", PAYOUT, r#"{"amount": 0}"#),
    ("disbursement_state_check", PAYOUT, r#"{"state": "lost"}"#),
    ("receipt_check", PAYOUT, r#"{"original_receipt": ""}"#),
    ("receipt_check", PAYOUT, r#"{"receipt": ""}"#),
    ("disbursements_refund_has_original", PAYOUT, r#"{"original_receipt": "NLJ7RT61SV"}"#),
    ("disbursements_refund_has_original", REFUND, r#"{"original_receipt": null}"#),
    ("disbursements_paid_has_receipt", PAYOUT, r#"{"receipt": "NLJ7RT61SV"}"#),
    ("disbursements_paid_has_receipt", PAYOUT, r#"{"state": "paid", "sent_at": "2026-11-21T12:00:00Z"}"#),
    ("disbursements_sent_is_dated", PAYOUT, r#"{"state": "sending"}"#),

    ("callback_tokens_pkey", TOKEN, "{}"),
    ("sha256_check", TOKEN, r#"{"token_hash": "\\x00"}"#),
    ("hook_check", TOKEN, r#"{"hook": "x"}"#),
    ("subject_kind_check", TOKEN, r#"{"subject_kind": "party"}"#),
    ("callback_tokens_subject_is_named", TOKEN, r#"{"subject_kind": "bills"}"#),
    ("callback_tokens_subject_is_named", TOKEN, r#"{"subject_id": null}"#),

    ("callbacks_pkey", CALLBACK, r#"{"dedupe": "{hash}"}"#),
    ("callbacks_dedupe_key", CALLBACK, r#"{"id": 9}"#),
    ("hook_check", CALLBACK, r#"{"hook": "x"}"#),
    ("sha256_check", CALLBACK, r#"{"token_hash": "\\x00"}"#),
    ("sha256_check", CALLBACK, r#"{"dedupe": "\\x00"}"#),
    ("callback_body_check", CALLBACK, r#"{"body": "{64K}"}"#),
    ("callbacks_settled_has_outcome", CALLBACK, r#"{"outcome": "applied"}"#),
    ("callbacks_settled_has_outcome", CALLBACK, r#"{"settled_at": "2026-11-21T12:00:00Z"}"#),

    ("reviews_pkey", REVIEW, r#"{"subject": "new"}"#),
    ("reviews_open_subject", REVIEW, r#"{"id": 9}"#),
    ("reviews_order_id_fkey", REVIEW, r#"{"id": 9, "subject": "new", "order_id": "{nobody}"}"#),
    ("cause_check", REVIEW, r#"{"subject": ""}"#),
    ("reviews_count", REVIEW, r#"{"items": -1}"#),
    ("reviews_count", REVIEW, r#"{"last_at": "2001-01-01T12:00:00Z"}"#),
    ("reviews_closed_has_resolution", REVIEW, r#"{"closed_at": "2026-11-21T12:00:00Z"}"#),
    ("reviews_closed_has_resolution", REVIEW, r#"{"resolution": "returned"}"#),

    ("review_items_pkey", ITEM, r#"{"detail": "new"}"#),
    ("review_items_review_id_fkey", ITEM, r#"{"cause": "new", "review_id": 99}"#),
    ("review_items_order_id_fkey", ITEM, r#"{"cause": "new", "order_id": "{nobody}"}"#),
    ("cause_check", ITEM, r#"{"cause": ""}"#),

    ("ledger_entries_pkey", ENTRY, r#"{"cause": "new"}"#),
    ("ledger_entries_cause_key", ENTRY, r#"{"id": 9}"#),
    ("ledger_entries_order_id_fkey", ENTRY, r#"{"id": 9, "cause": "new", "order_id": "{nobody}"}"#),
    ("cause_check", ENTRY, r#"{"cause": "{1001}"}"#),

    ("ledger_postings_key", POSTING, "{}"),
    ("ledger_postings_entry_id_fkey", POSTING, r#"{"entry_id": 404}"#),
    ("ledger_postings_party_id_fkey", POSTING, r#"{"party_id": "{nobody}"}"#),
    ("ledger_account_check", POSTING, r#"{"account": "pocket"}"#),
    ("ledger_asset_check", POSTING, r#"{"asset": "DOGE"}"#),
    ("posted_check", POSTING, r#"{"amount": 0}"#),

    ("rail_turns_pkey", TURN, "{}"),

    ("chain_cursors_pkey", CURSOR, "{}"),
    ("network_check", CURSOR, r#"{"network": "solana"}"#),
    ("block_height_check", CURSOR, r#"{"head": -1}"#),
    ("chain_hash_check", CURSOR, r#"{"last_hash": ""}"#),

    ("chain_blocks_pkey", BLOCK, r#"{"hash": "another"}"#),
    ("block_height_check", BLOCK, r#"{"height": -1}"#),
    ("chain_hash_check", BLOCK, r#"{"hash": ""}"#),

    ("chain_deposits_pkey", DEPOSIT, "{}"),
    ("chain_deposits_network_to_address_fkey", DEPOSIT, r#"{"ordinal": 9, "to_address": "T-stranger"}"#),
    ("chain_deposits_network_to_address_fkey", DEPOSIT, r#"{"network": "ethereum"}"#),
    ("chain_deposits_order_id_fkey", DEPOSIT, r#"{"ordinal": 9, "order_id": "{nobody}"}"#),
    ("chain_deposits_amount_is_of_asset", DEPOSIT, r#"{"ordinal": 9, "asset": null}"#),
    ("tally_check", DEPOSIT, r#"{"ordinal": -1}"#),
    ("tally_check", DEPOSIT, r#"{"troubles": -1}"#),
    ("chain_hash_check", DEPOSIT, r#"{"tx_hash": ""}"#),
    ("chain_address_check", DEPOSIT, r#"{"token": ""}"#),
    ("asset_check", DEPOSIT, r#"{"asset": "DOGE"}"#),
    ("uint256_check", DEPOSIT, r#"{"units": -1}"#),
    ("coin_amount_check", DEPOSIT, r#"{"amount": -1}"#),
    ("deposit_stage_check", DEPOSIT, r#"{"stage": "lost"}"#),
    ("deposit_stage_check", DEPOSIT, r#"{"told": "nothing"}"#),
    ("chain_deposits_returned_check", DEPOSIT, r#"{"returned": "soon"}"#),

    ("chain_transfers_pkey", SWEEP, "{}"),
    ("chain_transfers_key_fkey", SWEEP, r#"{"key": "new"}"#),
    ("chain_transfers_order_id_fkey", SWEEP, r#"{"key": "{effect}", "order_id": "{nobody}"}"#),
    ("chain_transfers_network_escrow_index_fkey", SWEEP, r#"{"key": "{effect}", "escrow_index": 404}"#),
    ("chain_transfers_one_delivery", DELIVERY, r#"{"key": "{effect}"}"#),
    ("chain_transfers_move_something", SWEEP, r#"{"units": 0}"#),
    ("chain_transfers_gas_is_native", SWEEP, r#"{"asset": null}"#),
    ("chain_transfers_gas_is_native", DELIVERY, r#"{"kind": "gas", "purpose": {"purpose": "gas"}}"#),
    ("chain_transfers_sweep_has_escrow", SWEEP, r#"{"escrow_index": null}"#),
    ("chain_transfers_sweep_has_escrow", DELIVERY, r#"{"escrow_index": 1}"#),
    ("chain_transfers_purpose_is_kind", DELIVERY, r#"{"kind": "refund"}"#),
    ("chain_transfers_purpose_is_kind", DELIVERY, r#"{"purpose": {}}"#),
    ("transfer_kind_check", DELIVERY, r#"{"kind": "gift"}"#),
    ("transfer_state_check", DELIVERY, r#"{"state": "lost"}"#),
    ("uint64_check", DELIVERY, r#"{"units": 18446744073709551616}"#),
    ("chain_address_check", DELIVERY, r#"{"to_address": ""}"#),

    ("chain_attempts_one_alive", ATTEMPT, "{}"),
    ("chain_attempts_one_alive", ATTEMPT, r#"{"generation": 2, "tx_hash": "new", "sequence": 9}"#),
    ("chain_attempts_one_alive", ATTEMPT, r#"{"generation": 2, "variant": 1, "tx_hash": "new"}"#),
    ("chain_attempts_one_alive", ATTEMPT, r#"{"variant": 1, "tx_hash": "new", "sequence": 9}"#),
    ("chain_attempts_one_alive", ATTEMPT, r#"{"variant": 2, "tx_hash": "new"}"#),
    ("chain_attempts_network_tx_hash_key", ATTEMPT, r#"{"variant": 1}"#),
    ("chain_attempts_have_bytes", ATTEMPT, r#"{"variant": 1, "raw": "\\x"}"#),
    ("chain_attempts_sent_is_dated", ATTEMPT, r#"{"variant": 1, "state": "sent", "sends": 1}"#),
    ("chain_attempts_sent_is_dated", ATTEMPT, r#"{"variant": 1, "last_sent_at": "2026-11-21T12:00:00Z"}"#),
    ("chain_attempts_block_is_named", ATTEMPT, r#"{"variant": 1, "state": "included"}"#),
    ("chain_attempts_block_is_named", ATTEMPT, r#"{"variant": 1, "included_hash": "b"}"#),
    ("chain_attempts_final_has_fee", ATTEMPT, r#"{"variant": 1, "state": "done", "included_height": 1, "included_hash": "b"}"#),
    ("chain_attempts_death_is_proven", ATTEMPT, r#"{"variant": 1, "state": "dead"}"#),
    ("chain_attempts_death_is_proven", ATTEMPT, r#"{"variant": 1, "death": {}}"#),
    ("attempt_state_check", ATTEMPT, r#"{"state": "lost"}"#),
    ("ordinal_check", ATTEMPT, r#"{"generation": 0}"#),
    ("tally_check", ATTEMPT, r#"{"variant": -1}"#),
    ("uint64_check", ATTEMPT, r#"{"sequence": -1}"#),
    ("uint64_check", ATTEMPT, r#"{"fee": 18446744073709551616}"#),

    ("chain_sequences_pkey", SEQUENCE, "{}"),
    ("network_check", SEQUENCE, r#"{"network": "solana"}"#),
    ("uint64_check", SEQUENCE, r#"{"last": -1}"#),
];

/// The one row of the breaker can be changed, and no other comes beside it, whoever asks.
const CIRCUIT: &[(&str, &str)] = &[
    ("circuit_state_check", "UPDATE rail_circuit SET state = 'ajar'"),
    ("rail_circuit_open_has_reason", "UPDATE rail_circuit SET state = 'open'"),
    ("rail_circuit_open_has_reason", "UPDATE rail_circuit SET reason = 'a wrong password'"),
    ("rail_circuit_pkey", "INSERT INTO rail_circuit (state, since) VALUES ('closed', now())"),
    ("rail_circuit_counts_uses", "UPDATE rail_circuit SET unproven = -1"),
    ("rail_circuit_float_is_dated", "UPDATE rail_circuit SET float_told = 5"),
    (
        "rail_circuit_float_is_dated",
        "UPDATE rail_circuit SET float_told = -1, float_told_at = now()",
    ),
    ("rail_circuit_shortage_is_whole", "UPDATE rail_circuit SET short_asked = 5"),
    ("rail_circuit_shortage_is_whole", "UPDATE rail_circuit SET short_reviewed = true"),
    ("rail_token_pkey", "INSERT INTO rail_token DEFAULT VALUES"),
    ("rail_token_is_one", "INSERT INTO rail_token (is_the_one) VALUES (false)"),
    ("rail_token_is_whole", "UPDATE rail_token SET secret = 'abc'"),
    ("rail_circuit_is_one", "INSERT INTO rail_circuit VALUES (false, 'closed', NULL, now())"),
];

/// What the cases cannot reach, because a trigger stands before it: without the trigger, as the owner.
const BEHIND: &[(&str, &str)] = &[
    ("chain_attempts_pkey", r#"{"tx_hash": "new", "sequence": 9}"#),
    ("chain_attempts_one_alive", r#"{"generation": 2, "tx_hash": "new", "sequence": 9}"#),
    (
        "chain_attempts_network_from_address_sequence_variant_key",
        r#"{"generation": 2, "state": "dead", "death": {}, "tx_hash": "new"}"#,
    ),
    ("chain_attempts_transfer_fkey", r#"{"key": "{effect}", "tx_hash": "new", "sequence": 9}"#),
    (
        "chain_attempts_transfer_fkey",
        r#"{"variant": 1, "from_address": "T-stranger", "tx_hash": "new"}"#,
    ),
];

/// Updates that no history allows, among those that it does: (constraint, table, changes), in this
/// order.
#[rustfmt::skip] // It is a table: keep it a table.
const HISTORIES: &[(&str, &str, &str)] = &[
    ("chain_deposits_final_stays", "chain_deposits", "stage = 'seen'"),
    ("chain_deposits_final_stays", "chain_deposits", "stage = 'orphaned'"),
    ("chain_deposits_final_stays", "chain_deposits", "block_hash = 'another'"),
    ("chain_deposits_final_stays", "chain_deposits", "stage = 'reverted', block_height = 9"),
    ("", "chain_deposits", "stage = 'reverted'"),
    ("chain_deposits_final_stays", "chain_deposits", "stage = 'orphaned'"),
    ("", "chain_deposits", "stage = 'seen', block_hash = 'another'"),
    ("chain_deposits_final_stays", "chain_deposits", "stage = 'reverted'"),
    ("", "chain_deposits", "stage = 'orphaned'"),
    ("chain_deposits_final_stays", "chain_deposits", "stage = 'reverted'"),
    ("chain_transfers_state_is_founded", "chain_transfers", "state = 'done'"),
    ("chain_transfers_state_is_founded", "chain_transfers", "state = 'planned'"),
    ("chain_transfers_state_is_founded", "chain_transfers", "state = 'failed'"),
    ("", "chain_attempts", "state = 'sent', sends = 1, first_sent_at = now(), last_sent_at = now()"),
    ("chain_attempts_end_stays", "chain_attempts", "state = 'signed', sends = 0, first_sent_at = NULL, last_sent_at = NULL"),
    ("chain_attempts_death_is_proven", "chain_attempts", "state = 'dead'"),
    ("", "chain_attempts", "state = 'dead', death = '{}'"),
    ("chain_attempts_end_stays", "chain_attempts", "state = 'sent', death = NULL"),
    ("chain_attempts_end_stays", "chain_attempts", "death = '[]'"),
    ("chain_transfers_state_is_founded", "chain_transfers", "state = 'done'"),
    ("", "chain_transfers", "state = 'failed'"),
    ("chain_transfers_state_is_founded", "chain_transfers", "state = 'planned'"),
    ("chain_transfers_state_is_founded", "chain_transfers", "state = 'in_flight'"),
];

/// Rows of every table: an order of each type, the answer under a key, an effect, and the rail's.
async fn stage() -> (Database, String) {
    let database = Database::fresh().await;
    let store = database.store();
    seed(&store).await;
    let off_ramp = place(&store, sell(1, 10)).await;
    let mut keyed = samples::placement_of(buy(2, 10));
    keyed.claim = Some((samples::claim(CUSTOMER, "key", 1), samples::answer("{}")));
    store.place(&keyed).await.expect("nothing against it");
    let effect = Effect::OpenReview { kind: ReviewKind::Held, cause: "a case".into() };
    let mut uow = store.begin().await.expect("a unit of work");
    uow.enqueue(keyed.order.id, &[effect], samples::NOW).await.expect("a new effect");
    uow.commit().await.expect("a commit");
    fill(&store, &keyed.order).await;
    fill_chain(&store, &off_ramp).await;
    let account = KeyAccount::new("a case".into());
    store.next_escrow_index(&account).await.expect("a number");
    (database, keyed.order.id.to_string())
}

/// So many bytes, as JSON has them.
fn bytes(count: usize) -> String {
    format!(r"\\x{}", "ab".repeat(count))
}

fn insert((_, row, columns): &Case<'_>, buy: &str) -> String {
    let columns = columns.replace("{id}", ANOTHER).replace("{nobody}", NOBODY);
    let columns = columns.replace("{buy}", buy).replace("{1001}", &"x".repeat(1001));
    let columns = columns.replace("{effect}", &format!("{buy}:open_review:a case"));
    let columns = columns.replace("{hash}", &bytes(32)).replace("{64K}", &bytes(65_537));
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
async fn the_breaker_is_one_row_that_knows_why_it_is_open() {
    let (database, _) = stage().await;
    let owner = database.owner().await;
    for (name, statement) in CIRCUIT {
        let refused = owner.query(statement).await;
        assert_eq!(refused, Err(Code::Constraint((*name).into())), "{statement}");
    }
}

#[tokio::test]
async fn without_the_trigger_the_constraint_behind_it_refuses() {
    let (database, buy) = stage().await;
    let owner = database.owner().await;
    owner.run("ALTER TABLE chain_attempts DISABLE TRIGGER chain_attempts_one_life").await;
    for (name, columns) in BEHIND {
        let statement = insert(&(name, ATTEMPT, columns), &buy);
        let refused = owner.query(&statement).await;
        assert_eq!(refused, Err(Code::Constraint((*name).into())), "{statement}");
    }
    owner.run("ALTER TABLE chain_attempts DISABLE TRIGGER USER").await;
    let end =
        r#"{"state": "done", "included_height": 1, "included_hash": "b", "fee": 1, "tx_hash": "#;
    let done = |generation: i32| {
        let rest =
            format!(r#""{generation}", "sequence": 9{generation}, "generation": {generation}}}"#);
        insert(&("", ATTEMPT, &format!("{end}{rest}")), &buy)
    };
    owner.run(&done(2)).await;
    let refused = owner.query(&done(3)).await;
    assert_eq!(refused, Err(Code::Constraint("chain_attempts_one_done".into())));
}

#[tokio::test]
async fn what_the_chain_and_its_proofs_say_is_not_unsaid() {
    let (database, _) = stage().await;
    let app = database.app().await;
    for (name, table, changes) in HISTORIES {
        let statement = format!("UPDATE {table} SET {changes}");
        let refused = app.query(&statement).await;
        if name.is_empty() {
            assert!(refused.is_ok(), "{refused:?}: {statement}");
        } else {
            assert_eq!(refused, Err(Code::Constraint((*name).into())), "{statement}");
        }
    }
}

#[tokio::test]
async fn every_constraint_has_its_case() {
    let owner = Database::fresh().await.owner().await;
    let constraints = owner.column(
        "SELECT conname FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'p', 'u')
         UNION
         SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
         WHERE indisunique AND relnamespace = 'public'::regnamespace",
    );
    let mut constraints: BTreeSet<_> = constraints.await.into_iter().collect();
    constraints.remove("__diesel_schema_migrations_pkey");
    // Only there to be referred to: offers_pkey is stricter.
    constraints.remove("offers_id_vendor_id_key");
    constraints.remove("chain_transfers_key_network_from_address_key");
    // Needs more than one row to break: it has a test of its own.
    constraints.remove("chain_attempts_one_done");
    let others = CIRCUIT.iter().chain(BEHIND).map(|(name, _)| *name);
    let cases = CASES.iter().map(|(name, ..)| *name).chain(others);
    let cases: BTreeSet<_> = cases.map(str::to_owned).collect();
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
