//! One Mermaid state diagram per flow, its edges found by trying every event in every state.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::columns::{Column, groups};
use super::rows::Row;
use crate::order::{OrderState, Transition, transition};

/// From, to, and the kinds of events that lead there.
type Edges = BTreeMap<(&'static str, &'static str), BTreeSet<&'static str>>;

pub(super) fn render(rows: &[Row]) -> String {
    ["on", "off"].into_iter().map(|flow| diagram(flow, rows)).collect()
}

fn diagram(flow: &str, rows: &[Row]) -> String {
    let rows: Vec<_> =
        rows.iter().filter(|row| row.flow() == flow && !is_held(&row.order.state)).collect();
    let mut text = format!(
        "### {}-ramp\n\n```mermaid\nstateDiagram-v2\n",
        if flow == "on" { "On" } else { "Off" }
    );
    if let Some(first) = rows.first() {
        let _ = writeln!(text, "    [*] --> {}", first.order.state.label());
    }
    for ((from, to), kinds) in edges(&rows) {
        let kinds: Vec<_> = kinds.into_iter().collect();
        let _ = writeln!(text, "    {from} --> {to} : {}", kinds.join(", "));
    }
    let finals: BTreeSet<_> = rows
        .iter()
        .map(|row| &row.order.state)
        .filter(|state| state.is_final())
        .map(OrderState::label)
        .collect();
    for last in finals {
        let _ = writeln!(text, "    {last} --> [*]");
    }
    text.push_str("```\n\n");
    text
}

fn edges(rows: &[&Row]) -> Edges {
    let columns: Vec<Column> = groups().into_iter().flat_map(|group| group.columns).collect();
    let mut edges = Edges::new();
    for (row, column) in rows.iter().flat_map(|row| columns.iter().map(move |column| (row, column)))
    {
        let mut before = row.order.clone();
        let event = (column.event)(&mut before);
        let Ok(Transition::Applied { order, .. }) = transition(before.clone(), &event) else {
            continue;
        };
        if order.state != before.state && !is_held(&order.state) {
            edges
                .entry((before.state.label(), order.state.label()))
                .or_default()
                .insert(event.kind());
        }
    }
    edges
}

fn is_held(state: &OrderState) -> bool {
    matches!(state, OrderState::OnHold { .. })
}
