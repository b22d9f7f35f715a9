-- What is done once per so much time, by whichever process comes first.
CREATE TABLE rail_turns (
    name    text        PRIMARY KEY,
    last_at timestamptz NOT NULL
);
GRANT SELECT, INSERT ON rail_turns TO kivuko_app;
GRANT UPDATE (last_at) ON rail_turns TO kivuko_app;
