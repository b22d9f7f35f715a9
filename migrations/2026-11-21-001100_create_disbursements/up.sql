-- Shillings out: payouts and refunds, and the breaker that stops them all.
CREATE TABLE disbursements (
    id               uuid               PRIMARY KEY,
    key              text               NOT NULL REFERENCES outbox (idempotency_key),
    generation       ordinal            NOT NULL,
    order_id         uuid               NOT NULL REFERENCES orders,
    kind             disbursement_kind  NOT NULL,
    purpose          jsonb              NOT NULL,
    original_receipt receipt,
    phone            msisdn             NOT NULL,
    amount           amount             NOT NULL,
    state            disbursement_state NOT NULL,
    has_failed       boolean            NOT NULL DEFAULT false,
    conversation_id  text,
    receipt          receipt,
    evidence         jsonb              NOT NULL,
    created_at       timestamptz        NOT NULL,
    sent_at          timestamptz,
    updated_at       timestamptz        NOT NULL,
    UNIQUE (key, generation),
    CONSTRAINT disbursements_refund_has_original CHECK (
        (kind = 'refund') = (original_receipt IS NOT NULL)),
    CONSTRAINT disbursements_paid_has_receipt CHECK ((state = 'paid') = (receipt IS NOT NULL)),
    -- One that the gateway turned away is as good as new, but keeps its date.
    CONSTRAINT disbursements_sent_is_dated CHECK (state = 'created' OR sent_at IS NOT NULL)
);
COMMENT ON COLUMN disbursements.id IS 'the rail''s key for it (OriginatorConversationID)';
COMMENT ON COLUMN disbursements.key IS 'the effect that asks for it';
COMMENT ON COLUMN disbursements.generation IS 'counts the tries after proven failures, from 1';
COMMENT ON COLUMN disbursements.original_receipt IS 'refunds only: the payment that goes back';
COMMENT ON COLUMN disbursements.evidence IS 'who has said what; only ever added to';
COMMENT ON COLUMN disbursements.has_failed IS 'a failure of it was proven: another may be made';

-- What keeps us from paying twice, whatever the code does. One whose failure was proven makes room
-- for the next; if it turns out to be paid after all, that is stored beside the next, because it is a
-- fact, and there is no third.
CREATE UNIQUE INDEX disbursements_one_alive ON disbursements (key) WHERE NOT has_failed;
CREATE UNIQUE INDEX disbursements_one_refund ON disbursements (original_receipt)
    WHERE kind = 'refund' AND NOT has_failed;
CREATE INDEX disbursements_overturned ON disbursements (key) WHERE has_failed AND state = 'paid';
CREATE FUNCTION note_disbursement_failed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.has_failed := NEW.state = 'failed_confirmed' OR (TG_OP = 'UPDATE' AND OLD.has_failed);
    IF TG_OP = 'INSERT' AND NEW.generation > 1 AND EXISTS (
        SELECT FROM disbursements WHERE key = NEW.key AND has_failed AND state = 'paid')
    THEN
        RAISE EXCEPTION 'what % asks for is paid', NEW.key
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'disbursements_one_alive';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER disbursements_note_failed
    BEFORE INSERT OR UPDATE OF state ON disbursements
    FOR EACH ROW EXECUTE FUNCTION note_disbursement_failed();
CREATE INDEX disbursements_under_way ON disbursements (kind) INCLUDE (amount)
    WHERE state IN ('sending', 'accepted', 'submit_unknown', 'failed_unconfirmed');
CREATE INDEX disbursements_paid ON disbursements (updated_at) INCLUDE (amount)
    WHERE kind = 'payout' AND state = 'paid';
GRANT SELECT, INSERT ON disbursements TO kivuko_app;
GRANT UPDATE (state, conversation_id, receipt, evidence, sent_at, updated_at)
    ON disbursements TO kivuko_app;

CREATE TABLE rail_circuit (
    is_the_one boolean       PRIMARY KEY DEFAULT true,
    state      circuit_state NOT NULL,
    reason     text,
    since      timestamptz   NOT NULL,
    CONSTRAINT rail_circuit_is_one CHECK (is_the_one),
    CONSTRAINT rail_circuit_open_has_reason CHECK ((state = 'open') = (reason IS NOT NULL))
);
COMMENT ON TABLE rail_circuit IS 'the breaker of all money going out: one row';
-- The rail has yet to show that our credentials are good.
INSERT INTO rail_circuit (state, since) VALUES ('probing', now());
GRANT SELECT ON rail_circuit TO kivuko_app;
GRANT UPDATE (state, reason, since) ON rail_circuit TO kivuko_app;
