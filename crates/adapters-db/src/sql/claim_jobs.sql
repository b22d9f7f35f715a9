-- Leases jobs of some kinds that are due and nobody's. The ids are an array so that they are picked
-- once, before the update. Due times are the caller's, leases the database's: all who lease share
-- its clock.
UPDATE outbox
SET leased_until = clock_timestamp() + $1 * interval '1 microsecond', fence = fence + 1,
    attempts = attempts + 1
WHERE id = ANY (ARRAY(
    SELECT id
    FROM outbox
    WHERE done_at IS NULL AND kind = ANY ($2) AND available_at <= $3
        AND (leased_until IS NULL OR leased_until <= clock_timestamp())
    ORDER BY available_at, id
    LIMIT $4
    FOR NO KEY UPDATE SKIP LOCKED
))
RETURNING available_at, id, order_id, payload, idempotency_key, attempts, fence
