DROP TABLE order_events;
DROP FUNCTION refuse_change;
