-- Customers, vendors and admins. Orders and offers may name nobody else.
CREATE TABLE parties (
    id         uuid        PRIMARY KEY,
    role       text        NOT NULL CHECK (role IN ('customer', 'vendor', 'admin')),
    email      text        NOT NULL CHECK (email LIKE '_%@_%' AND length(email) <= 254),
    phone      text        NOT NULL CHECK (phone ~ '^254[17][0-9]{8}$'),
    first_name text        NOT NULL CHECK (first_name <> '' AND length(first_name) <= 100),
    last_name  text        NOT NULL CHECK (last_name <> '' AND length(last_name) <= 100),
    created_at timestamptz NOT NULL
);
COMMENT ON COLUMN parties.phone IS 'MSISDN as M-Pesa spells it, without +';
CREATE UNIQUE INDEX parties_email_key ON parties (lower(email));
GRANT SELECT, INSERT ON parties TO kivuko_app;
