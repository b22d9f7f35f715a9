-- What has left the float since it was told, or may yet. The words of partial indexes stand here as
-- they stand there; nothing is changed before it is sent.
SELECT (
    SELECT coalesce(sum(amount), 0)
    FROM disbursements
    WHERE kind = 'payout'
        AND state IN ('sending', 'accepted', 'submit_unknown', 'failed_unconfirmed')
)::bigint + (
    SELECT coalesce(sum(amount), 0)
    FROM disbursements
    WHERE kind = 'payout' AND state = 'paid' AND updated_at > $1 AND sent_at > $1
)::bigint
