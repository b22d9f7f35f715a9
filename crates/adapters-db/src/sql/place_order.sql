-- Places an order in one statement: hold, order, first history entry, escrow address and the answer
-- to replay, all or nothing. No row comes back when the offer's terms have changed or its free
-- amount does not suffice; then nothing has been stored. With a key but no order, the deferred
-- foreign key of idempotency_keys undoes the key too.
WITH hold AS (
    UPDATE offers
    SET held_amount = held_amount + $1
    WHERE id = $2 AND terms_version = $3 AND available_amount - held_amount >= $1
    RETURNING id
), placed AS (
    INSERT INTO orders (id, order_type, customer_id, vendor_id, offer_id, asset, crypto_amount,
                        fiat_amount, rate, network, wallet_address, payout_phone, escrow_address,
                        escrow_index, escrow_reference, state, status, state_since, expires_at,
                        created_at, updated_at, version, head)
    SELECT $4, $5, $6, $7, hold.id, $8, $1, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
           $20, $19, $19, 1, $21
    FROM hold
    RETURNING id
), history AS (
    INSERT INTO order_events (order_id, seq, at, actor, actor_id, kind, payload, state, prev_hash, hash)
    SELECT placed.id, 1, $19, $22, $23, $24, $25, $17, $26, $21
    FROM placed
), escrow AS (
    INSERT INTO escrow_addresses (network, escrow_index, address, order_id, created_at)
    SELECT $11, $15, $14, placed.id, $19
    FROM placed
    WHERE $15 IS NOT NULL
), answer AS (
    INSERT INTO idempotency_keys (principal, key, fingerprint, status, body, order_id, created_at)
    SELECT $27, $28, $29, $30, $31, $4, $19
    WHERE $28 IS NOT NULL
)
SELECT id FROM placed
