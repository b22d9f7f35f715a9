-- Customers, vendors and admins. Orders and offers may name nobody else.
CREATE TABLE parties (
    id         uuid        PRIMARY KEY,
    role       party_role  NOT NULL,
    email      email       NOT NULL,
    phone      msisdn      NOT NULL,
    first_name person_name NOT NULL,
    last_name  person_name NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX parties_email_key ON parties (lower(email));
GRANT SELECT, INSERT ON parties TO kivuko_app;
