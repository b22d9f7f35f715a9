-- Orders whose deadline has passed on the chain's clock, with nothing left to tell them, and what lies
-- at their addresses.
SELECT orders.id, orders.expires_at, orders.asset, orders.escrow_address,
    greatest(came.minor - swept.minor, 0)::bigint AS held
FROM orders, LATERAL (
    SELECT coalesce(sum(amount) FILTER (WHERE asset = orders.asset AND stage = 'final'), 0) AS minor,
        coalesce(bool_or(told IS DISTINCT FROM stage AND NOT (told IS NULL AND stage = 'orphaned')), false)
            AS is_untold
    FROM chain_deposits
    WHERE order_id = orders.id
) AS came, LATERAL (
    SELECT coalesce(sum(units), 0) * 100 AS minor
    FROM chain_transfers
    WHERE order_id = orders.id AND asset = orders.asset AND kind = 'sweep' AND state = 'done'
) AS swept
WHERE orders.state IN ('awaiting_payment', 'awaiting_deposit') AND orders.collection_id IS NULL
    AND orders.state = 'awaiting_deposit' AND orders.network = $1 AND orders.expires_at < $2
    AND NOT came.is_untold AND (orders.expires_at, orders.id) > ($3, $4)
ORDER BY orders.expires_at, orders.id
LIMIT $5
