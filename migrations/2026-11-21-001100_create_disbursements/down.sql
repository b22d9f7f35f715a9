DROP TABLE rail_circuit;
DROP TABLE disbursements;
DROP FUNCTION note_disbursement_failed;
