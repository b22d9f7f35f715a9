//! Phones with a fate of their own, so that any HTTP client can walk its error paths.
//!
//! A phone of the table is `254700000` and the three digits of its suffix. Every other phone
//! approves its prompts and can be paid out to. The table in code, [`SCENARIOS`], is the truth:
//!
//! | phone | what happens |
//! |---|---|
//! | `254700000001` | the payer cancels |
//! | `254700000002` | wrong PIN |
//! | `254700000003` | no reaction, 1037 |
//! | `254700000004` | insufficient balance |
//! | `254700000005` | paid, callback lost |
//! | `254700000006` | paid, answer and callback lost |
//! | `254700000007` | 1037 first, paid later |
//! | `254700000008` | five callbacks |
//! | `254700000009` | callback with a wrong amount |
//! | `254700000010` | query pending for long |
//! | `254700000011` | query contradicts the callback |
//! | `254700000012` | busy subscriber |
//! | `254700000013` | answer lost, callback comes |
//! | `254700000014` | callback before the answer |
//! | `254700000015` | answered by hand |
//! | `254700000021` | payout: accepted, then the connection drops |
//! | `254700000022` | payout: queue timeout, then success |
//! | `254700000023` | payout: queue timeout, then failure |
//! | `254700000024` | payout: not registered |
//! | `254700000025` | payout: receiver's limit |
//! | `254700000026` | payout: result lost |
//! | `254700000027` | payout: result lost, status silent |
//! | `254700000028` | payout: reported as failed though paid |
//! | `254708374149` | the sandbox's test number: no reaction |

use time::Duration;

use super::endpoint::Endpoint;
use super::fault::FaultKind;
use super::payer::Behaviour;

/// A row of the table of phones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scenario {
    /// The last digits of the phone.
    pub suffix: &'static str,
    pub name: &'static str,
    pub what_happens: &'static str,
}

impl Scenario {
    /// The whole number.
    pub fn phone(&self) -> String {
        let stem = if self.suffix.len() == 3 { "254700000" } else { "254708" };
        format!("{stem}{}", self.suffix)
    }
}

const fn row(suffix: &'static str, name: &'static str, what_happens: &'static str) -> Scenario {
    Scenario { suffix, name, what_happens }
}

/// Every phone with a fate of its own.
pub const SCENARIOS: &[Scenario] = &[
    row("001", "cancel", "The payer declines the prompt: result code 1032."),
    row("002", "wrong_pin", "The payer types a wrong PIN: result code 2001."),
    row("003", "ignore", "The payer does not react: result code 1037 after 26 s."),
    row("004", "insufficient", "The payer's balance is too low: result code 1."),
    row("005", "callback_lost", "Paid; the callback never comes. The query says 0."),
    row("006", "answer_and_callback_lost", "Paid; neither the answer nor the callback comes."),
    row("007", "late_success", "The callback says 1037; a minute later the money moves after all."),
    row("008", "five_callbacks", "Paid; the callback comes five times at once."),
    row("009", "wrong_amount", "Paid; the callback names one shilling more."),
    row("010", "query_pending", "Paid; the query says 4999 for 15 minutes."),
    row("011", "query_contradicts", "Paid; the query says 1037."),
    row("012", "busy", "No prompt: 500.001.1001 \"Unable to lock subscriber\"."),
    row("013", "answer_lost", "Paid; the connection drops before the answer, the callback comes."),
    row("014", "callback_first", "Paid; the callback comes before the answer."),
    row("015", "by_hand", "The prompt waits two minutes for the control page."),
    row("021", "payout_answer_lost", "Paid out; the connection drops before the answer."),
    row("022", "payout_timeout_paid", "A queue timeout comes first, then a success."),
    row("023", "payout_timeout_failed", "A queue timeout comes first, then a failure."),
    row("024", "payout_unregistered", "Not an M-Pesa customer: result code 2040."),
    row("025", "payout_limit", "The receiver's balance is full: result code 8."),
    row("026", "payout_result_lost", "Paid out; no result comes. The status says Completed."),
    row("027", "payout_silent", "Paid out; neither a result nor a status answer comes."),
    row("028", "payout_denied", "Paid out; the result says failed, the status says Completed."),
    row("374149", "sandbox_number", "Never reacts, like the sandbox's test number: 1037."),
];

/// The row that a phone belongs to.
pub(super) fn of_phone(msisdn: &str) -> Option<&'static Scenario> {
    SCENARIOS.iter().find(|scenario| scenario.phone() == msisdn)
}

pub(super) fn behaviour(msisdn: &str) -> Option<Behaviour> {
    match of_phone(msisdn)?.suffix {
        "001" => Some(Behaviour::Cancel),
        "002" => Some(Behaviour::WrongPin),
        "003" | "374149" => Some(Behaviour::Ignore),
        "012" => Some(Behaviour::Busy),
        "015" => Some(Behaviour::ByHand),
        _ => None,
    }
}

/// What goes wrong at an endpoint for a phone of the table.
pub(super) fn faults(msisdn: &str, endpoint: Endpoint) -> Vec<FaultKind> {
    let Some(scenario) = of_phone(msisdn) else { return Vec::new() };
    match endpoint {
        Endpoint::StkPush => collection_faults(scenario.suffix),
        Endpoint::StkQuery => query_faults(scenario.suffix),
        Endpoint::B2cV1 | Endpoint::B2cV3 => payout_faults(scenario.suffix),
        Endpoint::TransactionStatus if scenario.suffix == "027" => vec![FaultKind::StatusNoResult],
        _ => Vec::new(),
    }
}

fn collection_faults(suffix: &str) -> Vec<FaultKind> {
    let lost = FaultKind::Drop { accepted: true };
    match suffix {
        "004" => vec![FaultKind::Outcome("1".to_owned())],
        "005" => vec![FaultKind::CallbackDrop],
        "006" => vec![lost, FaultKind::CallbackDrop],
        "007" => vec![FaultKind::FailureThenSuccess(Duration::minutes(1))],
        "008" => vec![FaultKind::CallbackDuplicate { copies: 5, same_bytes: true }],
        "009" => vec![FaultKind::CallbackWrongAmount],
        "013" => vec![lost],
        "014" => vec![FaultKind::CallbackBeforeAnswer],
        _ => Vec::new(),
    }
}

fn query_faults(suffix: &str) -> Vec<FaultKind> {
    match suffix {
        "010" => vec![FaultKind::QueryPendingFor(Duration::minutes(15))],
        "011" => vec![FaultKind::QueryContradict],
        _ => Vec::new(),
    }
}

fn payout_faults(suffix: &str) -> Vec<FaultKind> {
    match suffix {
        "021" => vec![FaultKind::Drop { accepted: true }],
        "022" => vec![FaultKind::QueueTimeoutThenSuccess],
        "023" => vec![FaultKind::QueueTimeoutThenFailure],
        "024" => vec![FaultKind::Outcome("2040".to_owned())],
        "025" => vec![FaultKind::Outcome("8".to_owned())],
        "026" | "027" => vec![FaultKind::CallbackDrop],
        "028" => vec![FaultKind::CallbackFailureThoughPaid],
        _ => Vec::new(),
    }
}
