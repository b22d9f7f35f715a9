DROP TABLE rail_token;
