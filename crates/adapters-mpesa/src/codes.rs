//! Every result code and what it proves, in one room. A code that is not here proves nothing.
//! Sources are Safaricom's portal, captures of real traffic and, for a few, other people's word.

use domain::order::{ErrorCode, Leg};
use domain::rail::{CollectionOutcome, Fault, Notice, PayoutOutcome};

/// What a result code says of a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PushClass {
    Paid,
    /// Definitely not paid.
    NotPaid,
    /// Not paid; the customer may try again.
    Retryable,
    /// Not paid, because our short code is set up wrongly.
    Misconfigured,
    /// Still under way.
    Undecided,
}

use PushClass::{Misconfigured, NotPaid, Paid, Retryable, Undecided};

#[rustfmt::skip]
const PUSH: &[(&str, PushClass)] = &[
    ("0",          Paid),
    ("1",          Retryable),      // insufficient balance, Fuliza included
    ("2",          NotPaid),        // below the minimum
    ("3",          NotPaid),        // above the maximum
    ("4",          NotPaid),        // the customer's daily limit
    ("8",          NotPaid),        // the receiving account's maximum balance
    ("11",         NotPaid),        // the debit party is in an invalid state
    ("17",         Retryable),      // the same amount of the same customer within two minutes
    ("26",         Retryable),      // system busy
    ("1001",       Retryable),      // unable to lock the subscriber
    ("1019",       Retryable),      // expired
    ("1025",       Retryable),      // the prompt could not be sent, or is longer than 182 characters
    ("1031",       Retryable),      // cancelled by the customer
    ("1032",       Retryable),      // cancelled by the customer, or timed out on the handset
    ("1036",       Retryable),      // the handset was not reached (captures of 2018 and 2019)
    ("1037",       Retryable),      // no answer from the handset
    ("2001",       Retryable),      // the customer's PIN was wrong; it does not speak of our initiator
    ("2028",       Misconfigured),  // kind or party B do not fit the product
    ("4999",       Undecided),      // still under processing
    ("8006",       NotPaid),        // the customer's PIN is locked
    ("9999",       Retryable),      // the prompt could not be sent
    ("E3008",      NotPaid),        // bad debt contract: a real number in the sandbox
    ("SFC_IC0003", Misconfigured),  // the operator does not exist: kind or party B are wrong
];

/// What a result code says of a payout or a reversal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PayoutClass {
    Done,
    /// Done before, by an earlier request for the same receipt.
    DoneBefore,
    NotDone(Fault),
    Undecided,
}

#[rustfmt::skip]
const PAYOUT: &[(&str, PayoutClass)] = &[
    ("0",          PayoutClass::Done),
    ("1",          PayoutClass::NotDone(Fault::Float)),        // our balance is insufficient
    ("2",          PayoutClass::NotDone(Fault::Sender)),       // below the minimum
    ("3",          PayoutClass::NotDone(Fault::Sender)),       // above the maximum
    ("4",          PayoutClass::NotDone(Fault::Receiver)),     // the receiver's daily limit
    ("8",          PayoutClass::NotDone(Fault::Receiver)),     // the receiver's maximum balance
    ("11",         PayoutClass::NotDone(Fault::Credentials)),  // our account is inactive: stop all
    ("15",         PayoutClass::Undecided),                    // duplicate: the first may have paid
    ("17",         PayoutClass::Undecided),                    // internal
    ("18",         PayoutClass::NotDone(Fault::Credentials)),  // initiator credential: going on locks it
    ("19",         PayoutClass::Undecided),                    // sequencing
    ("20",         PayoutClass::NotDone(Fault::Credentials)),  // unresolved initiator
    ("21",         PayoutClass::NotDone(Fault::Credentials)),  // the initiator lacks the role
    ("22",         PayoutClass::NotDone(Fault::Credentials)),  // initiator and primary party
    ("24",         PayoutClass::NotDone(Fault::Sender)),       // a field is missing
    ("25",         PayoutClass::NotDone(Fault::Sender)),       // a field is wrong
    ("26",         PayoutClass::Undecided),                    // system busy
    ("29",         PayoutClass::NotDone(Fault::Sender)),       // wrong command
    ("2001",       PayoutClass::NotDone(Fault::Credentials)),  // the initiator's password is wrong
    ("2006",       PayoutClass::NotDone(Fault::Credentials)),  // our account is inactive: stop all
    ("2028",       PayoutClass::NotDone(Fault::Credentials)),  // our short code may not pay out: stop all
    ("2040",       PayoutClass::NotDone(Fault::Receiver)),     // not registered for M-Pesa
    ("8006",       PayoutClass::NotDone(Fault::Credentials)),  // the initiator is locked
    ("R000001",    PayoutClass::DoneBefore),                   // reversed already
    ("R000002",    PayoutClass::NotDone(Fault::Sender)),       // no such receipt
    ("SFC_IC0003", PayoutClass::NotDone(Fault::Receiver)),     // no such number
];

