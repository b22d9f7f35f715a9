-- Posts an entry with its postings; nothing where its cause is posted already.
WITH entry AS (
    INSERT INTO ledger_entries (order_id, cause, at)
    VALUES ($1, $2, $3)
    ON CONFLICT (cause) DO NOTHING
    RETURNING id
)
INSERT INTO ledger_postings (entry_id, account, asset, party_id, amount)
SELECT entry.id, posting.*
FROM entry, unnest($4, $5, $6, $7) posting
