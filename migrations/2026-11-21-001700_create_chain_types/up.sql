-- The words of the chain rail, and the accounts that its coin is kept in.
CREATE DOMAIN block_height AS bigint CHECK (VALUE >= 0);
-- Compared byte by byte, so that every store sorts them alike.
CREATE DOMAIN chain_hash AS text COLLATE "C" CHECK (length(VALUE) BETWEEN 1 AND 128);
COMMENT ON DOMAIN chain_hash IS 'what a chain calls a block or a transaction';
CREATE DOMAIN chain_address AS text CHECK (length(VALUE) BETWEEN 1 AND 64);
CREATE DOMAIN tally AS integer CHECK (VALUE >= 0);
CREATE DOMAIN uint64 AS numeric(20, 0) CHECK (VALUE BETWEEN 0 AND 18446744073709551615);
COMMENT ON DOMAIN uint64 IS 'what a chain counts: sun, wei, 10^-6 of a coin, nonces';
CREATE DOMAIN uint256 AS numeric(78, 0) CHECK (VALUE >= 0);
COMMENT ON DOMAIN uint256 IS 'any number that a contract can emit';
CREATE DOMAIN coin_amount AS bigint CHECK (VALUE >= 0);
COMMENT ON DOMAIN coin_amount IS '10^-8 of a coin, or nothing';
CREATE DOMAIN deposit_stage AS text CHECK (VALUE IN ('seen', 'final', 'orphaned', 'reverted'));
CREATE DOMAIN transfer_kind AS text CHECK (VALUE IN ('delivery', 'refund', 'sweep', 'gas'));
CREATE DOMAIN transfer_state AS text CHECK (VALUE IN ('planned', 'in_flight', 'done', 'failed'));
CREATE DOMAIN attempt_state AS text CHECK (VALUE IN (
    'signed', 'sent', 'included', 'done', 'failed', 'dead'));

ALTER DOMAIN ledger_account DROP CONSTRAINT ledger_account_check;
ALTER DOMAIN ledger_account ADD CONSTRAINT ledger_account_check CHECK (VALUE IN (
    'mpesa_collection', 'mpesa_utility', 'tron_escrow', 'ethereum_escrow', 'tron_hot', 'ethereum_hot',
    'gas', 'customer_payable', 'vendor_payable', 'parked', 'residue', 'fees', 'capital'));
ALTER DOMAIN ledger_asset DROP CONSTRAINT ledger_asset_check;
ALTER DOMAIN ledger_asset ADD CONSTRAINT ledger_asset_check CHECK (VALUE IN (
    'KES', 'USDT', 'USDC', 'TRX', 'ETH'));
COMMENT ON DOMAIN posted IS 'cents of a shilling, 10^-8 of a coin, sun or wei; debits are positive';
