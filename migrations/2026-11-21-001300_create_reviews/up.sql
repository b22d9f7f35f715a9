-- The operators' queue: what only a person can settle.
CREATE TABLE reviews (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id   uuid        REFERENCES orders,
    kind       text        NOT NULL,
    cause      cause       NOT NULL UNIQUE,
    detail     text        NOT NULL,
    opened_at  timestamptz NOT NULL,
    closed_at  timestamptz,
    resolution text,
    CONSTRAINT reviews_closed_has_resolution CHECK ((closed_at IS NULL) = (resolution IS NULL))
);
COMMENT ON COLUMN reviews.cause IS 'makes it the same item when it is told again, closed or not';
COMMENT ON COLUMN reviews.resolution IS 'what the person who closed it has done';
CREATE INDEX reviews_open ON reviews (opened_at, id) WHERE closed_at IS NULL;
GRANT SELECT, INSERT ON reviews TO kivuko_app;
