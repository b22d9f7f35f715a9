//! Everything that the twin remembers, and the small questions about it.
//!
//! What the API's calls do with it is in `endpoints/`, what happens later in `events.rs`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::books::Books;
use super::clock::Clock;
use super::collection::Collection;
use super::dice::{DIGITS, Dice, HEX, UPPERCASE};
use super::endpoint::Endpoint;
use super::fault::{FaultKind, Rule, Subject};
use super::instruction::Instruction;
use super::journal::{JournalEntry, JournalKind, redacted};
use super::options::{Credentials, Options, Rules};
use super::payer::{Answer, Behaviour, Payer};
use super::scenarios;
use super::schedule::{Delivery, Event, Schedule};
use super::stamp;
use super::tokens::Tokens;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct World {
    pub(super) clock: Clock,
    /// The moment of the event that is happening; the clock may be ahead of it.
    #[serde(skip)]
    pub(super) moment: Option<OffsetDateTime>,
    pub(super) seed: u64,
    #[serde(skip)]
    pub(super) credentials: Credentials,
    pub(super) rules: Rules,
    pub(super) tokens: Tokens,
    pub(super) books: Books,
    pub(super) schedule: Schedule,
    /// Deliveries that are due, on their way to the driver.
    #[serde(skip)]
    pub(super) outbox: Vec<Delivery>,
    /// Deliveries that are due and not answered yet, those of the outbox included.
    pub(super) in_flight: Vec<Delivery>,
    /// How many deliveries about a key have been answered, or have failed.
    #[serde(skip)]
    pub(super) delivered: BTreeMap<String, u32>,
    /// The bodies of past callbacks, for replays.
    #[serde(skip)]
    pub(super) sent: Vec<(String, String)>,
    pub(super) collections: Vec<Collection>,
    pub(super) instructions: Vec<Instruction>,
    /// `OriginatorConversationID`s, and when each was first seen.
    pub(super) conversations: BTreeMap<String, OffsetDateTime>,
    pub(super) payers: BTreeMap<String, Payer>,
    pub(super) default_payer: Payer,
    pub(super) unregistered: BTreeSet<String>,
    pub(super) limited: BTreeSet<String>,
    pub(super) wrong_credentials: u32,
    pub(super) faults: Vec<Rule>,
    pub(super) confirmation_url: Option<String>,
    pub(super) is_pull_registered: bool,
    #[serde(skip)]
    pub(super) journal: Vec<JournalEntry>,
    #[serde(skip)]
    pub(super) requests: BTreeMap<Endpoint, usize>,
    occasions: BTreeMap<String, u64>,
}

