//! Renders `docs/order-lifecycle.md` by running the real [`transition`](crate::order::transition())
//! over every sample state and every sample event, so that the document cannot say what the code
//! does not do.

mod cells;
mod columns;
mod diagram;
pub mod facts;
pub mod lives;
mod rows;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::order::{HoldFate, Order, OrderEvent, OrderState};
use cells::cell;
use columns::{Group, groups};
use rows::{Row, rows};

const INTRO: &str = "\
# The life of an order

What every event makes of an order in every state, and what the world is asked to do about it. The
rules live in one function, `transition` (`crates/domain/src/order/transition.rs`), and this page is
**generated** from it: each cell is the answer of the function to a sample order and a sample event.
`just matrix` renders it again; a test fails when it is stale.

Requests may be refused. Facts never are: money that arrived, arrived. An order only ever moves in
its own flow; the tables ask the impossible all the same (an on-ramp order that hears of a payout),
because a rail may say anything.

";

const STATES: &str = "\
## States and the wire

The offer's hold is *kept* while the order is open, *released* (given back) or *spent*.

| state | wire `status` | wire `status_reason` | final | the offer's hold |
|---|---|---|---|---|
";

const DIAGRAMS: &str = "\
## The flows

Edges into and out of `on_hold` are left out: any state that is not final can be held by an operator
or by a fact that contradicts it, and `resume` goes back to the state behind the hold.

";

const LEGEND: &str = "\
## The matrix

Rows are states, columns are events, both in the variants that matter. A cell reads:

| cell | means |
|---|---|
| `state` | the order goes there; the reason or the state behind a hold stands in parentheses |
| `·` | the order stays where it is, what the event told is recorded |
| `=` | known already, or nothing to do: nothing is recorded |
| *refused:* `code` | the request is refused with this code |
| **+effect** | asked of the world; *extra* marks the refund of something that came on top of the order |

A hold asks nothing of the world but a review: facts move the state behind it, and what comes on top of
the order is noted. `resume` and `refund` end it: they ask for what the state is about, and for the
return of what was noted. `on_hold` is shown over the states that answer differently behind it.

A delivery is signed once, in as many variants as its fee is raised: any of them may become final. Only
when none of them can execute any more (`delivery_stopped`) may another be signed, or the money go back.

";

/// An order in every state, in the variants that matter.
pub fn sample_orders() -> Vec<Order> {
    rows().into_iter().map(|row| row.order).collect()
}

/// Every event, in the variants that matter.
pub fn sample_events() -> Vec<OrderEvent> {
    let order = sample_orders().swap_remove(0);
    let columns = groups().into_iter().flat_map(|group| group.columns);
    columns.map(|column| (column.event)(&mut order.clone())).collect()
}

/// The whole document.
pub fn render() -> String {
    let rows = rows();
    let tables: String = groups().iter().map(|group| table(group, &rows)).collect();
    let diagrams = diagram::render(&rows);
    let document =
        format!("{INTRO}{STATES}{}\n{DIAGRAMS}{diagrams}{LEGEND}{tables}", states(&rows));
    format!("{}\n", document.trim_end())
}

/// One line per state, in the order of their first row; holds last.
fn states(rows: &[Row]) -> String {
    let states = rows.iter().map(|row| &row.order.state);
    let (held, open): (Vec<_>, Vec<_>) =
        states.partition(|state| matches!(state, OrderState::OnHold { .. }));
    let mut lines: Vec<String> = open.into_iter().chain(held).map(state_line).collect();
    let mut told = BTreeSet::new();
    lines.retain(|line| told.insert(line.clone()));
    lines.concat()
}

fn state_line(state: &OrderState) -> String {
    let is_held = matches!(state, OrderState::OnHold { .. });
    let status = if is_held {
        "that of the state behind it".to_owned()
    } else {
        format!("`{}`", state.status().as_str())
    };
    let reason = match state.reason() {
        Some(reason) if is_held => format!("`{reason}`"),
        Some(_) => "the reason".to_owned(),
        None => "–".to_owned(),
    };
    let hold = match state.hold_fate() {
        HoldFate::Kept => "kept",
        HoldFate::Released => "released",
        HoldFate::Spent => "spent",
    };
    let is_final = if state.is_final() { "yes" } else { "–" };
    format!("| `{}` | {status} | {reason} | {is_final} | {hold} |\n", state.label())
}

fn table(group: &Group, rows: &[Row]) -> String {
    let mut text = format!("### {}\n\n| flow | state |", group.title);
    for column in &group.columns {
        let _ = write!(text, " {} |", column.name);
    }
    let _ = write!(text, "\n|---|---|{}\n", "---|".repeat(group.columns.len()));
    for row in rows {
        let _ = write!(text, "| {} | {} |", row.flow(), row.name);
        for column in &group.columns {
            let _ = write!(text, " {} |", cell(row, column));
        }
        text.push('\n');
    }
    text.push('\n');
    text
}
