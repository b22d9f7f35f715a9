ALTER TABLE chain_deposits DROP COLUMN returned;
ALTER TABLE chain_transfers DROP CONSTRAINT chain_transfers_sweep_has_escrow;
ALTER TABLE chain_transfers ADD CONSTRAINT chain_transfers_sweep_has_escrow
    CHECK ((kind = 'sweep') = (escrow_index IS NOT NULL));
ALTER TABLE chain_transfers DROP CONSTRAINT chain_transfers_gas_is_native;
ALTER TABLE chain_transfers ADD CONSTRAINT chain_transfers_gas_is_native
    CHECK ((kind = 'gas') = (asset IS NULL));
ALTER DOMAIN transfer_kind DROP CONSTRAINT transfer_kind_check;
ALTER DOMAIN transfer_kind ADD CONSTRAINT transfer_kind_check
    CHECK (VALUE IN ('delivery', 'refund', 'sweep', 'gas'));
