-- Brings a job forward, or opens it again if it was done: when it was due then says nothing now. A
-- lease stays: whoever holds it goes on.
UPDATE outbox
SET available_at = least(CASE WHEN done_at IS NULL THEN available_at END, $1), done_at = NULL
WHERE idempotency_key = $2
