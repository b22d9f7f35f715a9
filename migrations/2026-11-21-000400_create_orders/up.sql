-- The orders. What was agreed cannot be changed by the application's role: it may update only where
-- the order stands and what is known of its legs.

-- What the domain says of a new order's parts, said again.
CREATE FUNCTION order_terms_fit(order_type text, customer_id uuid, vendor_id uuid, payout_phone text,
                                escrow_address text, escrow_index integer, escrow_reference uuid,
                                created_at timestamptz, expires_at timestamptz)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN customer_id <> vendor_id AND expires_at > created_at AND CASE order_type
        WHEN 'ON_RAMP_BUY' THEN num_nonnulls(payout_phone, escrow_address, escrow_index, escrow_reference) = 0
        WHEN 'OFF_RAMP_SELL' THEN num_nulls(payout_phone, escrow_address, escrow_index, escrow_reference) = 0
        ELSE false
    END;
END
$$;

-- What the domain says of states: their statuses, and what is known in each.
CREATE FUNCTION order_state_fits(state text, status text, state_reason text, collection_id uuid,
                                 held_state jsonb, completed_at timestamptz)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE state
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
    END;
END
$$;

CREATE TABLE orders (
    id               uuid        PRIMARY KEY,
    order_type       text        NOT NULL,
    customer_id      uuid        NOT NULL REFERENCES parties,
    vendor_id        uuid        NOT NULL,
    offer_id         uuid        NOT NULL,
    asset            asset       NOT NULL,
    crypto_amount    amount      NOT NULL,
    fiat_amount      amount      NOT NULL,
    rate             rate        NOT NULL,
    network          network     NOT NULL,
    wallet_address   text        NOT NULL,
    payout_phone     msisdn,
    escrow_address   text,
    escrow_index     child_index,
    escrow_reference uuid,
    state            text        NOT NULL,
    status           text        NOT NULL,
    state_reason     text,
    collection_id    uuid,
    held_state       jsonb,
    state_since      timestamptz NOT NULL,
    evidence         jsonb,
    expires_at       timestamptz NOT NULL,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    completed_at     timestamptz,
    version          ordinal     NOT NULL,
    head             sha256      NOT NULL,
    FOREIGN KEY (offer_id, vendor_id) REFERENCES offers (id, vendor_id),
    CONSTRAINT orders_terms_fit CHECK (order_terms_fit(
        order_type, customer_id, vendor_id, payout_phone, escrow_address, escrow_index,
        escrow_reference, created_at, expires_at)),
    CONSTRAINT orders_state_fits CHECK (order_state_fits(
        state, status, state_reason, collection_id, held_state, completed_at))
);
COMMENT ON COLUMN orders.id IS 'UUIDv7 that sorts like created_at, to the microsecond';
COMMENT ON COLUMN orders.rate IS 'the offer''s when the order was placed';
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
