//! One payout and what becomes of it: carried out, refused, reported or not.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::books::CHARGES_CENTS;
use super::facts::{FORGED_RECEIPT, Target};
use super::fault::FaultKind;
use super::form::is_msisdn;
use super::options::QueueTimeoutBody;
use super::oracle::Payout;
use super::result::ResultFacts;
use super::schedule::Event;
use super::stamp;
use super::wire::{Wire, number, object, shillings, text};
use super::world::World;

const MIN_CENTS: i64 = 1_000;
const MAX_CENTS: i64 = 25_000_000;
/// How long after a queue timeout the payout is carried out or fails all the same.
const AFTER_TIMEOUT: Duration = Duration::seconds(60);

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Instruction {
    pub(super) ocid: String,
    pub(super) conversation_id: String,
    pub(super) msisdn: String,
    pub(super) amount_cents: i64,
    pub(super) result_url: String,
    pub(super) timeout_url: String,
    /// The request as it came in; what a queue timeout may echo.
    pub(super) request: String,
    pub(super) submitted_at: OffsetDateTime,
    pub(super) faults: Vec<FaultKind>,
    /// Fails with this code, whatever the money.
    pub(super) forced: Option<String>,
    pub(super) fate: Fate,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Fate {
    Pending,
    Paid { receipt: String, at: OffsetDateTime },
    Failed { at: OffsetDateTime },
}

impl Instruction {
    pub(super) fn target(&self, short_code: u64) -> Target {
        Target {
            key: self.conversation_id.clone(),
            label: "b2c result",
            url: self.result_url.clone(),
            short_code,
        }
    }

    fn has(&self, fault: &FaultKind) -> bool {
        self.faults.contains(fault)
    }

    fn has_queue_timeout(&self) -> bool {
        self.has(&FaultKind::QueueTimeoutThenSuccess)
            || self.has(&FaultKind::QueueTimeoutThenFailure)
    }

    fn late_success(&self) -> Option<Duration> {
        self.faults.iter().find_map(|fault| match fault {
            FaultKind::FailureThenSuccess(gap) => Some(*gap),
            _ => None,
        })
    }
}

impl World {
    /// A payout's turn has come.
    pub(super) fn complete(&mut self, conversation_id: &str, is_late: bool) {
        let Some(one) = self.instruction_mut(conversation_id).map(|one| one.clone()) else {
            return;
        };
        if !is_late && one.has_queue_timeout() {
            self.time_out(&one);
            return self.complete_later(&one, AFTER_TIMEOUT);
        }
        if let Some(gap) = one.late_success().filter(|_| !is_late) {
            let facts = ResultFacts::new("8", &one.ocid, &one.conversation_id);
            self.report(&one, &facts);
            return self.complete_later(&one, gap);
        }
        let code = self.obstacle(&one).or_else(|| self.pay_out(&one));
        match code {
            None => self.report_success(&one),
            Some(code) => self.fail(&one, &code),
        }
    }

    fn complete_later(&mut self, one: &Instruction, wait: Duration) {
        let conversation_id = one.conversation_id.clone();
        self.after(wait, Event::Complete { conversation_id, is_late: true });
    }

    /// Why a payout cannot be carried out, money apart.
    fn obstacle(&self, one: &Instruction) -> Option<String> {
        let found = match &one.forced {
            Some(code) => code.as_str(),
            None if one.amount_cents < MIN_CENTS => "2",
            None if one.amount_cents > MAX_CENTS => "3",
            None if !is_msisdn(&one.msisdn) => "SFC_IC0003",
            None if self.unregistered.contains(&one.msisdn) => "2040",
            None if self.limited.contains(&one.msisdn) => "8",
            None if one.has(&FaultKind::QueueTimeoutThenFailure) => "SFC_IC0003",
            None => return None,
        };
        Some(found.to_owned())
    }

    /// Moves the money; the code of the failure where the float is too small.
    fn pay_out(&mut self, one: &Instruction) -> Option<String> {
        let (receipt, at) = (self.receipt(&one.msisdn), self.now());
        let is_paid = self.books.pay_out(Payout {
            originator_conversation_id: one.ocid.clone(),
            receipt: receipt.clone(),
            msisdn: one.msisdn.clone(),
            amount_cents: one.amount_cents,
            fee_cents: self.rules.b2c_fee_cents,
            at,
        });
        if !is_paid {
            return Some("1".to_owned());
        }
        if let Some(one) = self.instruction_mut(&one.conversation_id) {
            one.fate = Fate::Paid { receipt, at };
        }
        None
    }

    fn fail(&mut self, one: &Instruction, code: &str) {
        let at = self.now();
        if let Some(one) = self.instruction_mut(&one.conversation_id) {
            one.fate = Fate::Failed { at };
        }
        self.report(one, &ResultFacts::new(code, &one.ocid, &one.conversation_id));
    }

    fn report_success(&mut self, one: &Instruction) {
        let Some(Fate::Paid { receipt, at }) =
            self.instruction_mut(&one.conversation_id).map(|one| one.fate.clone())
        else {
            return;
        };
        let mut facts = ResultFacts::new("0", &one.ocid, &one.conversation_id);
        facts.parameters = self.success_parameters(one, &receipt, at);
        facts.receipt = Some(receipt);
        self.report(one, &facts);
    }

    fn success_parameters(
        &self,
        one: &Instruction,
        receipt: &str,
        at: OffsetDateTime,
    ) -> Vec<(&'static str, Option<Wire>)> {
        let funds = |cents| Some(number(shillings(cents)));
        vec![
            ("TransactionAmount", Some(number(one.amount_cents / 100))),
            ("TransactionReceipt", Some(text(receipt))),
            ("ReceiverPartyPublicName", Some(text(public_name(self, &one.msisdn)))),
            ("TransactionCompletedDateTime", Some(text(stamp::dotted(self.written(at))))),
            ("B2CUtilityAccountAvailableFunds", funds(self.books.float_cents)),
            ("B2CWorkingAccountAvailableFunds", funds(self.books.working_cents)),
            ("B2CRecipientIsRegisteredCustomer", Some(text("Y"))),
            ("B2CChargesPaidAccountAvailableFunds", funds(CHARGES_CENTS)),
        ]
    }

    fn report(&mut self, one: &Instruction, facts: &ResultFacts) {
        let target = one.target(self.credentials.b2c_short_code);
        let is_early = one.has(&FaultKind::CallbackBeforeAnswer);
        let wait = self.dice(&format!("result {}", one.msisdn)).below(3);
        let wait = if is_early { 0 } else { 1_i64.saturating_add_unsigned(wait) };
        let mut facts = facts.clone();
        facts.claim = self.success_parameters(one, FORGED_RECEIPT, self.now());
        self.tell(&facts, &target, &one.faults, Duration::seconds(wait));
    }

    /// The request has waited too long in the queue: not a result, and the URL is another one.
    fn time_out(&mut self, one: &Instruction) {
        let body = match self.rules.queue_timeout_body {
            QueueTimeoutBody::Echo => one.request.clone(),
            QueueTimeoutBody::Result => timeout_result(&one.ocid, &one.conversation_id),
        };
        let target = Target {
            label: "queue timeout",
            url: one.timeout_url.clone(),
            ..one.target(self.credentials.b2c_short_code)
        };
        self.send(&target, body, Duration::ZERO);
    }
}

pub(super) fn public_name(world: &World, msisdn: &str) -> String {
    format!("{} - JANE SAMPLE DOE", world.rules.phone_spelling.write(msisdn))
}

/// The other disputed form of a queue timeout.
pub(super) fn timeout_result(ocid: &str, conversation_id: &str) -> String {
    let result = object([
        ("ResultType", number(0)),
        ("ResultCode", number(1)),
        ("ResultDesc", text("The service request timed out in the queue.")),
        ("OriginatorConversationID", text(ocid)),
        ("ConversationID", text(conversation_id)),
        ("TransactionID", text("")),
    ]);
    object([("Result", result)]).to_string()
}
