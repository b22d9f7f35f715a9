-- The rail's bearer token, which all processes share: a new one may kill the old one. It is good for an
-- hour and worth nothing without our short codes; still, dumps of this table are secret.
CREATE TABLE rail_token (
    is_the_one    boolean     PRIMARY KEY DEFAULT true,
    secret        text,
    expires_at    timestamptz,
    claimed_until timestamptz,
    CONSTRAINT rail_token_is_one CHECK (is_the_one),
    CONSTRAINT rail_token_is_whole CHECK ((secret IS NULL) = (expires_at IS NULL))
);
COMMENT ON COLUMN rail_token.claimed_until IS 'somebody is asking for a new one until then';
INSERT INTO rail_token DEFAULT VALUES;
GRANT SELECT ON rail_token TO kivuko_app;
GRANT UPDATE (secret, expires_at, claimed_until) ON rail_token TO kivuko_app;
