DROP TABLE own_addresses;
DROP DOMAIN address_use;
