-- What the float should hold, and what has left it or may have. The words of partial indexes stand
-- here as they stand there.
SELECT
    (
        SELECT coalesce(sum(amount), 0)::bigint
        FROM ledger_postings
        WHERE account = 'mpesa_utility' AND asset = 'KES'
    ),
    EXISTS (SELECT FROM ledger_entries WHERE cause LIKE 'opening:%'),
    (
        SELECT coalesce(sum(amount), 0)::bigint
        FROM disbursements
        WHERE kind = 'payout'
            AND state IN ('sending', 'accepted', 'submit_unknown', 'failed_unconfirmed')
    ),
    (
        SELECT coalesce(sum(amount), 0)::bigint
        FROM disbursements
        WHERE kind = 'payout' AND state = 'paid' AND updated_at > $1
    )
