-- Child numbers are counted per key account: networks that share an account share its children, and one
-- address never belongs to two orders. An account that is seen for the first time begins above every
-- number that was ever stored, because nobody has written down whose those were.
CREATE TABLE escrow_accounts (
    account    text        PRIMARY KEY,
    next_index child_index NOT NULL
);
COMMENT ON TABLE escrow_accounts IS 'how many children of each key account were given out';
COMMENT ON COLUMN escrow_accounts.account IS 'SHA-256 of the account''s public key and chain code, in hex';
COMMENT ON COLUMN escrow_accounts.next_index IS 'the lowest child number that nobody has; it only grows';
CREATE FUNCTION refuse_used_children() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'child numbers of % are not given out again', OLD.account USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER escrow_accounts_only_grow BEFORE UPDATE ON escrow_accounts
    FOR EACH ROW WHEN (NEW.next_index <= OLD.next_index) EXECUTE FUNCTION refuse_used_children();
GRANT SELECT, INSERT, UPDATE (next_index) ON escrow_accounts TO kivuko_app;

DROP SEQUENCE escrow_index_tron;
DROP SEQUENCE escrow_index_ethereum;
