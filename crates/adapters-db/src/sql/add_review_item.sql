WITH item AS (
    INSERT INTO review_items (cause, review_id, order_id, detail, at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (cause) DO NOTHING
    RETURNING review_id
)
UPDATE reviews SET items = items + 1 FROM item WHERE reviews.id = item.review_id
