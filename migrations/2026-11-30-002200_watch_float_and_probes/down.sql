ALTER TABLE rail_circuit
    DROP COLUMN unproven, DROP COLUMN tried_at, DROP COLUMN float_told, DROP COLUMN float_told_at,
    DROP COLUMN float_off,
    DROP COLUMN short_asked, DROP COLUMN short_since, DROP COLUMN short_seen_at,
    DROP COLUMN short_refused_at, DROP COLUMN short_reviewed;
