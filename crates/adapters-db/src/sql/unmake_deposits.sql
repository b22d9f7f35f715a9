-- What stood above a height is gone.
UPDATE chain_deposits
SET stage = CASE stage WHEN 'final' THEN 'reverted' ELSE 'orphaned' END
WHERE network = $1 AND block_height > $2 AND stage IN ('seen', 'final')
