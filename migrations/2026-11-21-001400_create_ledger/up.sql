-- The double-entry ledger: append-only, and every entry sums to zero in each asset.
CREATE TABLE ledger_entries (
    id       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id uuid        REFERENCES orders,
    cause    cause       NOT NULL UNIQUE,
    at       timestamptz NOT NULL
);
COMMENT ON COLUMN ledger_entries.cause IS 'what it is posted for; a cause posts once';
CREATE TABLE ledger_postings (
    entry_id bigint         NOT NULL REFERENCES ledger_entries,
    account  ledger_account NOT NULL,
    asset    ledger_asset   NOT NULL,
    party_id uuid           REFERENCES parties,
    amount   posted         NOT NULL,
    CONSTRAINT ledger_postings_key UNIQUE NULLS NOT DISTINCT (entry_id, account, asset, party_id)
);
COMMENT ON COLUMN ledger_postings.party_id IS 'whose account it is; null where it is ours';
CREATE INDEX ledger_postings_balance ON ledger_postings (account, asset, party_id) INCLUDE (amount);

-- At the commit, when all postings of an entry are there: also of one that was posted long ago.
CREATE FUNCTION refuse_unbalanced(entry bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM ledger_postings WHERE entry_id = entry) OR EXISTS (
        SELECT FROM ledger_postings WHERE entry_id = entry GROUP BY asset HAVING sum(amount) <> 0)
    THEN
        RAISE EXCEPTION 'ledger entry % does not sum to zero', entry
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entries_sum_to_zero';
    END IF;
END
$$;
CREATE FUNCTION refuse_unbalanced_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_unbalanced(NEW.id);
    RETURN NULL;
END
$$;
CREATE FUNCTION refuse_unbalanced_posting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_unbalanced(NEW.entry_id);
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER ledger_entries_sum_to_zero AFTER INSERT ON ledger_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_entry();
CREATE CONSTRAINT TRIGGER ledger_postings_sum_to_zero AFTER INSERT ON ledger_postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_posting();

CREATE TRIGGER ledger_entries_are_append_only
    BEFORE UPDATE OR DELETE ON ledger_entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_entries_are_not_truncated
    BEFORE TRUNCATE ON ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_postings_are_append_only
    BEFORE UPDATE OR DELETE ON ledger_postings FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_postings_are_not_truncated
    BEFORE TRUNCATE ON ledger_postings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON ledger_entries, ledger_postings TO kivuko_app;
