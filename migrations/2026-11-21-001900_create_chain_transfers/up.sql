-- Coin out: what is intended, and everything that was ever signed for it.
CREATE TABLE chain_transfers (
    key          text           PRIMARY KEY REFERENCES outbox (idempotency_key),
    order_id     uuid           NOT NULL REFERENCES orders,
    kind         transfer_kind  NOT NULL,
    purpose      jsonb          NOT NULL,
    network      network        NOT NULL,
    escrow_index child_index,
    from_address chain_address  NOT NULL,
    to_address   chain_address  NOT NULL,
    asset        asset,
    units        uint64         NOT NULL,
    state        transfer_state NOT NULL,
    reviewed     boolean        NOT NULL,
    created_at   timestamptz    NOT NULL,
    updated_at   timestamptz    NOT NULL,
    FOREIGN KEY (network, escrow_index) REFERENCES escrow_addresses,
    -- Attempts refer to all three, so that they are of the transfer's own address.
    UNIQUE (key, network, from_address),
    CONSTRAINT chain_transfers_move_something CHECK (units > 0),
    CONSTRAINT chain_transfers_gas_is_native CHECK ((kind = 'gas') = (asset IS NULL)),
    CONSTRAINT chain_transfers_sweep_has_escrow CHECK ((kind = 'sweep') = (escrow_index IS NOT NULL)),
    CONSTRAINT chain_transfers_purpose_is_kind CHECK (purpose ->> 'purpose' IS NOT DISTINCT FROM kind)
);
COMMENT ON COLUMN chain_transfers.key IS 'the effect that asks for it: one transfer, for ever';
COMMENT ON COLUMN chain_transfers.escrow_index IS 'whose key signs; the hot wallet''s where null';
COMMENT ON COLUMN chain_transfers.asset IS 'what moves; null for the chain''s own coin';
COMMENT ON COLUMN chain_transfers.units IS '10^-6 of the asset, or sun or wei';
COMMENT ON COLUMN chain_transfers.reviewed IS 'an operator has been called about it';
-- Whatever the keys are: an order's coin is delivered once.
CREATE UNIQUE INDEX chain_transfers_one_delivery ON chain_transfers (order_id) WHERE kind = 'delivery';
CREATE INDEX chain_transfers_by_order ON chain_transfers (order_id);
CREATE INDEX chain_transfers_in_flight ON chain_transfers (network, asset) WHERE state = 'in_flight';
CREATE INDEX chain_transfers_recent ON chain_transfers (network, asset, updated_at);
GRANT SELECT, INSERT ON chain_transfers TO kivuko_app;
GRANT UPDATE (state, reviewed, updated_at) ON chain_transfers TO kivuko_app;

CREATE TABLE chain_attempts (
    key             text          NOT NULL,
    generation      ordinal       NOT NULL,
    variant         tally         NOT NULL,
    network         network       NOT NULL,
    from_address    chain_address NOT NULL,
    sequence        uint64        NOT NULL,
    tx_hash         chain_hash    NOT NULL,
    raw             bytea         NOT NULL,
    terms           jsonb         NOT NULL,
    state           attempt_state NOT NULL,
    sends           tally         NOT NULL,
    first_sent_at   timestamptz,
    last_sent_at    timestamptz,
    included_height block_height,
    included_hash   chain_hash,
    fee             uint64,
    death           jsonb,
    created_at      timestamptz   NOT NULL,
    PRIMARY KEY (key, generation, variant),
    UNIQUE (network, tx_hash),
    UNIQUE (network, from_address, sequence, variant),
    CONSTRAINT chain_attempts_transfer_fkey FOREIGN KEY (key, network, from_address)
        REFERENCES chain_transfers (key, network, from_address),
    CONSTRAINT chain_attempts_have_bytes CHECK (length(raw) > 0),
    CONSTRAINT chain_attempts_sent_is_dated CHECK (
        (sends > 0) = (first_sent_at IS NOT NULL) AND (sends > 0) = (last_sent_at IS NOT NULL)
        AND (state <> 'signed' OR sends = 0)),
    CONSTRAINT chain_attempts_block_is_named CHECK (
        num_nulls(included_height, included_hash) IN (0, 2)
        AND (state NOT IN ('included', 'done', 'failed') OR included_height IS NOT NULL)),
    CONSTRAINT chain_attempts_final_has_fee CHECK (state NOT IN ('done', 'failed') OR fee IS NOT NULL),
    CONSTRAINT chain_attempts_death_is_proven CHECK (
        (state IN ('failed', 'dead')) = (death IS NOT NULL))
);
COMMENT ON COLUMN chain_attempts.generation IS 'counts signatures that each needed the death of the one before';
COMMENT ON COLUMN chain_attempts.variant IS 'counts fee bumps of one nonce';
COMMENT ON COLUMN chain_attempts.sequence IS 'the nonce, or the timestamp in milliseconds';
COMMENT ON COLUMN chain_attempts.raw IS 'the bytes that are broadcast: stored before any of them leaves';
COMMENT ON COLUMN chain_attempts.fee IS 'sun or wei that it cost';
COMMENT ON COLUMN chain_attempts.death IS 'the proof that it can never move anything (any more)';

