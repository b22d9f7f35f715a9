-- Leases callbacks that nobody has read and nobody is reading: as claim_jobs.sql does it.
UPDATE callbacks
SET leased_until = clock_timestamp() + $1 * interval '1 microsecond', fence = fence + 1,
    attempts = attempts + 1
WHERE id = ANY (ARRAY(
    SELECT id
    FROM callbacks
    WHERE settled_at IS NULL AND (leased_until IS NULL OR leased_until <= clock_timestamp())
    ORDER BY received_at, id
    LIMIT $2
    FOR NO KEY UPDATE SKIP LOCKED
))
RETURNING id, fence, attempts, hook, token_hash, source, from_rail, body, received_at
