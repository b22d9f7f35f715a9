-- Every order's history: append-only, and each entry's hash covers its predecessor's.
CREATE TABLE order_events (
    order_id  uuid        NOT NULL REFERENCES orders,
    seq       ordinal     NOT NULL,
    at        timestamptz NOT NULL,
    actor     actor       NOT NULL,
    actor_id  uuid,
    kind      text        NOT NULL,
    payload   text        NOT NULL,
    state     text        NOT NULL,
    prev_hash sha256      NOT NULL,
    hash      sha256      NOT NULL,
    PRIMARY KEY (order_id, seq),
    CONSTRAINT order_events_actor_is_named CHECK ((actor = 'system') = (actor_id IS NULL))
);
COMMENT ON COLUMN order_events.payload IS 'JSON as text: the hash covers its very bytes';
COMMENT ON COLUMN order_events.state IS 'the order''s state after the event';

-- Privileges keep the application out; this keeps everybody out who does not first drop a trigger.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER order_events_are_append_only
    BEFORE UPDATE OR DELETE ON order_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_events_are_not_truncated
    BEFORE TRUNCATE ON order_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON order_events TO kivuko_app;
