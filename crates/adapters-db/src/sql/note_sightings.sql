-- Stores what arrived at escrow addresses, all of a slice at once; nobody's is left out. What is known
-- and not final moves to where the chain has it now.
INSERT INTO chain_deposits AS known (network, tx_hash, ordinal, token, asset, from_address, to_address,
    units, amount, block_height, block_hash, block_time, order_id, stage, retry_at, detected_at)
SELECT DISTINCT ON (told.tx_hash, told.ordinal)
    $1::text, told.tx_hash, told.ordinal, told.token, told.asset, told.from_address, told.to_address,
    told.units::numeric, told.amount, told.height, told.hash, told.at, owner.order_id,
    CASE WHEN told.height <= $2::bigint THEN 'final' ELSE 'seen' END, $3::timestamptz, $3::timestamptz
FROM unnest($4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
        $11::bigint[], $12::bigint[], $13::text[], $14::timestamptz[]) WITH ORDINALITY
    AS told (tx_hash, ordinal, token, asset, from_address, to_address, units, amount, height, hash, at,
        place)
JOIN escrow_addresses owner ON owner.network = $1::text AND owner.address = told.to_address
ORDER BY told.tx_hash, told.ordinal, told.place DESC
ON CONFLICT (network, tx_hash, ordinal) DO UPDATE
SET block_height = excluded.block_height, block_hash = excluded.block_hash,
    block_time = excluded.block_time, stage = excluded.stage
WHERE known.stage <> 'final'
    AND (known.block_height, known.block_hash, known.block_time, known.stage) IS DISTINCT FROM
        (excluded.block_height, excluded.block_hash, excluded.block_time, excluded.stage)
