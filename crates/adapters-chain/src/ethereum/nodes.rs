//! Which of the nodes is asked. A read stays with one node from beginning to end, so that its answers
//! fit together; after a failure the next read goes to the next node.

use std::sync::atomic::{AtomicUsize, Ordering};

use domain::ports::SourceError;

use super::config::{ConfigError, EthereumConfig};
use super::node::Node;
use super::rpc::Rpc;

#[derive(Debug)]
pub(super) struct Nodes {
    first: Node,
    others: Vec<Node>,
    /// How often reads have moved on.
    turns: AtomicUsize,
}

impl Nodes {
    pub(super) fn try_new(config: &EthereumConfig) -> Result<Self, ConfigError> {
        let node = |place| Ok(Node { rpc: Rpc::try_new(place, config)? });
        let others: Result<Vec<Node>, ConfigError> = (1..config.nodes.len()).map(node).collect();
        Ok(Self { first: node(0)?, others: others?, turns: AtomicUsize::new(0) })
    }

    /// The node that reads go to.
    pub(super) fn reader(&self) -> &Node {
        self.nth(self.turns.load(Ordering::Relaxed))
    }

    /// Passes a read's result on, and remembers a node that failed.
    pub(super) fn judge<T>(&self, result: Result<T, SourceError>) -> Result<T, SourceError> {
        if matches!(result, Err(SourceError::Away(_) | SourceError::Contradiction(_))) {
            self.turns.fetch_add(1, Ordering::Relaxed);
        }
        result
    }

    /// Goes around.
    pub(super) fn nth(&self, nth: usize) -> &Node {
        let place = nth.checked_rem(self.others.len().saturating_add(1)).unwrap_or(0);
        place.checked_sub(1).and_then(|place| self.others.get(place)).unwrap_or(&self.first)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Node> {
        std::iter::once(&self.first).chain(&self.others)
    }
}
