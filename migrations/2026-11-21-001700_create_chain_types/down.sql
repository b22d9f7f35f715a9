COMMENT ON DOMAIN posted IS 'cents of a shilling or 10^-8 of a coin; debits are positive';
ALTER DOMAIN ledger_asset DROP CONSTRAINT ledger_asset_check;
ALTER DOMAIN ledger_asset ADD CONSTRAINT ledger_asset_check CHECK (VALUE IN ('KES', 'USDT', 'USDC'));
ALTER DOMAIN ledger_account DROP CONSTRAINT ledger_account_check;
ALTER DOMAIN ledger_account ADD CONSTRAINT ledger_account_check CHECK (VALUE IN (
    'mpesa_collection', 'mpesa_utility', 'customer_payable', 'vendor_payable', 'parked', 'residue',
    'fees', 'capital'));
DROP DOMAIN attempt_state, transfer_state, transfer_kind, deposit_stage, coin_amount, uint256, uint64,
            tally, chain_address, chain_hash, block_height;
