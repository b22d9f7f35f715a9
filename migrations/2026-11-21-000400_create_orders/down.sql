DROP TABLE orders;
DROP FUNCTION order_terms_fit, order_state_fits;
