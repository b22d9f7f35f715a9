-- Leases the job with this key, due or not, unless it is done or somebody's.
UPDATE outbox
SET leased_until = clock_timestamp() + $1 * interval '1 microsecond', fence = fence + 1,
    attempts = attempts + 1
WHERE idempotency_key = $2 AND done_at IS NULL
    AND (leased_until IS NULL OR leased_until <= clock_timestamp())
RETURNING available_at, id, order_id, payload, idempotency_key, attempts, fence
