-- One open review for each thing that an operator can look at, with all that was told of it as items:
-- a stranger's hundred payments are one review of a hundred items.
ALTER TABLE reviews
    ADD COLUMN subject      cause,
    ADD COLUMN items        integer     NOT NULL DEFAULT 0,
    ADD COLUMN last_at      timestamptz,
    ADD COLUMN is_condition boolean     NOT NULL DEFAULT false;
UPDATE reviews SET subject = cause, items = 1, last_at = opened_at;
ALTER TABLE reviews
    ALTER COLUMN subject SET NOT NULL,
    ALTER COLUMN last_at SET NOT NULL,
    ADD CONSTRAINT reviews_count CHECK (items >= 0 AND last_at >= opened_at);
COMMENT ON COLUMN reviews.subject IS 'what is to be looked at: one open review for each';
COMMENT ON COLUMN reviews.items IS 'how many items it has';
COMMENT ON COLUMN reviews.last_at IS 'when the last item came; opened_at is when the first did';
COMMENT ON COLUMN reviews.is_condition IS 'the supervisor closes it when what it says is no longer so';
COMMENT ON COLUMN reviews.resolution IS 'what whoever closed it has done, or how it settled by itself';

CREATE TABLE review_items (
    cause     cause       PRIMARY KEY,
    review_id bigint      NOT NULL REFERENCES reviews,
    order_id  uuid        REFERENCES orders,
    detail    text        NOT NULL,
    at        timestamptz NOT NULL
);
COMMENT ON TABLE review_items IS 'what was told of a review';
COMMENT ON COLUMN review_items.cause IS 'makes it the same item when it is told again, its review closed or not';
INSERT INTO review_items SELECT cause, id, order_id, detail, opened_at FROM reviews;
ALTER TABLE reviews DROP COLUMN cause;

CREATE UNIQUE INDEX reviews_open_subject ON reviews (subject) WHERE closed_at IS NULL;
CREATE INDEX reviews_open_of_order ON reviews (order_id) WHERE closed_at IS NULL;
CREATE INDEX review_items_of_review ON review_items (review_id, at, cause);
GRANT UPDATE (items, last_at, closed_at, resolution) ON reviews TO kivuko_app;
GRANT SELECT, INSERT ON review_items TO kivuko_app;
