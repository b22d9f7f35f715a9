-- Shillings in: the attempts to collect them, and what keeps two attempts from each other.
CREATE TABLE collections (
    id                  uuid              PRIMARY KEY,
    order_id            uuid              NOT NULL REFERENCES orders,
    phone               msisdn            NOT NULL,
    amount              amount            NOT NULL,
    account_reference   account_reference NOT NULL UNIQUE,
    state               collection_state  NOT NULL,
    merchant_request_id text,
    checkout_request_id text,
    push_answer         jsonb,
    receipt             receipt,
    evidence            jsonb             NOT NULL,
    created_at          timestamptz       NOT NULL,
    sent_at             timestamptz,
    updated_at          timestamptz       NOT NULL,
    CONSTRAINT collections_paid_has_receipt CHECK ((state = 'paid') = (receipt IS NOT NULL)),
    CONSTRAINT collections_sent_is_dated CHECK ((state = 'created') = (sent_at IS NULL)),
    CONSTRAINT collections_names_are_whole CHECK (
        num_nulls(merchant_request_id, checkout_request_id, push_answer) IN (0, 3))
);
COMMENT ON COLUMN collections.push_answer IS 'the rest of the rail''s answer: its words';
COMMENT ON COLUMN collections.evidence IS 'who has said what; only ever added to';
COMMENT ON COLUMN collections.receipt IS 'the payment''s; whether it is theirs says mpesa_receipts';
-- Not unique, and of any length: where our own answer was lost, the name is what a callback tells, and
-- a forged one must not keep the rest of its unit of work from being stored.
CREATE INDEX collections_by_checkout ON collections USING hash (checkout_request_id);
CREATE INDEX collections_undecided ON collections (sent_at, id)
    WHERE state NOT IN ('created', 'refused', 'paid', 'not_paid');
GRANT SELECT, INSERT ON collections TO kivuko_app;
GRANT UPDATE (state, merchant_request_id, checkout_request_id, push_answer, receipt, evidence, sent_at,
              updated_at) ON collections TO kivuko_app;

CREATE TABLE phone_prompts (
    phone   msisdn      PRIMARY KEY,
    last_at timestamptz NOT NULL
);
COMMENT ON TABLE phone_prompts IS 'when a phone was last asked: the rail refuses to ask twice at once';
GRANT SELECT, INSERT ON phone_prompts TO kivuko_app;
GRANT UPDATE (last_at) ON phone_prompts TO kivuko_app;

CREATE TABLE mpesa_receipts (
    receipt       receipt     PRIMARY KEY,
    collection_id uuid        REFERENCES collections,
    at            timestamptz NOT NULL
);
COMMENT ON TABLE mpesa_receipts IS 'whose a payment is, for ever; nobody''s where no order asked for it';
GRANT SELECT, INSERT ON mpesa_receipts TO kivuko_app;
