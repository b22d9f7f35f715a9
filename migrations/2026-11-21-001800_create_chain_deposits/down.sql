DROP TABLE chain_deposits;
DROP FUNCTION refuse_undoing_deposit;
DROP TABLE chain_blocks;
DROP TABLE chain_cursors;
