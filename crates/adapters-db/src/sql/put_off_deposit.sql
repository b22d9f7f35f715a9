UPDATE chain_deposits
SET troubles = troubles + 1, retry_at = $4
WHERE network = $1 AND tx_hash = $2 AND ordinal = $3
RETURNING troubles
