-- The breaker counts what may have been refused while it probes, and knows what the float holds.
ALTER TABLE rail_circuit
    ADD COLUMN unproven         integer NOT NULL DEFAULT 0,
    ADD COLUMN tried_at         timestamptz,
    ADD COLUMN float_told       bigint,
    ADD COLUMN float_told_at    timestamptz,
    ADD COLUMN float_off        bigint,
    ADD COLUMN short_asked      amount,
    ADD COLUMN short_since      timestamptz,
    ADD COLUMN short_seen_at    timestamptz,
    ADD COLUMN short_refused_at timestamptz,
    ADD COLUMN short_reviewed   boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT rail_circuit_counts_uses CHECK (unproven >= 0),
    ADD CONSTRAINT rail_circuit_float_is_dated CHECK (
        (float_told IS NULL) = (float_told_at IS NULL) AND float_told >= 0),
    ADD CONSTRAINT rail_circuit_shortage_is_whole CHECK (
        (short_asked IS NULL) = (short_since IS NULL)
        AND (short_asked IS NULL) = (short_seen_at IS NULL)
        AND (short_asked IS NOT NULL OR (short_refused_at IS NULL AND NOT short_reviewed)));
COMMENT ON COLUMN rail_circuit.unproven IS
    'uses of our initiator since the rail last accepted one, each of which it may have refused';
COMMENT ON COLUMN rail_circuit.tried_at IS 'when our initiator was last used while probing';
COMMENT ON COLUMN rail_circuit.float_told IS 'cents that the rail says payouts can be paid from';
COMMENT ON COLUMN rail_circuit.float_told_at IS 'when it told so';
COMMENT ON COLUMN rail_circuit.float_off IS 'cents that it told more than the books held; null before they were compared';
COMMENT ON COLUMN rail_circuit.short_asked IS 'cents of the largest payout that waits for the float';
COMMENT ON COLUMN rail_circuit.short_since IS 'since when the float is too low';
COMMENT ON COLUMN rail_circuit.short_seen_at IS 'when a payout last found too little';
COMMENT ON COLUMN rail_circuit.short_refused_at IS
    'when the rail itself refused a payout for it: none goes before the balance is told anew';
COMMENT ON COLUMN rail_circuit.short_reviewed IS 'an operator has been called';
GRANT UPDATE (unproven, tried_at, float_told, float_told_at, float_off, short_asked, short_since, short_seen_at,
    short_refused_at, short_reviewed) ON rail_circuit TO kivuko_app;
