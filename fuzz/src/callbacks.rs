//! Every door, with any bytes.

use adapters_mpesa::read_notice;
use domain::rail::{CollectionOutcome, Fate, Hook, Notice, PayoutOutcome};
use serde_json::Value;

use crate::told::{
    LONGEST_CODE, LONGEST_ID, LONGEST_WORDS, check_filled, check_receipt, check_text, says,
};

/// Reads `body` at every door and checks what comes of it.
pub fn check(body: &[u8]) {
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    for hook in Hook::ALL {
        for is_balance in [false, true] {
            match read_notice(hook, is_balance, body) {
                Ok(notice) => check_notice(hook, is_balance, &notice, &json),
                Err(error) => check_filled("an error", &error.0, LONGEST_WORDS),
            }
        }
    }
}

fn check_notice(hook: Hook, is_balance: bool, notice: &Notice, json: &Value) {
    match (hook, notice) {
        // It has no fields: nothing of its body can have gone anywhere.
        (Hook::QueueTimeout, Notice::QueueTimeout) => {}
        (Hook::Collection, Notice::Collection(told)) => {
            check_filled("a merchant request id", &told.merchant_request_id, LONGEST_ID);
            check_filled("a checkout request id", &told.checkout_request_id, LONGEST_ID);
            check_collection(&told.outcome, &json["Body"]["stkCallback"]);
        }
        (Hook::Payout, Notice::Outcome(told)) => {
            let ids = [&told.originator_conversation_id, &told.conversation_id];
            for id in ids {
                check_text("a conversation id", id, LONGEST_ID);
            }
            assert!(ids.iter().any(|id| !id.is_empty()), "of no conversation");
            check_payout(&told.outcome, &json["Result"]);
        }
        (Hook::Status, Notice::Status(told)) if !is_balance => {
            check_filled("a conversation id", &told.conversation_id, LONGEST_ID);
            check_fate(&told.fate, &json["Result"]);
        }
        // A question about our balance that failed: it is about no conversation.
        (Hook::Status, Notice::Status(told)) if is_balance => match &told.fate {
            Fate::NoAnswer { code, .. } => check_code(code),
            other => panic!("a fate out of a balance: {other:?}"),
        },
        (Hook::Status, Notice::Balance(_)) if is_balance => {
            assert!(says(json["Result"].get("ResultCode"), "0"), "a balance of a failure");
        }
        (Hook::Bill, Notice::Bill(told)) => {
            check_receipt(&told.receipt);
            assert!(told.amount.minor() > 0, "a payment of nothing");
            check_text("an account reference", &told.account_reference, LONGEST_WORDS);
        }
        other => panic!("a notice at the wrong door: {other:?}"),
    }
}

fn check_collection(outcome: &CollectionOutcome, told: &Value) {
    match outcome {
        CollectionOutcome::Paid { receipt, amount, .. } => {
            assert!(says(told.get("ResultCode"), "0"), "paid by another code: {told}");
            check_receipt(receipt);
            assert!(amount.minor() > 0, "a payment of nothing");
        }
        CollectionOutcome::NotPaid { code } | CollectionOutcome::Undecided { code } => {
            check_code(code);
        }
    }
}

fn check_payout(outcome: &PayoutOutcome, told: &Value) {
    match outcome {
        PayoutOutcome::Done { receipt, amount, .. } => {
            let code = told.get("ResultCode");
            // Reversed before, by an earlier request: tells neither receipt nor amount.
            let is_before = says(code, "R000001");
            assert!(is_before || says(code, "0"), "paid out by another code: {told}");
            assert_eq!(amount.is_none(), is_before, "{told}");
            assert!(amount.is_none_or(|amount| amount.minor() > 0), "a payout of nothing");
            if let Some(receipt) = receipt {
                check_receipt(receipt);
            }
        }
        PayoutOutcome::NotDone { code, .. } | PayoutOutcome::Undecided { code } => check_code(code),
    }
}

fn check_fate(fate: &Fate, told: &Value) {
    match fate {
        Fate::Completed { receipt, amount, .. } => {
            assert!(says(told.get("ResultCode"), "0"), "completed by a failure: {told}");
            assert!(has_status(told, "completed"), "completed by another word: {told}");
            check_receipt(receipt);
            assert!(amount.minor() > 0, "a payment of nothing");
        }
        Fate::Failed(word) => {
            check_filled("a status", word, LONGEST_WORDS);
            assert!(has_status(told, word), "failed by another word: {told}");
        }
        Fate::Pending(word) => check_text("a status", word, LONGEST_WORDS),
        Fate::NoAnswer { code, .. } => check_code(code),
    }
}

fn check_code(code: &str) {
    check_filled("a code", code, LONGEST_CODE);
}

/// Whether a `TransactionStatus` says this word, in the list or as its only item.
fn has_status(told: &Value, word: &str) -> bool {
    let list = &told["ResultParameters"]["ResultParameter"];
    let items = list.as_array().map_or(std::slice::from_ref(list), Vec::as_slice);
    let is_it = |item: &Value| {
        let name = item.get("Name").or_else(|| item.get("Key")).and_then(Value::as_str);
        name.is_some_and(|name| name.trim() == "TransactionStatus") && says(item.get("Value"), word)
    };
    items.iter().any(is_it)
}
