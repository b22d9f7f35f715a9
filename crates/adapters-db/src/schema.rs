//! The tables as diesel sees them: written by hand, compared with the real database by a test.

diesel::table! {
    parties (id) {
        id -> Uuid,
        role -> Text,
        email -> Text,
        phone -> Text,
        first_name -> Text,
        last_name -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    offers (id) {
        id -> Uuid,
        vendor_id -> Uuid,
        offer_type -> Text,
        asset -> Text,
        crypto_amount -> BigInt,
        available_amount -> BigInt,
        held_amount -> BigInt,
        rate -> Numeric,
        min_order -> BigInt,
        max_order -> BigInt,
        description -> Nullable<Text>,
        status -> Text,
        terms_version -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    orders (id) {
        id -> Uuid,
        order_type -> Text,
        customer_id -> Uuid,
        vendor_id -> Uuid,
        offer_id -> Uuid,
        asset -> Text,
        crypto_amount -> BigInt,
        fiat_amount -> BigInt,
        rate -> Numeric,
        network -> Text,
        wallet_address -> Text,
        payout_phone -> Nullable<Text>,
        escrow_address -> Nullable<Text>,
        escrow_index -> Nullable<Integer>,
        escrow_reference -> Nullable<Uuid>,
        state -> Text,
        status -> Text,
        state_reason -> Nullable<Text>,
        collection_id -> Nullable<Uuid>,
        held_state -> Nullable<Jsonb>,
        state_since -> Timestamptz,
        evidence -> Nullable<Jsonb>,
        expires_at -> Timestamptz,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        completed_at -> Nullable<Timestamptz>,
        version -> Integer,
        head -> Bytea,
    }
}

diesel::table! {
    order_events (order_id, seq) {
        order_id -> Uuid,
        seq -> Integer,
        at -> Timestamptz,
        actor -> Text,
        actor_id -> Nullable<Uuid>,
        kind -> Text,
        payload -> Text,
        state -> Text,
        prev_hash -> Bytea,
        hash -> Bytea,
    }
}

diesel::table! {
    own_addresses (network, address) {
        network -> Text,
        address -> Text,
        address_use -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    escrow_addresses (network, escrow_index) {
        network -> Text,
        escrow_index -> Integer,
        address -> Text,
        order_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    escrow_accounts (account) {
        account -> Text,
        next_index -> Integer,
    }
}

diesel::table! {
    idempotency_keys (principal, key) {
        principal -> Uuid,
        key -> Text,
        fingerprint -> Bytea,
        status -> SmallInt,
        body -> Text,
        order_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    outbox (id) {
        id -> BigInt,
        order_id -> Uuid,
        kind -> Text,
        payload -> Jsonb,
        idempotency_key -> Text,
        attempts -> Integer,
        fence -> BigInt,
        available_at -> Timestamptz,
        leased_until -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
        done_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    collections (id) {
        id -> Uuid,
        order_id -> Uuid,
        phone -> Text,
        amount -> BigInt,
        account_reference -> Text,
        state -> Text,
        merchant_request_id -> Nullable<Text>,
        checkout_request_id -> Nullable<Text>,
        push_answer -> Nullable<Jsonb>,
        receipt -> Nullable<Text>,
        evidence -> Jsonb,
        created_at -> Timestamptz,
        sent_at -> Nullable<Timestamptz>,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    phone_prompts (phone) {
        phone -> Text,
        last_at -> Timestamptz,
    }
}

diesel::table! {
    mpesa_receipts (receipt) {
        receipt -> Text,
        collection_id -> Nullable<Uuid>,
        at -> Timestamptz,
    }
}

diesel::table! {
    disbursements (id) {
        id -> Uuid,
        key -> Text,
        generation -> Integer,
        order_id -> Uuid,
        kind -> Text,
        purpose -> Jsonb,
        original_receipt -> Nullable<Text>,
        phone -> Text,
        amount -> BigInt,
        state -> Text,
        has_failed -> Bool,
        conversation_id -> Nullable<Text>,
        receipt -> Nullable<Text>,
        evidence -> Jsonb,
        created_at -> Timestamptz,
        sent_at -> Nullable<Timestamptz>,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    rail_circuit (is_the_one) {
        is_the_one -> Bool,
        state -> Text,
        reason -> Nullable<Text>,
        since -> Timestamptz,
        unproven -> Integer,
        tried_at -> Nullable<Timestamptz>,
        float_told -> Nullable<BigInt>,
        float_told_at -> Nullable<Timestamptz>,
        float_off -> Nullable<BigInt>,
        short_asked -> Nullable<BigInt>,
        short_since -> Nullable<Timestamptz>,
        short_seen_at -> Nullable<Timestamptz>,
        short_refused_at -> Nullable<Timestamptz>,
        short_reviewed -> Bool,
    }
}

diesel::table! {
    callback_tokens (hook, token_hash) {
        token_hash -> Bytea,
        hook -> Text,
        subject_kind -> Text,
        subject_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    callbacks (id) {
        id -> BigInt,
        hook -> Text,
        token_hash -> Bytea,
        source -> Text,
        from_rail -> Bool,
        body -> Bytea,
        dedupe -> Bytea,
        received_at -> Timestamptz,
        attempts -> Integer,
        fence -> BigInt,
        leased_until -> Nullable<Timestamptz>,
        settled_at -> Nullable<Timestamptz>,
        outcome -> Nullable<Text>,
    }
}

diesel::table! {
    reviews (id) {
        id -> BigInt,
        order_id -> Nullable<Uuid>,
        kind -> Text,
        detail -> Text,
        opened_at -> Timestamptz,
        closed_at -> Nullable<Timestamptz>,
        resolution -> Nullable<Text>,
        subject -> Text,
        items -> Integer,
        last_at -> Timestamptz,
        is_condition -> Bool,
    }
}

diesel::table! {
    review_items (cause) {
        cause -> Text,
        review_id -> BigInt,
        order_id -> Nullable<Uuid>,
        detail -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    ledger_entries (id) {
        id -> BigInt,
        order_id -> Nullable<Uuid>,
        cause -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    ledger_postings (entry_id, account, asset) {
        entry_id -> BigInt,
        account -> Text,
        asset -> Text,
        party_id -> Nullable<Uuid>,
        amount -> BigInt,
    }
}

diesel::table! {
    rail_token (is_the_one) {
        is_the_one -> Bool,
        secret -> Nullable<Text>,
        expires_at -> Nullable<Timestamptz>,
        claimed_until -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    rail_turns (name) {
        name -> Text,
        last_at -> Timestamptz,
    }
}

diesel::table! {
    chain_cursors (network) {
        network -> Text,
        last_height -> BigInt,
        last_hash -> Text,
        last_time -> Timestamptz,
        final_height -> BigInt,
        final_hash -> Text,
        final_time -> Timestamptz,
        head -> BigInt,
        halted -> Nullable<Text>,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    chain_blocks (network, height) {
        network -> Text,
        height -> BigInt,
        hash -> Text,
        time -> Timestamptz,
    }
}

diesel::table! {
    chain_deposits (network, tx_hash, ordinal) {
        network -> Text,
        tx_hash -> Text,
        ordinal -> Integer,
        token -> Text,
        asset -> Nullable<Text>,
        from_address -> Text,
        to_address -> Text,
        units -> Numeric,
        amount -> Nullable<BigInt>,
        block_height -> BigInt,
        block_hash -> Text,
        block_time -> Timestamptz,
        order_id -> Uuid,
        stage -> Text,
        told -> Nullable<Text>,
        troubles -> Integer,
        retry_at -> Timestamptz,
        detected_at -> Timestamptz,
        is_emptied -> Bool,
        returned -> Nullable<Text>,
    }
}

diesel::table! {
    chain_transfers (key) {
        key -> Text,
        order_id -> Uuid,
        kind -> Text,
        purpose -> Jsonb,
        network -> Text,
        escrow_index -> Nullable<Integer>,
        from_address -> Text,
        to_address -> Text,
        asset -> Nullable<Text>,
        units -> Numeric,
        state -> Text,
        reviewed -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    chain_attempts (key, generation, variant) {
        key -> Text,
        generation -> Integer,
        variant -> Integer,
        network -> Text,
        from_address -> Text,
        sequence -> Numeric,
        tx_hash -> Text,
        raw -> Bytea,
        terms -> Jsonb,
        state -> Text,
        sends -> Integer,
        first_sent_at -> Nullable<Timestamptz>,
        last_sent_at -> Nullable<Timestamptz>,
        included_height -> Nullable<BigInt>,
        included_hash -> Nullable<Text>,
        fee -> Nullable<Numeric>,
        death -> Nullable<Jsonb>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    chain_sequences (network, address) {
        network -> Text,
        address -> Text,
        last -> Numeric,
    }
}

diesel::joinable!(order_events -> orders (order_id));
diesel::allow_tables_to_appear_in_same_query!(
    parties,
    offers,
    orders,
    order_events,
    escrow_addresses,
    own_addresses,
    idempotency_keys,
    outbox,
);
