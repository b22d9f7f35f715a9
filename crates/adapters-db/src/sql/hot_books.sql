-- What a hot wallet should hold of a coin, and how much of it is moving. What is in flight and was
-- touched just now counts twice: it only makes the patience larger.
SELECT minor, is_opened, flying.minor_moved + recent.minor_moved
FROM (
    SELECT coalesce(sum(amount), 0)::bigint AS minor
    FROM ledger_postings
    WHERE account = $1 AND asset = $2
) AS books, (
    SELECT EXISTS (SELECT FROM ledger_entries WHERE cause = $3) AS is_opened
) AS opening, (
    SELECT coalesce(sum(units) * 100, 0)::bigint AS minor_moved
    FROM chain_transfers WHERE network = $4 AND asset = $2 AND state = 'in_flight'
) AS flying, (
    SELECT coalesce(sum(units) * 100, 0)::bigint AS minor_moved
    FROM chain_transfers WHERE network = $4 AND asset = $2 AND updated_at > $5
) AS recent
