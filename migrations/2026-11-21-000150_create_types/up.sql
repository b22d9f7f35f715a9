-- The schema's words for values. A domain's check is compiled once per session, a table's check once
-- per statement: on the hottest insert that is the difference between a tenth and a half of its cost.
CREATE DOMAIN amount AS bigint CHECK (VALUE > 0);
COMMENT ON DOMAIN amount IS '10^-8 of a coin, or cents of a Kenyan shilling';
CREATE DOMAIN rate AS numeric(8, 2) CHECK (VALUE > 0);
COMMENT ON DOMAIN rate IS 'shillings per coin';
CREATE DOMAIN asset AS text CHECK (VALUE IN ('USDT', 'USDC'));
CREATE DOMAIN network AS text CHECK (VALUE IN ('tron', 'ethereum'));
CREATE DOMAIN party_role AS text CHECK (VALUE IN ('customer', 'vendor', 'admin'));
CREATE DOMAIN offer_type AS text CHECK (VALUE IN ('SELL', 'BUY'));
CREATE DOMAIN offer_status AS text CHECK (VALUE IN ('active', 'inactive'));
CREATE DOMAIN actor AS text CHECK (VALUE IN ('customer', 'vendor', 'operator', 'system'));
CREATE DOMAIN msisdn AS text CHECK (VALUE ~ '^254[17][0-9]{8}$');
COMMENT ON DOMAIN msisdn IS 'a phone as M-Pesa spells it, without +';
CREATE DOMAIN email AS text CHECK (VALUE LIKE '_%@_%' AND length(VALUE) <= 254);
CREATE DOMAIN person_name AS text CHECK (VALUE <> '' AND length(VALUE) <= 100);
CREATE DOMAIN description AS text CHECK (length(VALUE) <= 1000);
CREATE DOMAIN ordinal AS integer CHECK (VALUE > 0);
CREATE DOMAIN child_index AS integer CHECK (VALUE >= 0);
CREATE DOMAIN sha256 AS bytea CHECK (length(VALUE) = 32);
CREATE DOMAIN key_text AS text CHECK (length(VALUE) BETWEEN 1 AND 128);
CREATE DOMAIN success_status AS smallint CHECK (VALUE BETWEEN 200 AND 299);
