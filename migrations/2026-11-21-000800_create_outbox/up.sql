-- What the world must be asked to do, stored with the change that decided it; and the jobs of those
-- who ask it.
CREATE TABLE outbox (
    id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id        uuid        NOT NULL REFERENCES orders,
    kind            text        NOT NULL,
    payload         jsonb       NOT NULL,
    idempotency_key text        NOT NULL UNIQUE,
    attempts        integer     NOT NULL DEFAULT 0,
    fence           bigint      NOT NULL DEFAULT 0,
    available_at    timestamptz NOT NULL,
    leased_until    timestamptz,
    last_error      text,
    done_at         timestamptz,
    created_at      timestamptz NOT NULL
);
COMMENT ON COLUMN outbox.payload IS 'the effect, complete and frozen: workers recompute nothing';
COMMENT ON COLUMN outbox.idempotency_key IS 'one act of one order, for ever';
COMMENT ON COLUMN outbox.fence IS 'grows with every lease; a result under an older one is refused';
-- By kind first: what nobody carries out yet must not stand before what somebody does.
CREATE INDEX outbox_due ON outbox (kind, available_at) WHERE done_at IS NULL;
CREATE INDEX outbox_by_order ON outbox (order_id);
GRANT SELECT, INSERT ON outbox TO kivuko_app;
GRANT UPDATE (attempts, fence, available_at, leased_until, last_error, done_at) ON outbox TO kivuko_app;
