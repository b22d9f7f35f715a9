//! One line of log for each change of an order, when it is committed: not before, so that the log says
//! nothing that was rolled back. (A commit whose answer is lost is told of by nobody.)

use domain::ids::OrderId;
use domain::order::{HistoryEntry, Order};

/// What a unit of work has read and changed.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// The states as they were locked.
    locked: Vec<(OrderId, &'static str)>,
    made: Vec<Change>,
}

#[derive(Debug)]
struct Change {
    from: &'static str,
    entry: HistoryEntry,
}

impl Changes {
    pub(crate) fn note_locked(&mut self, order: &Order) {
        self.locked.push((order.id, order.state.label()));
    }

    pub(crate) fn note_saved(&mut self, order: &Order, entry: &HistoryEntry) {
        let of_order = |(id, _): &&(OrderId, &'static str)| *id == order.id;
        let from = self.locked.iter().rev().find(of_order).map_or("unread", |(_, state)| *state);
        self.made.push(Change { from, entry: entry.clone() });
        self.note_locked(order);
    }

    /// Tells what has been committed.
    pub(crate) fn tell(self) {
        for Change { from, entry } in self.made {
            tell(from, &entry);
        }
    }
}

/// The line: the order as the API prints its id, so that it is found by it.
pub(crate) fn tell(from: &'static str, entry: &HistoryEntry) {
    let HistoryEntry { order_id, seq, kind, state, actor, .. } = entry;
    let (event, to, actor) = (kind.as_str(), state.as_str(), actor.as_str());
    tracing::info!(order = %order_id, seq, event, from, to, actor, "order changed");
}
