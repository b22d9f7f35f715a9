-- Native coin at an escrow address goes back to the order's wallet when an operator says so.
ALTER DOMAIN transfer_kind DROP CONSTRAINT transfer_kind_check;
ALTER DOMAIN transfer_kind ADD CONSTRAINT transfer_kind_check
    CHECK (VALUE IN ('delivery', 'refund', 'sweep', 'gas', 'return'));
ALTER TABLE chain_transfers DROP CONSTRAINT chain_transfers_gas_is_native;
ALTER TABLE chain_transfers ADD CONSTRAINT chain_transfers_gas_is_native
    CHECK ((kind IN ('gas', 'return')) = (asset IS NULL));
ALTER TABLE chain_transfers DROP CONSTRAINT chain_transfers_sweep_has_escrow;
ALTER TABLE chain_transfers ADD CONSTRAINT chain_transfers_sweep_has_escrow
    CHECK ((kind IN ('sweep', 'return')) = (escrow_index IS NOT NULL));

ALTER TABLE chain_deposits ADD COLUMN returned text CHECK (returned IN ('asked', 'done'));
COMMENT ON COLUMN chain_deposits.returned IS
    'of native coin: how far an operator''s word to send it back has come';
GRANT UPDATE (returned) ON chain_deposits TO kivuko_app;
