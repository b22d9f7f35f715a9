-- Answers under their Idempotency-Key, stored in the unit of work that made the change.
CREATE TABLE idempotency_keys (
    principal   uuid           NOT NULL,
    key         key_text       NOT NULL,
    fingerprint sha256         NOT NULL,
    status      success_status NOT NULL,
    body        text           NOT NULL,
    order_id    uuid,
    created_at  timestamptz    NOT NULL,
    PRIMARY KEY (principal, key),
    -- Checked at commit: a key cannot stay without the order that it answered for.
    CONSTRAINT idempotency_keys_order_is_placed
        FOREIGN KEY (order_id) REFERENCES orders DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON COLUMN idempotency_keys.principal IS 'the caller: keys are theirs alone';
COMMENT ON COLUMN idempotency_keys.fingerprint IS 'SHA-256 of the route and the canonical body';
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
GRANT SELECT, INSERT, DELETE ON idempotency_keys TO kivuko_app;
