-- What is not finished is walked over all the time, beside millions of orders that are.
CREATE INDEX orders_open ON orders (id) WHERE state NOT IN ('completed', 'cancelled', 'refunded');
CREATE INDEX outbox_open ON outbox (order_id, id) WHERE done_at IS NULL;