-- What keeps us from sending twice, whatever the code does: of a transfer one generation may be alive,
-- one transaction may be done, and nothing new is signed without the proof that the old is dead.
CREATE UNIQUE INDEX chain_attempts_one_alive ON chain_attempts (key)
    WHERE variant = 0 AND state IN ('signed', 'sent', 'included');
CREATE UNIQUE INDEX chain_attempts_one_done ON chain_attempts (key) WHERE state = 'done';
CREATE FUNCTION refuse_second_life() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    follows boolean;
BEGIN
    -- Whoever else signs for it waits, and then sees what we have signed.
    PERFORM FROM chain_transfers WHERE key = NEW.key FOR NO KEY UPDATE;
    IF NEW.variant = 0 THEN
        SELECT coalesce(max(generation), 0) = NEW.generation - 1
            AND coalesce(bool_and(state IN ('failed', 'dead') AND death IS NOT NULL), true)
        INTO follows FROM chain_attempts WHERE key = NEW.key;
    ELSE
        SELECT coalesce(max(variant), -1) = NEW.variant - 1
            AND bool_and(sequence = NEW.sequence AND state IN ('signed', 'sent', 'included'))
        INTO follows FROM chain_attempts WHERE key = NEW.key AND generation = NEW.generation;
    END IF;
    IF NOT coalesce(follows, false) THEN
        RAISE EXCEPTION 'what was signed for % may still execute', NEW.key
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'chain_attempts_one_alive';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER chain_attempts_one_life BEFORE INSERT ON chain_attempts
    FOR EACH ROW EXECUTE FUNCTION refuse_second_life();
CREATE FUNCTION refuse_resurrection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD IS DISTINCT FROM NEW AND (OLD.state IN ('done', 'failed', 'dead')
        OR (NEW.state = 'signed' AND OLD.state <> 'signed'))
    THEN
        RAISE EXCEPTION '% is % and stays so', OLD.tx_hash, OLD.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'chain_attempts_end_stays';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER chain_attempts_end_stays BEFORE UPDATE ON chain_attempts
    FOR EACH ROW EXECUTE FUNCTION refuse_resurrection();
GRANT SELECT, INSERT ON chain_attempts TO kivuko_app;
GRANT UPDATE (state, sends, first_sent_at, last_sent_at, included_height, included_hash, fee, death)
    ON chain_attempts TO kivuko_app;

-- A transfer stands where its attempts stand, and its end is the end.
CREATE FUNCTION refuse_unfounded_state() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    has_live boolean := EXISTS (SELECT FROM chain_attempts
        WHERE key = NEW.key AND state IN ('signed', 'sent', 'included'));
    is_done boolean := EXISTS (SELECT FROM chain_attempts WHERE key = NEW.key AND state = 'done');
BEGIN
    IF OLD.state <> NEW.state AND (OLD.state IN ('done', 'failed') OR NOT CASE NEW.state
        WHEN 'done'      THEN is_done
        WHEN 'in_flight' THEN has_live
        ELSE NOT has_live
    END) THEN
        RAISE EXCEPTION '% cannot go from % to %', NEW.key, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'chain_transfers_state_is_founded';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER chain_transfers_state_is_founded BEFORE UPDATE OF state ON chain_transfers
    FOR EACH ROW EXECUTE FUNCTION refuse_unfounded_state();

CREATE TABLE chain_sequences (
    network network       NOT NULL,
    address chain_address NOT NULL,
    last    uint64        NOT NULL,
    PRIMARY KEY (network, address)
);
COMMENT ON TABLE chain_sequences IS 'the last nonce or timestamp that was given out for an address of ours';
GRANT SELECT, INSERT ON chain_sequences TO kivuko_app;
GRANT UPDATE (last) ON chain_sequences TO kivuko_app;
