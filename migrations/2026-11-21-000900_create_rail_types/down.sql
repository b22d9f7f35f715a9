DROP DOMAIN posted, ledger_asset, ledger_account, callback_body, subject_kind, hook, circuit_state,
            disbursement_kind, disbursement_state, collection_state, cause, receipt, account_reference;
