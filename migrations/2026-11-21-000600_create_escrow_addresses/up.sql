-- The escrow addresses ever given out: one per off-ramp order, never used again, watched for ever.
CREATE SEQUENCE escrow_index_tron     AS integer MINVALUE 0 NO CYCLE;
CREATE SEQUENCE escrow_index_ethereum AS integer MINVALUE 0 NO CYCLE;
CREATE TABLE escrow_addresses (
    network      network     NOT NULL,
    escrow_index child_index NOT NULL,
    address      text        NOT NULL,
    order_id     uuid        NOT NULL UNIQUE REFERENCES orders,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (network, escrow_index),
    UNIQUE (network, address)
);
COMMENT ON COLUMN escrow_addresses.escrow_index IS 'the child number below the network''s account key';
GRANT USAGE ON SEQUENCE escrow_index_tron, escrow_index_ethereum TO kivuko_app;
GRANT SELECT, INSERT ON escrow_addresses TO kivuko_app;
