-- The first children of an account that was never counted: above every number that was ever stored. If
-- somebody else has begun to count it meanwhile, the next ones.
INSERT INTO escrow_accounts (account, next_index)
SELECT $1::text, coalesce(max(escrow_index) + 1, 0) + $2::int FROM escrow_addresses
ON CONFLICT (account) DO UPDATE SET next_index = escrow_accounts.next_index + $2::int
RETURNING next_index - $2::int AS first
