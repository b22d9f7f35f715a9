-- How far each chain was read, and what arrived at our addresses.
CREATE TABLE chain_cursors (
    network      network      PRIMARY KEY,
    last_height  block_height NOT NULL,
    last_hash    chain_hash   NOT NULL,
    last_time    timestamptz  NOT NULL,
    final_height block_height NOT NULL,
    final_hash   chain_hash   NOT NULL,
    final_time   timestamptz  NOT NULL,
    head         block_height NOT NULL,
    halted       text,
    updated_at   timestamptz  NOT NULL
);
COMMENT ON COLUMN chain_cursors.last_height IS 'the last block that was read';
COMMENT ON COLUMN chain_cursors.final_height IS 'the highest that was read and is never undone';
COMMENT ON COLUMN chain_cursors.halted IS 'why nothing is credited, until an operator says so';
GRANT SELECT, INSERT ON chain_cursors TO kivuko_app;
GRANT UPDATE (last_height, last_hash, last_time, final_height, final_hash, final_time, head, halted,
              updated_at) ON chain_cursors TO kivuko_app;

CREATE TABLE chain_blocks (
    network network      NOT NULL,
    height  block_height NOT NULL,
    hash    chain_hash   NOT NULL,
    time    timestamptz  NOT NULL,
    PRIMARY KEY (network, height)
);
COMMENT ON TABLE chain_blocks IS 'the names of blocks that were read, to find where a chain has parted';
GRANT SELECT, INSERT, DELETE ON chain_blocks TO kivuko_app;
GRANT UPDATE (time) ON chain_blocks TO kivuko_app;

CREATE TABLE chain_deposits (
    network      network       NOT NULL,
    tx_hash      chain_hash    NOT NULL,
    ordinal      tally         NOT NULL,
    token        chain_address NOT NULL,
    asset        asset,
    from_address chain_address NOT NULL,
    to_address   chain_address NOT NULL,
    units        uint256       NOT NULL,
    amount       coin_amount,
    block_height block_height  NOT NULL,
    block_hash   chain_hash    NOT NULL,
    block_time   timestamptz   NOT NULL,
    order_id     uuid          NOT NULL REFERENCES orders,
    stage        deposit_stage NOT NULL,
    told         deposit_stage,
    troubles     tally         NOT NULL DEFAULT 0,
    retry_at     timestamptz   NOT NULL,
    detected_at  timestamptz   NOT NULL,
    is_emptied   boolean       NOT NULL DEFAULT false,
    PRIMARY KEY (network, tx_hash, ordinal),
    FOREIGN KEY (network, to_address) REFERENCES escrow_addresses (network, address),
    CONSTRAINT chain_deposits_amount_is_of_asset CHECK (amount IS NULL OR asset IS NOT NULL)
);
COMMENT ON COLUMN chain_deposits.ordinal IS 'the place within its transaction, which no re-org changes';
COMMENT ON COLUMN chain_deposits.token IS 'the contract that emitted it';
COMMENT ON COLUMN chain_deposits.asset IS 'what we call that token; null for a stranger''s';
COMMENT ON COLUMN chain_deposits.units IS 'the emitted number, whatever it is';
COMMENT ON COLUMN chain_deposits.amount IS 'the same in 10^-8, where the asset is ours and it is possible';
COMMENT ON COLUMN chain_deposits.told IS 'the stage that the order was told last';
COMMENT ON COLUMN chain_deposits.troubles IS 'how often telling it has failed since it last succeeded';
COMMENT ON COLUMN chain_deposits.is_emptied IS
    'a sweep took everything that had come by then: only says where not to look for coin';

-- What must be told. Gone before anybody was told of it, it was never there.
CREATE INDEX chain_deposits_untold ON chain_deposits (network, block_height, tx_hash, ordinal)
    WHERE told IS DISTINCT FROM stage AND NOT (told IS NULL AND stage = 'orphaned');
CREATE INDEX chain_deposits_seen ON chain_deposits (network, block_height) WHERE stage = 'seen';
-- A re-org asks for what is above a height, which is little.
CREATE INDEX chain_deposits_by_height ON chain_deposits (network, block_height)
    WHERE stage IN ('seen', 'final');
CREATE INDEX chain_deposits_by_order ON chain_deposits (order_id);
CREATE INDEX chain_deposits_with_coin ON chain_deposits (network, order_id, asset)
    WHERE stage = 'final' AND NOT is_emptied AND asset IS NOT NULL;

-- What is final neither moves nor becomes less sure, except that a chain may break its word.
CREATE FUNCTION refuse_undoing_deposit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moves boolean := (NEW.block_height, NEW.block_hash, NEW.block_time)
        IS DISTINCT FROM (OLD.block_height, OLD.block_hash, OLD.block_time);
BEGIN
    -- In brackets: PL/pgSQL takes the first bare THEN for its own.
    IF (CASE OLD.stage
        WHEN 'final'    THEN NEW.stage NOT IN ('final', 'reverted') OR moves
        WHEN 'reverted' THEN NEW.stage = 'orphaned'
        ELSE NEW.stage = 'reverted'
    END) THEN
        RAISE EXCEPTION 'deposit % of % cannot go from % to %', OLD.ordinal, OLD.tx_hash, OLD.stage,
            NEW.stage USING ERRCODE = 'check_violation', CONSTRAINT = 'chain_deposits_final_stays';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER chain_deposits_final_stays
    BEFORE UPDATE OF stage, block_height, block_hash, block_time ON chain_deposits
    FOR EACH ROW EXECUTE FUNCTION refuse_undoing_deposit();
GRANT SELECT, INSERT ON chain_deposits TO kivuko_app;
GRANT UPDATE (block_height, block_hash, block_time, stage, told, troubles, retry_at, is_emptied)
    ON chain_deposits TO kivuko_app;