/// Result codes of a status question that fault our initiator.
const STATUS_CREDENTIALS: [&str; 6] = ["18", "20", "21", "22", "2001", "8006"];

/// How a status names a payment's fate for good, apart from `Completed`.
const FINAL_FAILURES: [&str; 7] =
    ["cancelled", "canceled", "declined", "expired", "failed", "reversed", "rejected"];

/// Why a prompt came to nothing, for whoever was asked to pay. `4999` and what is not here say nothing.
#[rustfmt::skip]
const PUSH_ERRORS: &[(&str, ErrorCode)] = &[
    ("1",          ErrorCode::InsufficientFunds),
    ("2",          ErrorCode::AmountRefused),
    ("3",          ErrorCode::AmountRefused),
    ("4",          ErrorCode::PayerLimit),
    ("8",          ErrorCode::ServiceFault),     // it is our account that is full
    ("11",         ErrorCode::PayerBarred),
    ("17",         ErrorCode::TooSoon),
    ("26",         ErrorCode::RailUnavailable),
    ("1001",       ErrorCode::PhoneBusy),
    ("1019",       ErrorCode::NoResponse),
    ("1025",       ErrorCode::RailUnavailable),
    ("1031",       ErrorCode::PayerCancelled),
    ("1032",       ErrorCode::PayerCancelled),
    ("1036",       ErrorCode::NoResponse),
    ("1037",       ErrorCode::NoResponse),
    ("2001",       ErrorCode::WrongPin),
    ("2028",       ErrorCode::ServiceFault),
    ("8006",       ErrorCode::PinLocked),
    ("9999",       ErrorCode::RailUnavailable),
    ("E3008",      ErrorCode::PayerBarred),
    ("SFC_IC0003", ErrorCode::ServiceFault),
];

/// Why nobody was paid, where it is the receiver's to mend.
#[rustfmt::skip]
const PAYOUT_ERRORS: &[(&str, ErrorCode)] = &[
    ("4",          ErrorCode::ReceiverLimit),
    ("8",          ErrorCode::ReceiverLimit),
    ("2040",       ErrorCode::ReceiverNotRegistered),
    ("SFC_IC0003", ErrorCode::ReceiverNotRegistered),
];

/// What a code says of an attempt that did not work.
pub(crate) fn explain(leg: Leg, code: &str) -> ErrorCode {
    let table = match leg {
        Leg::Collection => PUSH_ERRORS,
        Leg::Payout | Leg::Refund => PAYOUT_ERRORS,
    };
    find(table, code).unwrap_or(ErrorCode::Unknown)
}

pub(crate) fn push_class(code: &str) -> PushClass {
    find(PUSH, code).unwrap_or(Undecided)
}

pub(crate) fn payout_class(code: &str) -> PayoutClass {
    find(PAYOUT, code).unwrap_or(PayoutClass::Undecided)
}

pub(crate) fn status_fault(code: &str) -> Option<Fault> {
    STATUS_CREDENTIALS.contains(&code).then_some(Fault::Credentials)
}

pub(crate) fn is_final_failure(status: &str) -> bool {
    FINAL_FAILURES.contains(&status.to_ascii_lowercase().as_str())
}

fn find<T: Copy>(table: &[(&str, T)], code: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == code).map(|(_, class)| *class)
}

/// What a code that is not a success says of a prompt.
pub(crate) fn unpaid(code: String) -> CollectionOutcome {
    match push_class(&code) {
        NotPaid | Retryable | Misconfigured => CollectionOutcome::NotPaid { code },
        Paid | Undecided => CollectionOutcome::Undecided { code },
    }
}

/// Codes that call for somebody who can change the set-up.
pub(crate) fn raise_alarm(notice: &Notice) {
    match notice {
        Notice::Collection(told) => alarm_for_prompt(&told.outcome),
        Notice::Outcome(told) => {
            if let PayoutOutcome::NotDone { code, fault: Fault::Credentials } = &told.outcome {
                tracing::error!(%code, "the rail refuses our initiator or our short code");
            }
        }
        _ => {}
    }
}

pub(crate) fn alarm_for_prompt(outcome: &CollectionOutcome) {
    if let CollectionOutcome::NotPaid { code } = outcome
        && push_class(code) == Misconfigured
    {
        tracing::error!(%code, "the short code of prompts is set up wrongly");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_that_ends_a_prompt_has_a_reason_and_an_unknown_code_is_unknown() {
        for (code, class) in PUSH {
            let is_known = explain(Leg::Collection, code) != ErrorCode::Unknown;
            assert_eq!(is_known, !matches!(class, Paid | Undecided), "{code}");
        }
        for (code, class) in PAYOUT {
            let is_known = explain(Leg::Payout, code) != ErrorCode::Unknown;
            assert_eq!(is_known, *class == PayoutClass::NotDone(Fault::Receiver), "{code}");
        }
        for code in ["", "0", "7777", "1032 ", "x"] {
            for leg in Leg::ALL {
                assert_eq!(explain(leg, code), ErrorCode::Unknown, "{code}");
            }
        }
    }
}
