//! What the rail tells us by calling us back, read and classified. A notice is a claim by whoever
//! knows a URL, not a proof.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::ids::CollectionId;
use crate::money::Fiat;
use crate::party::Msisdn;

/// The doors that the rail may knock at: `/hooks/{letter}/{token}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hook {
    Collection,
    Payout,
    QueueTimeout,
    Status,
    Bill,
}

impl Hook {
    pub const ALL: [Self; 5] =
        [Self::Collection, Self::Payout, Self::QueueTimeout, Self::Status, Self::Bill];

    pub fn letter(self) -> &'static str {
        match self {
            Self::Collection => "c",
            Self::Payout => "p",
            Self::QueueTimeout => "q",
            Self::Status => "s",
            Self::Bill => "b",
        }
    }

    pub fn parse(letter: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hook| hook.letter() == letter)
    }
}

/// The unguessable part of a callback's URL: lowercase hex, 160 bits. Only its hash is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct CallbackToken(String);

impl CallbackToken {
    /// A token from random bits; they are mixed, so that fixed ones among them do no harm.
    pub fn mint(mut bits: impl FnMut() -> u64) -> Self {
        let mut mix = Sha256::new();
        for _ in 0..4 {
            mix.update(bits().to_be_bytes());
        }
        let hex = format!("{:x}", mix.finalize());
        Self(hex.chars().take(40).collect())
    }

    /// A token as it came in a URL; anything else than lowercase hex cannot be ours.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        (text.len() == 40 && text.bytes().all(hex)).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for CallbackToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallbackToken(•••)")
    }
}

/// What a token was minted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    Collection(CollectionId),
    Disbursement(Uuid),
    /// The answer to a question about our own balance.
    Balance,
    /// Every payment to our bill number.
    Bills,
}

/// A callback, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    Collection(CollectionNotice),
    Outcome(OutcomeNotice),
    /// The request waited too long in a queue. It may still be done: not a result.
    QueueTimeout,
    Status(StatusNotice),
    Balance(BalanceNotice),
    Bill(BillNotice),
}

/// The end of an STK prompt, as told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionNotice {
    pub merchant_request_id: String,
    pub checkout_request_id: String,
    pub outcome: CollectionOutcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CollectionOutcome {
    Paid {
        receipt: String,
        amount: Fiat,
        phone: Option<Msisdn>,
    },
    NotPaid {
        code: String,
    },
    /// Still going on, or a code that proves nothing.
    Undecided {
        code: String,
    },
}

/// The end of a payout or reversal, as told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeNotice {
    pub originator_conversation_id: String,
    pub conversation_id: String,
    pub outcome: PayoutOutcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayoutOutcome {
    Done {
        receipt: Option<String>,
        amount: Option<Fiat>,
        phone: Option<Msisdn>,
    },
    /// No money moved, if this is true.
    NotDone {
        code: String,
        fault: Fault,
    },
    Undecided {
        code: String,
    },
}

/// Whose fault it is that money did not go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// No such number, not registered, over their limit.
    Receiver,
    /// Our limits, our request.
    Sender,
    /// Too few shillings of ours are there.
    Float,
    /// Our initiator: going on would lock it.
    Credentials,
}

/// The answer to a status question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusNotice {
    pub conversation_id: String,
    pub fate: Fate,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    Completed {
        receipt: String,
        amount: Fiat,
        /// What the rail charged for it.
        charge: Option<Fiat>,
        /// Who paid or was paid, where the rail names a phone.
        phone: Option<Msisdn>,
    },
    /// Final, and no money moved.
    Failed(String),
    Pending(String),
    /// The question itself failed with this code; `Credentials` when it is our initiator.
    NoAnswer {
        code: String,
        fault: Option<Fault>,
    },
}

/// What our accounts hold, as the rail tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceNotice {
    pub utility: Fiat,
    /// Where payments arrive; not every organisation has it.
    pub working: Option<Fiat>,
}

/// A payment to our bill number. The phone is masked by the rail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillNotice {
    pub receipt: String,
    pub amount: Fiat,
    pub account_reference: String,
}
