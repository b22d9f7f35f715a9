-- Notes the last sequence that was given out. It never goes down.
INSERT INTO chain_sequences AS known (network, address, last)
VALUES ($1, $2, $3)
ON CONFLICT (network, address) DO UPDATE SET last = excluded.last
WHERE known.last <= excluded.last
