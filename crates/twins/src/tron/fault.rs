//! What can be made to go wrong, and for which calls.

use std::time::Duration;

use super::codes::BroadcastCode;
use super::endpoint::Endpoint;
use super::receipt::Outcome;
use crate::dice::Dice;

/// A rule: calls that match it suffer its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `None`: every call.
    pub endpoint: Option<Endpoint>,
    /// Only this node, counted from 0.
    pub node: Option<usize>,
    /// Only under `/walletsolidity/`, or only under `/wallet/`.
    pub solidity: Option<bool>,
    /// At most so many times.
    pub times: Option<u32>,
    /// In so many of 100 cases.
    pub probability: Option<u8>,
    pub kind: FaultKind,
}

impl Fault {
    /// A fault of every call of `endpoint`.
    pub fn always(endpoint: Endpoint, kind: FaultKind) -> Self {
        Self { endpoint: Some(endpoint), ..Self::everywhere(kind) }
    }

    /// A fault of the next call of `endpoint` only.
    pub fn once(endpoint: Endpoint, kind: FaultKind) -> Self {
        Self { times: Some(1), ..Self::always(endpoint, kind) }
    }

    /// A fault of every call of every endpoint.
    pub fn everywhere(kind: FaultKind) -> Self {
        let (endpoint, node, solidity, times, probability) = (None, None, None, None, None);
        Self { endpoint, node, solidity, times, probability, kind }
    }

    #[must_use]
    pub fn on_node(mut self, node: usize) -> Self {
        self.node = Some(node);
        self
    }

    #[must_use]
    pub fn on_solidity(mut self, solidity: bool) -> Self {
        self.solidity = Some(solidity);
        self
    }

    #[must_use]
    pub fn percent(mut self, probability: u8) -> Self {
        self.probability = Some(probability);
        self
    }

    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }
}

/// What goes wrong.
///
/// `done` says whether the request has its effect all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    // Of any call.
    /// The connection stays open and nothing ever comes.
    Hang { done: bool },
    /// The connection is closed without an answer.
    Drop { done: bool },
    /// `Content-Length` promises more than comes.
    Truncated { done: bool },
    /// 200 with a page for people.
    Html { done: bool },
    /// 403 as a provider says that a key asks too often.
    Forbidden,
    /// 503 as a provider says the same.
    Unavailable,
    /// 200 with `{"Error": …}`, as an overloaded node says it.
    Error(String),
    /// The right answer, so much later.
    Delay(Duration),
    /// The node sees the chain without its last blocks.
    Lagging { blocks: u64 },

    // Of a broadcast.
    /// Answered with this code, and not pooled.
    Refuse(BroadcastCode),
    /// Answered with success, and not pooled.
    AcceptThenDrop,
    /// Pooled by this node, and told to no other: no block will have it.
    KeepToItself,
    /// The next block's execution of it ends so; a later one, after a fork, as it will.
    ExecutionEnds(Outcome),
    /// The answer names another transaction.
    WrongTxid,

    // Of queries.
    /// `{}`
    NotFound,
    /// `[]` for a block that is not empty.
    EmptyInfos,
    /// The last of a block's infos is left out.
    MissingInfo,
    /// The last of a block's infos is about another transaction.
    ForeignInfo,
    /// A range without its last block.
    MissingBlock,
    /// Blocks whose ids are not the hashes of their headers.
    WrongBlockId,
    /// Blocks that say they follow another parent; their ids agree.
    WrongParent,
    /// Blocks without their last transaction.
    MissingTransaction,
}

/// A fault with its counter.
#[derive(Debug)]
pub(super) struct Rule {
    fault: Fault,
    fired: u32,
    dice: Dice,
}

impl Rule {
    pub(super) fn new(fault: Fault) -> Self {
        let dice = Dice::new(0, &format!("{fault:?}"), 0);
        Self { fault, fired: 0, dice }
    }

    /// The rule by name, and how often it has struck.
    pub(super) fn struck(&self) -> (String, u32) {
        (format!("{:?}", self.fault.kind), self.fired)
    }

    /// The kind, if this call is hit; counts the hit.
    pub(super) fn strike(
        &mut self,
        endpoint: Endpoint,
        node: usize,
        is_solid: bool,
    ) -> Option<FaultKind> {
        let Fault { endpoint: of, node: on, solidity, times, probability, kind } = &self.fault;
        let is_due = of.is_none_or(|of| of == endpoint)
            && on.is_none_or(|on| on == node)
            && solidity.is_none_or(|solidity| solidity == is_solid)
            && times.is_none_or(|times| self.fired < times)
            && probability.is_none_or(|chance| self.dice.percent(chance));
        self.fired = self.fired.saturating_add(u32::from(is_due));
        is_due.then(|| kind.clone())
    }
}
