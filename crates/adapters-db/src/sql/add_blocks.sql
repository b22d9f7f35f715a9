-- Remembers blocks. One of another name at a known height is not stored.
INSERT INTO chain_blocks (network, height, hash, time)
SELECT $1::text, block.* FROM unnest($2::bigint[], $3::text[], $4::timestamptz[]) block
ON CONFLICT (network, height) DO UPDATE SET time = excluded.time
WHERE chain_blocks.hash = excluded.hash
