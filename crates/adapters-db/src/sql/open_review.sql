-- A review of the subject, unless the item was told before. Whoever comes second waits for the first and
-- finds it open; the item is counted where it is added.
INSERT INTO reviews (order_id, kind, subject, detail, opened_at, last_at, is_condition)
SELECT $1, $2, $3, $4, $5, $5, $6 = 1
WHERE NOT EXISTS (SELECT FROM review_items WHERE cause = $7)
ON CONFLICT (subject) WHERE closed_at IS NULL
DO UPDATE SET last_at = GREATEST(reviews.last_at, excluded.last_at)
RETURNING id
