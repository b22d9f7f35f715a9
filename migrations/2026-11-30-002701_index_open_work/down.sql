DROP INDEX outbox_open;
DROP INDEX orders_open;
