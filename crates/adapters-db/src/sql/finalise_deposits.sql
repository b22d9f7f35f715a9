-- What stands no higher than this is final.
UPDATE chain_deposits
SET stage = 'final'
WHERE network = $1 AND block_height <= $2 AND stage = 'seen'