impl World {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            clock: Clock::new(options.start, options.speed),
            moment: None,
            seed: options.seed,
            credentials: options.credentials.clone(),
            rules: options.rules.clone(),
            tokens: Tokens::default(),
            books: Books::new(options.utility_float, options.wallet),
            schedule: Schedule::default(),
            outbox: Vec::new(),
            in_flight: Vec::new(),
            delivered: BTreeMap::new(),
            sent: Vec::new(),
            collections: Vec::new(),
            instructions: Vec::new(),
            conversations: BTreeMap::new(),
            payers: BTreeMap::new(),
            default_payer: Payer::new(Behaviour::Approve),
            unregistered: BTreeSet::new(),
            limited: BTreeSet::new(),
            wrong_credentials: 0,
            faults: Vec::new(),
            confirmation_url: None,
            is_pull_registered: false,
            journal: Vec::new(),
            requests: BTreeMap::new(),
            occasions: BTreeMap::new(),
        }
    }

    /// The world as it was kept, told again what is not kept. Callbacks that were under way go out
    /// once more, as the real one never promises and sometimes does.
    pub(super) fn continued(mut self, options: &Options) -> Self {
        self.credentials = options.credentials.clone();
        self.clock.keep_pace(options.speed);
        self.outbox.clone_from(&self.in_flight);
        self
    }

    pub(super) fn now(&self) -> OffsetDateTime {
        self.moment.unwrap_or_else(|| self.clock.now())
    }

    /// The moment as the twin writes it, which may be wrong on purpose.
    pub(super) fn written(&self, at: OffsetDateTime) -> OffsetDateTime {
        self.clock.calendar(at).saturating_add(self.rules.clock_skew)
    }

    /// A new generator for a further occasion of its kind.
    pub(super) fn dice(&mut self, label: &str) -> Dice {
        let nth = self.occasions.entry(label.to_owned()).or_default();
        *nth += 1;
        Dice::new(self.seed, label, *nth)
    }

    pub(super) fn after(&mut self, wait: Duration, event: Event) {
        self.schedule.add(self.now().saturating_add(wait), event);
    }

    pub(super) fn payer(&self, msisdn: &str) -> Payer {
        let fated = || scenarios::behaviour(msisdn).map(Payer::new);
        self.payers.get(msisdn).copied().or_else(fated).unwrap_or(self.default_payer)
    }

    /// What goes wrong with this call: by its phone's scenario, and by the rules that match it.
    pub(super) fn strike(&mut self, endpoint: Endpoint, subject: &Subject) -> Vec<FaultKind> {
        let msisdn = subject.msisdn.as_deref().unwrap_or_default();
        let mut kinds = scenarios::faults(msisdn, endpoint);
        let mut dice = self.dice(&format!("fault {endpoint:?} {msisdn}"));
        let struck = |rule: &mut Rule| rule.strike(endpoint, subject, &mut dice);
        kinds.extend(self.faults.iter_mut().filter_map(struck));
        kinds
    }

    pub(super) fn collection(&self, checkout_request_id: &str) -> Option<&Collection> {
        self.collections.iter().find(|one| one.checkout_request_id == checkout_request_id)
    }

    pub(super) fn collection_mut(&mut self, checkout_request_id: &str) -> Option<&mut Collection> {
        self.collections.iter_mut().find(|one| one.checkout_request_id == checkout_request_id)
    }

    /// The payout behind an `OriginatorConversationID`, the newest where ids were reused.
    pub(super) fn instruction_of(&self, ocid: &str) -> Option<&Instruction> {
        self.instructions.iter().rev().find(|one| one.ocid == ocid)
    }

    /// What ends a prompt that nobody touches, and in how many real milliseconds.
    pub(super) fn end_of(&self, prompt: &Collection) -> (Answer, u64) {
        let end = self.schedule.answer_to(&prompt.checkout_request_id);
        let (at, answer) = end.unwrap_or((self.now(), Answer::Ignore));
        let left = self.clock.real_until(at).as_millis();
        (answer, u64::try_from(left).unwrap_or(u64::MAX))
    }

    pub(super) fn instruction_mut(&mut self, conversation_id: &str) -> Option<&mut Instruction> {
        self.instructions.iter_mut().find(|one| one.conversation_id == conversation_id)
    }

    pub(super) fn note(
        &mut self,
        kind: JournalKind,
        what: impl Into<String>,
        status: Option<u16>,
        body: &str,
    ) {
        let body = redacted(body);
        self.journal.push(JournalEntry { at: self.now(), kind, what: what.into(), status, body });
    }

    /// Nothing is on its way, and nothing due waits to be.
    pub(super) fn is_quiet(&self) -> bool {
        let now = self.clock.now();
        let is_due = self.schedule.next_at().is_some_and(|at| at <= now);
        !is_due && self.outbox.is_empty() && self.in_flight.is_empty()
    }

    /// Nothing will ever happen by itself any more.
    pub(super) fn is_idle(&self) -> bool {
        self.schedule.next_at().is_none() && self.is_quiet()
    }
}

/// Identifiers in the forms that Daraja gives them.
impl World {
    /// `1c5b-4ba8-815c-ac45c57a3db01495926`
    pub(super) fn hex_groups(&mut self, label: &str) -> String {
        let mut dice = self.dice(label);
        let [a, b, c] = [4, 4, 4].map(|length| dice.text(HEX, length));
        format!("{a}-{b}-{c}-{}", dice.text(HEX, 19))
    }

    /// `AG_20240706_20106e9209f64bebd05b`
    pub(super) fn conversation_id(&mut self) -> String {
        let day = stamp::day(self.written(self.now()));
        format!("AG_{day}_{}", self.dice("conversation").text(HEX, 20))
    }

    /// `29115-34620561-1`
    pub(super) fn minted_ocid(&mut self) -> String {
        let mut dice = self.dice("ocid");
        format!("{}-{}-1", dice.text(DIGITS, 5), dice.text(DIGITS, 8))
    }

    /// Ten capitals and digits that no other receipt has.
    pub(super) fn receipt(&mut self, key: &str) -> String {
        loop {
            let receipt = self.dice(&format!("receipt {key}")).text(UPPERCASE, 10);
            if !self.books.knows(&receipt) {
                return receipt;
            }
        }
    }
}
