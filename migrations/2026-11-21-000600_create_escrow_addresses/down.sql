DROP TABLE escrow_addresses;
DROP SEQUENCE escrow_index_tron;
DROP SEQUENCE escrow_index_ethereum;
