-- Notes that a sweep has left nothing of what is final by now.
UPDATE chain_deposits
SET is_emptied = true
WHERE order_id = $1 AND asset = $2 AND stage = 'final' AND NOT is_emptied
    AND (SELECT sum(amount) FROM chain_deposits
         WHERE order_id = $1 AND asset = $2 AND stage = 'final')
        <= (SELECT sum(units) * 100 FROM chain_transfers
            WHERE order_id = $1 AND asset = $2 AND kind = 'sweep' AND state = 'done')
