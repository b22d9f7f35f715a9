DROP TABLE ledger_postings;
DROP TABLE ledger_entries;
DROP FUNCTION refuse_unbalanced_posting, refuse_unbalanced_entry, refuse_unbalanced;
