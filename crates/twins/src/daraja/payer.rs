//! The person with the phone: what they do with a prompt, and the prompt itself.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::dice::Dice;
use super::seconds;

/// What a payer does with every prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    Approve,
    /// Result code 1032.
    Cancel,
    /// Result code 2001.
    WrongPin,
    /// Result code 1037 when the prompt has run out.
    Ignore,
    /// Result code 1037 at once: the phone is switched off.
    Offline,
    /// No prompt: "Unable to lock subscriber".
    Busy,
    /// Waits for [`Control::answer_prompt`](super::Control::answer_prompt) or the control page.
    ByHand,
}

/// A payer, and how long they take; without a delay, as long as people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payer {
    pub behaviour: Behaviour,
    #[serde(default, with = "seconds::option")]
    pub delay: Option<Duration>,
}

impl Payer {
    pub const fn new(behaviour: Behaviour) -> Self {
        Self { behaviour, delay: None }
    }

    pub(super) fn takes(&self, dice: &mut Dice) -> Duration {
        let between = |from: i64, dice: &mut Dice, spread: u64| {
            Duration::seconds(from.saturating_add_unsigned(dice.below(spread)))
        };
        self.delay.unwrap_or_else(|| match self.behaviour {
            Behaviour::Approve | Behaviour::WrongPin => between(8, dice, 13),
            Behaviour::Cancel => between(4, dice, 8),
            Behaviour::Ignore => Duration::seconds(26),
            Behaviour::Offline | Behaviour::Busy => Duration::seconds(5),
            Behaviour::ByHand => Duration::seconds(120),
        })
    }

    pub(super) fn answer(&self) -> Answer {
        match self.behaviour {
            Behaviour::Approve => Answer::Approve,
            Behaviour::Cancel => Answer::Cancel,
            Behaviour::WrongPin => Answer::WrongPin,
            Behaviour::Ignore | Behaviour::Offline | Behaviour::Busy | Behaviour::ByHand => {
                Answer::Ignore
            }
        }
    }
}

/// One answer to one prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Approve,
    Cancel,
    WrongPin,
    Ignore,
}

impl Answer {
    /// The result code of an answer; an approval still needs money in the wallet.
    pub(super) fn code(self) -> &'static str {
        match self {
            Answer::Approve => "0",
            Answer::Cancel => "1032",
            Answer::WrongPin => "2001",
            Answer::Ignore => "1037",
        }
    }
}

/// A prompt that stands on a phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Prompt {
    pub msisdn: String,
    pub amount_cents: i64,
    pub account_reference: String,
    pub checkout_request_id: String,
    #[serde(with = "time::serde::rfc3339")]
    pub since: OffsetDateTime,
    /// What happens if nobody touches the phone, and in how many real milliseconds.
    pub then: Answer,
    pub in_ms: u64,
    /// The fate of this phone, where it has one.
    pub scenario: Option<&'static str>,
}
