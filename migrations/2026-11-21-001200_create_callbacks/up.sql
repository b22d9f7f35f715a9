-- What the rail tells by calling back: kept as it came, read later, by one reader at a time.
CREATE TABLE callback_tokens (
    token_hash   sha256       NOT NULL,
    hook         hook         NOT NULL,
    subject_kind subject_kind NOT NULL,
    subject_id   uuid,
    created_at   timestamptz  NOT NULL,
    PRIMARY KEY (hook, token_hash),
    CONSTRAINT callback_tokens_subject_is_named CHECK (
        (subject_kind IN ('collection', 'disbursement')) = (subject_id IS NOT NULL))
);
COMMENT ON COLUMN callback_tokens.token_hash IS 'SHA-256 of the URL''s secret part, which is not stored';
GRANT SELECT, INSERT ON callback_tokens TO kivuko_app;

CREATE TABLE callbacks (
    id           bigint        GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hook         hook          NOT NULL,
    token_hash   sha256        NOT NULL,
    source       text          NOT NULL,
    from_rail    boolean       NOT NULL,
    body         callback_body NOT NULL,
    dedupe       sha256        NOT NULL UNIQUE,
    received_at  timestamptz   NOT NULL,
    attempts     integer       NOT NULL DEFAULT 0,
    fence        bigint        NOT NULL DEFAULT 0,
    leased_until timestamptz,
    settled_at   timestamptz,
    outcome      text,
    CONSTRAINT callbacks_settled_has_outcome CHECK ((settled_at IS NULL) = (outcome IS NULL))
);
COMMENT ON COLUMN callbacks.source IS 'the address that it came from';
COMMENT ON COLUMN callbacks.dedupe IS 'SHA-256 of hook, token and body: told again, it is the same';
COMMENT ON COLUMN callbacks.fence IS 'grows with every lease; a reader under an older one is refused';
COMMENT ON COLUMN callbacks.outcome IS 'what was made of it';
CREATE INDEX callbacks_unread ON callbacks (received_at, id) WHERE settled_at IS NULL;
GRANT SELECT, INSERT ON callbacks TO kivuko_app;
GRANT UPDATE (attempts, fence, leased_until, settled_at, outcome) ON callbacks TO kivuko_app;
