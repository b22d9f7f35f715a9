//! Ways in which one broadcast can go wrong, for tests that go through all of them: whatever the
//! caller is told, `happens` is the truth.

use super::codes::BroadcastCode;
use super::fault::FaultKind;
use super::receipt::Outcome;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    pub name: &'static str,
    /// Of the broadcast of the transaction.
    pub kind: FaultKind,
    /// Whether that broadcast alone gets the transaction into a block.
    pub happens: bool,
}

impl Scenario {
    pub fn all() -> Vec<Self> {
        let of = |name, kind, happens| Self { name, kind, happens };
        let busy = "class java.lang.IllegalAccessException : lack of computing resources";
        let mut all = vec![
            of("accepted and dropped", FaultKind::AcceptThenDrop, false),
            of("kept from the others", FaultKind::KeepToItself, false),
            of("another txid is answered", FaultKind::WrongTxid, true),
            of("the execution is reverted", FaultKind::ExecutionEnds(Outcome::Revert), true),
            of("the energy runs out", FaultKind::ExecutionEnds(Outcome::OutOfEnergy), true),
            of("the key is suspended", FaultKind::Forbidden, false),
            of("the provider is down", FaultKind::Unavailable, false),
            of("the node is overloaded", FaultKind::Error(busy.to_owned()), false),
            of("the node is far behind", FaultKind::Lagging { blocks: 1_000 }, false),
        ];
        for (name, kind, happens) in Self::lost_answers() {
            all.push(of(name, kind, happens));
        }
        for code in Self::REFUSALS {
            all.push(of(code.name(), FaultKind::Refuse(code), false));
        }
        all
    }

    /// What a node may say of a transaction that it does not take.
    const REFUSALS: [BroadcastCode; 8] = [
        BroadcastCode::DupTransactionError,
        BroadcastCode::ServerBusy,
        BroadcastCode::NoConnection,
        BroadcastCode::NotEnoughEffectiveConnection,
        BroadcastCode::BlockUnsolidified,
        BroadcastCode::TaposError,
        BroadcastCode::BandwithError,
        BroadcastCode::OtherError,
    ];

    fn lost_answers() -> [(&'static str, FaultKind, bool); 8] {
        [
            ("no answer, not done", FaultKind::Hang { done: false }, false),
            ("no answer, done", FaultKind::Hang { done: true }, true),
            ("closed, not done", FaultKind::Drop { done: false }, false),
            ("closed, done", FaultKind::Drop { done: true }, true),
            ("cut short, not done", FaultKind::Truncated { done: false }, false),
            ("cut short, done", FaultKind::Truncated { done: true }, true),
            ("a page, not done", FaultKind::Html { done: false }, false),
            ("a page, done", FaultKind::Html { done: true }, true),
        ]
    }
}
