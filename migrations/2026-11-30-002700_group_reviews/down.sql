REVOKE UPDATE (items, last_at, closed_at, resolution) ON reviews FROM kivuko_app;
DROP INDEX reviews_open_of_order;
DROP INDEX reviews_open_subject;
ALTER TABLE reviews ADD COLUMN cause cause;
UPDATE reviews SET cause = coalesce(
    (SELECT min(cause) FROM review_items WHERE review_id = reviews.id), 'review:' || id);
DROP TABLE review_items;
ALTER TABLE reviews
    ALTER COLUMN cause SET NOT NULL,
    ADD CONSTRAINT reviews_cause_key UNIQUE (cause),
    DROP CONSTRAINT reviews_count,
    DROP COLUMN subject,
    DROP COLUMN items,
    DROP COLUMN last_at,
    DROP COLUMN is_condition;
