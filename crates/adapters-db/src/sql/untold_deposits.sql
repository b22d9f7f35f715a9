-- What an order must be told now: the words of the partial index stand here as they stand there.
SELECT order_id, tx_hash, ordinal
FROM chain_deposits
WHERE network = $1 AND told IS DISTINCT FROM stage AND NOT (told IS NULL AND stage = 'orphaned')
    AND retry_at <= $2
ORDER BY block_height, tx_hash, ordinal
LIMIT $3
