-- What the float should hold, and what has left it or may have. The words of partial indexes stand
-- here as they stand there. Other wallets have openings too: the float's is one that posts to it.
SELECT utility, is_opened, way.cents, recent.cents, way.number + recent.number
FROM (
    SELECT coalesce(sum(amount), 0)::bigint AS utility
    FROM ledger_postings
    WHERE account = 'mpesa_utility' AND asset = 'KES'
) AS books, (
    SELECT EXISTS (
        SELECT FROM ledger_entries JOIN ledger_postings ON entry_id = id
        WHERE cause LIKE 'opening:%' AND account = 'mpesa_utility') AS is_opened
) AS opening, (
    SELECT coalesce(sum(amount), 0)::bigint AS cents, count(*) AS number
    FROM disbursements
    WHERE kind = 'payout'
        AND state IN ('sending', 'accepted', 'submit_unknown', 'failed_unconfirmed')
) AS way, (
    SELECT coalesce(sum(amount), 0)::bigint AS cents, count(*) AS number
    FROM disbursements
    WHERE kind = 'payout' AND state = 'paid' AND updated_at > $1
) AS recent
