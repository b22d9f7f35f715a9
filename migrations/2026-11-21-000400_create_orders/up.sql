-- The orders. What was agreed cannot be changed by the application's role: it may update only where
-- the order stands and what is known of its legs.
CREATE TABLE orders (
    id               uuid          PRIMARY KEY,
    order_type       text          NOT NULL,
    customer_id      uuid          NOT NULL REFERENCES parties,
    vendor_id        uuid          NOT NULL,
    offer_id         uuid          NOT NULL,
    asset            text          NOT NULL CHECK (asset IN ('USDT', 'USDC')),
    crypto_amount    bigint        NOT NULL CHECK (crypto_amount > 0),
    fiat_amount      bigint        NOT NULL CHECK (fiat_amount > 0),
    rate             numeric(8, 2) NOT NULL CHECK (rate > 0),
    network          text          NOT NULL CHECK (network IN ('tron', 'ethereum')),
    wallet_address   text          NOT NULL,
    payout_phone     text          CHECK (payout_phone ~ '^254[17][0-9]{8}$'),
    escrow_address   text,
    escrow_index     integer,
    escrow_reference uuid,
    state            text          NOT NULL,
    status           text          NOT NULL,
    state_reason     text,
    collection_id    uuid,
    held_state       jsonb,
    state_since      timestamptz   NOT NULL,
    evidence         jsonb,
    expires_at       timestamptz   NOT NULL,
    created_at       timestamptz   NOT NULL,
    updated_at       timestamptz   NOT NULL,
    completed_at     timestamptz,
    version          integer       NOT NULL CHECK (version > 0),
    head             bytea         NOT NULL CHECK (length(head) = 32),
    FOREIGN KEY (offer_id, vendor_id) REFERENCES offers (id, vendor_id),
    CONSTRAINT orders_two_parties CHECK (customer_id <> vendor_id),
    CONSTRAINT orders_expire_after_creation CHECK (expires_at > created_at),
    CONSTRAINT orders_off_ramp_has_escrow CHECK (
        CASE order_type
            WHEN 'ON_RAMP_BUY' THEN num_nonnulls(payout_phone, escrow_address, escrow_index, escrow_reference) = 0
            WHEN 'OFF_RAMP_SELL' THEN num_nulls(payout_phone, escrow_address, escrow_index, escrow_reference) = 0
            ELSE false
        END),
    CONSTRAINT orders_state_fits CHECK (
        CASE state
            WHEN 'awaiting_payment'    THEN status = 'pending' AND num_nonnulls(state_reason, held_state) = 0
            WHEN 'awaiting_deposit'    THEN status = 'awaiting_crypto' AND num_nonnulls(state_reason, held_state, collection_id) = 0
            WHEN 'delivering'          THEN status = 'processing' AND num_nonnulls(state_reason, held_state, collection_id) = 0
            WHEN 'paying_out'          THEN status = 'processing' AND num_nonnulls(state_reason, held_state, collection_id) = 0
            WHEN 'delivery_confirming' THEN status = 'confirming' AND num_nonnulls(state_reason, held_state, collection_id) = 0
            WHEN 'deposit_confirming'  THEN status = 'confirming' AND num_nonnulls(state_reason, held_state, collection_id) = 0
            WHEN 'completed'           THEN status = 'completed' AND completed_at IS NOT NULL
                                            AND num_nonnulls(state_reason, held_state, collection_id) = 0
            WHEN 'cancelled'           THEN status = 'cancelled' AND state_reason IS NOT NULL AND num_nonnulls(held_state, collection_id) = 0
            WHEN 'refunding'           THEN status = 'failed' AND state_reason IS NOT NULL AND num_nonnulls(held_state, collection_id) = 0
            WHEN 'refunded'            THEN status = 'failed' AND state_reason IS NOT NULL AND num_nonnulls(held_state, collection_id) = 0
            WHEN 'on_hold'             THEN held_state IS NOT NULL AND state_reason IS NOT NULL AND collection_id IS NULL
            ELSE false
        END)
);
COMMENT ON COLUMN orders.id IS 'UUIDv7 that sorts like created_at, to the microsecond';
COMMENT ON COLUMN orders.crypto_amount IS '10^-8 of the asset';
COMMENT ON COLUMN orders.fiat_amount IS 'cents of a Kenyan shilling';
COMMENT ON COLUMN orders.rate IS 'shillings per coin, the offer''s when the order was placed';
COMMENT ON COLUMN orders.network IS 'the wallet''s and the escrow''s network';
COMMENT ON COLUMN orders.state IS 'the domain''s state; status is what the wire calls it';
COMMENT ON COLUMN orders.collection_id IS 'the open collection attempt';
COMMENT ON COLUMN orders.held_state IS 'on_hold only: the state behind the hold';
COMMENT ON COLUMN orders.evidence IS 'receipts, hashes, deposits: what the rails have told; null while nothing';
COMMENT ON COLUMN orders.version IS 'the number of events; the last one''s seq';
COMMENT ON COLUMN orders.head IS 'the hash of the last event';
CREATE INDEX orders_by_customer ON orders (customer_id, id);
CREATE INDEX orders_by_vendor ON orders (vendor_id, id);
CREATE INDEX orders_pending ON orders (id) WHERE status = 'pending';
CREATE INDEX orders_with_deadline ON orders (expires_at, id)
    WHERE state IN ('awaiting_payment', 'awaiting_deposit') AND collection_id IS NULL;
GRANT SELECT, INSERT ON orders TO kivuko_app;
GRANT UPDATE (state, status, state_reason, collection_id, held_state, state_since, evidence,
              updated_at, completed_at, version, head) ON orders TO kivuko_app;
