//! How the nodes are: asked at the start, watched over afterwards, told to operators. The service waits
//! for none of them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use adapters_chain::{NodePool, NodeState};
use domain::address::Network;
use futures_util::future::join_all;

/// The start waits no longer than this for nodes to say which network they are of.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// The nodes of every network that coin moves on. None where a process only takes requests.
#[derive(Clone, Default)]
pub struct Nodes(Vec<(Network, Arc<dyn NodePool>)>);

impl fmt::Debug for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let networks = self.0.iter().map(|(network, _)| network.as_str());
        f.debug_list().entries(networks).finish()
    }
}

impl Nodes {
    pub(super) fn add(&mut self, network: Network, nodes: Arc<dyn NodePool>) {
        self.0.push((network, nodes));
    }

    /// Asks those again that do not answer, and counts those that do.
    pub async fn revisit(&self) {
        join_all(self.0.iter().map(|(_, nodes)| nodes.revisit())).await;
        for (network, nodes) in &self.0 {
            let health = nodes.health();
            let answering = health.iter().filter(|node| node.state == NodeState::Answers).count();
            let answering = u32::try_from(answering).unwrap_or(u32::MAX);
            metrics::gauge!("chain_nodes_answering", "network" => network.as_str())
                .set(f64::from(answering));
        }
    }

    /// What an operator should mend about the nodes, in words.
    pub fn troubles(&self) -> Vec<String> {
        self.0.iter().flat_map(|(network, nodes)| troubles(*network, nodes.as_ref())).collect()
    }
}

fn troubles(network: Network, nodes: &dyn NodePool) -> Vec<String> {
    let (network, health) = (network.as_str(), nodes.health());
    let foreign = health.iter().filter_map(|node| match &node.state {
        NodeState::Foreign(why) => Some(format!("{network}: {why}")),
        _ => None,
    });
    let mut troubles: Vec<String> = foreign.collect();
    if !health.iter().any(|node| node.state == NodeState::Answers) {
        let failure = health.iter().find_map(|node| match &node.state {
            NodeState::Fails(why) => Some(why.as_str()),
            _ => None,
        });
        let why = failure.unwrap_or("none has been heard of yet");
        troubles.push(format!("{network}: no node answers: {why}"));
    }
    troubles
}
