-- What vendors publish. Amounts are integers of 10^-8 of the asset.
CREATE TABLE offers (
    id               uuid         PRIMARY KEY,
    vendor_id        uuid         NOT NULL REFERENCES parties,
    offer_type       offer_type   NOT NULL,
    asset            asset        NOT NULL,
    crypto_amount    amount       NOT NULL,
    available_amount bigint       NOT NULL,
    held_amount      bigint       NOT NULL DEFAULT 0,
    rate             rate         NOT NULL,
    min_order        amount       NOT NULL,
    max_order        amount       NOT NULL,
    description      description,
    status           offer_status NOT NULL,
    terms_version    integer      NOT NULL DEFAULT 1,
    created_at       timestamptz  NOT NULL,
    updated_at       timestamptz  NOT NULL,
    deleted_at       timestamptz,
    CONSTRAINT offers_limits_in_order CHECK (min_order <= max_order),
    CONSTRAINT offers_held_is_covered CHECK (0 <= held_amount AND held_amount <= available_amount
                                             AND available_amount <= crypto_amount),
    -- Orders refer to both, so that an order's vendor is its offer's.
    UNIQUE (id, vendor_id)
) WITH (fillfactor = 50); -- room for holds to be updated in place
COMMENT ON COLUMN offers.available_amount IS 'what is left, holds included; falls when an order completes';
COMMENT ON COLUMN offers.held_amount IS 'what open orders hold of available_amount';
COMMENT ON COLUMN offers.terms_version IS 'counts the vendor''s changes; an order is placed on known terms only';
CREATE INDEX offers_by_vendor ON offers (vendor_id, id);
CREATE INDEX offers_newest ON offers (created_at, id);
GRANT SELECT, INSERT ON offers TO kivuko_app;
GRANT UPDATE (available_amount, held_amount, rate, min_order, max_order, description, status,
              terms_version, updated_at) ON offers TO kivuko_app;
