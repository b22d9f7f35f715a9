CREATE SEQUENCE escrow_index_tron     AS integer MINVALUE 0 NO CYCLE;
CREATE SEQUENCE escrow_index_ethereum AS integer MINVALUE 0 NO CYCLE;
SELECT setval(counter, (SELECT max(next_index) FROM escrow_accounts), false)
FROM (VALUES ('escrow_index_tron'), ('escrow_index_ethereum')) AS counters (counter)
WHERE EXISTS (SELECT FROM escrow_accounts);
GRANT USAGE ON SEQUENCE escrow_index_tron, escrow_index_ethereum TO kivuko_app;
DROP TABLE escrow_accounts;
DROP FUNCTION refuse_used_children();
