-- Addresses of ours that are no escrow addresses, and the contracts of the tokens: no order may name them.
-- A process that takes requests has no key to tell them by, so those that have write them here.
CREATE DOMAIN address_use AS text CHECK (VALUE IN ('hot_wallet', 'token_contract'));
CREATE TABLE own_addresses (
    network     network       NOT NULL,
    address     chain_address NOT NULL,
    address_use address_use   NOT NULL,
    created_at  timestamptz   NOT NULL,
    PRIMARY KEY (network, address)
);
COMMENT ON COLUMN own_addresses.address IS 'spelled as the service derives it';
COMMENT ON COLUMN own_addresses.created_at IS 'when a process first knew it; what was ours stays ours';
GRANT SELECT, INSERT ON own_addresses TO kivuko_app;
