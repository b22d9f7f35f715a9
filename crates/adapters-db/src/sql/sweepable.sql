-- Coin at addresses of orders that have ended and have nothing left to be told. What was emptied is
-- not looked at; of the rest the sums decide.
SELECT coin.order_id, owner.escrow_index, owner.address, coin.asset,
    (came.minor - swept.minor)::bigint AS held, swept.rounds
FROM (
    SELECT DISTINCT order_id, asset
    FROM chain_deposits
    WHERE network = $1 AND stage = 'final' AND NOT is_emptied AND asset IS NOT NULL
) AS coin
JOIN orders ON orders.id = coin.order_id AND orders.state IN ('completed', 'refunded', 'cancelled')
JOIN escrow_addresses owner ON owner.order_id = coin.order_id, LATERAL (
    SELECT coalesce(sum(amount) FILTER (WHERE asset = coin.asset AND stage = 'final'), 0) AS minor,
        bool_or(told IS DISTINCT FROM stage AND NOT (told IS NULL AND stage = 'orphaned')) AS is_untold
    FROM chain_deposits
    WHERE order_id = coin.order_id
) AS came, LATERAL (
    SELECT coalesce(sum(units) FILTER (WHERE state = 'done'), 0) * 100 AS minor, count(*) AS rounds,
        coalesce(bool_or(state IN ('planned', 'in_flight')), false) AS is_open
    FROM chain_transfers
    WHERE order_id = coin.order_id AND asset = coin.asset AND kind = 'sweep'
) AS swept
WHERE came.minor - swept.minor >= greatest($2, 1) AND NOT came.is_untold AND NOT swept.is_open
    AND NOT EXISTS (
        SELECT FROM outbox
        WHERE order_id = coin.order_id AND kind = 'sweep' AND done_at IS NULL
            AND payload ->> 'asset' = coin.asset)
ORDER BY coin.order_id, coin.asset DESC
LIMIT $3
