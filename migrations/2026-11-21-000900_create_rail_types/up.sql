-- The words of the M-Pesa rail, of its books and of the operators' queue.
CREATE DOMAIN account_reference AS text CHECK (VALUE ~ '^[0-9A-HJKMNP-TV-Z]{12}$');
COMMENT ON DOMAIN account_reference IS 'what a payer reads as the account: Crockford''s base 32';
CREATE DOMAIN receipt AS text CHECK (length(VALUE) BETWEEN 1 AND 64);
COMMENT ON DOMAIN receipt IS 'M-Pesa''s name for a movement of money';
-- Compared byte by byte, so that the unique index finds prefixes too.
CREATE DOMAIN cause AS text COLLATE "C" CHECK (length(VALUE) BETWEEN 1 AND 500);
COMMENT ON DOMAIN cause IS 'what something is done for: once, whoever asks and however often';
CREATE DOMAIN collection_state AS text CHECK (VALUE IN (
    'created', 'sending', 'awaiting', 'submit_unknown', 'refused', 'paid', 'paid_unreceipted',
    'not_paid', 'review'));
CREATE DOMAIN disbursement_state AS text CHECK (VALUE IN (
    'created', 'sending', 'accepted', 'submit_unknown', 'paid', 'failed_unconfirmed',
    'failed_confirmed'));
CREATE DOMAIN disbursement_kind AS text CHECK (VALUE IN ('payout', 'refund'));
CREATE DOMAIN circuit_state AS text CHECK (VALUE IN ('closed', 'probing', 'open'));
CREATE DOMAIN hook AS text CHECK (VALUE IN ('c', 'p', 'q', 's', 'b'));
COMMENT ON DOMAIN hook IS 'the door that a callback comes through: its letter in the URL';
CREATE DOMAIN subject_kind AS text CHECK (VALUE IN ('collection', 'disbursement', 'balance', 'bills'));
CREATE DOMAIN callback_body AS bytea CHECK (length(VALUE) <= 65536);
CREATE DOMAIN ledger_account AS text CHECK (VALUE IN (
    'mpesa_collection', 'mpesa_utility', 'customer_payable', 'vendor_payable', 'parked', 'residue',
    'fees', 'capital'));
CREATE DOMAIN ledger_asset AS text CHECK (VALUE IN ('KES', 'USDT', 'USDC'));
CREATE DOMAIN posted AS bigint CHECK (VALUE <> 0);
COMMENT ON DOMAIN posted IS 'cents of a shilling or 10^-8 of a coin; debits are positive';
