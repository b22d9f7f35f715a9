//! The chains: each must go on, and each that an order needs must be watched.

use super::{Finding, OpenOrder, Surroundings, at};
use crate::address::Network;
use crate::ids::OrderId;

/// Orders that a sentence names.
const NAMED: usize = 5;

fn finding(network: Network, detail: String) -> Finding {
    Finding { subject: format!("chain:{}", network.as_str()), order_id: None, detail }
}

/// Chains that stand or are halted, and those that nobody watches although `unwatched` need them.
pub fn judge_chains(around: &Surroundings, unwatched: &[OpenOrder]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for cursor in &around.cursors {
        let (name, height) = (cursor.network.as_str(), cursor.last.height);
        if let Some(why) = &cursor.halted {
            let detail =
                format!("nothing is credited on {name} until an operator resumes it: {why}");
            findings.push(finding(cursor.network, detail));
        } else if around.is_over(cursor.updated_at, around.schedule.chain) {
            let since = at(cursor.updated_at);
            let detail = format!("{name} brings no block after {height} since {since}");
            findings.push(finding(cursor.network, detail));
        }
    }
    for network in Network::ALL {
        let waiting: Vec<_> = unwatched.iter().filter(|order| order.network == network).collect();
        if let Some(oldest) = waiting.iter().map(|order| order.state_since).min() {
            let orders: Vec<OrderId> = waiting.iter().map(|order| order.id).collect();
            let (count, since, some) = (orders.len(), at(oldest), named(&orders));
            let name = network.as_str();
            let detail = format!(
                "{count} orders wait since {since} for {name}, which nobody watches: {some}"
            );
            findings.push(finding(network, detail));
        }
    }
    findings
}

fn named(orders: &[OrderId]) -> String {
    let mut names: Vec<_> = orders.iter().take(NAMED).map(ToString::to_string).collect();
    if orders.len() > NAMED {
        names.push("…".to_owned());
    }
    names.join(", ")
}
