DROP TABLE chain_sequences;
DROP TABLE chain_attempts;
DROP TABLE chain_transfers;
DROP FUNCTION refuse_unfounded_state, refuse_resurrection, refuse_second_life;
