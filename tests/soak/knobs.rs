//! Every fault knob of every twin, each turned up to the same rate; and how often each has acted.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use time::Duration as Span;
use twins::anvil::{GateFault, GateFaultKind as G};
use twins::daraja::{Endpoint as Rail, Fault as RailFault, FaultKind as R};
use twins::tron::{BroadcastCode, Endpoint as Node, Fault as NodeFault, FaultKind as T, Outcome};

use crate::site::Site;

/// How often each knob has acted, by its twin and name.
pub(crate) type Acted = BTreeMap<String, u64>;

pub(crate) fn turn_up(site: &Site, rate: u8) {
    if rate == 0 {
        return;
    }
    for endpoint in Rail::ALL {
        for kind in of_rail() {
            let fault = RailFault { probability: Some(rate), ..RailFault::always(endpoint, kind) };
            site.rail.control().add_fault(fault);
        }
    }
    for kind in of_any_node() {
        site.tron.tron().add_fault(NodeFault::everywhere(kind).percent(rate));
    }
    for endpoint in [Node::BroadcastHex, Node::BroadcastTransaction] {
        for kind in of_broadcasts() {
            site.tron.tron().add_fault(NodeFault::always(endpoint, kind).percent(rate));
        }
    }
    for gate in &site.gates {
        for kind in of_gate() {
            gate.add(GateFault::everywhere(kind).percent(rate));
        }
        // The chain is searched for what it would say of them.
        let nothing = G::Answer(Value::Null);
        gate.add(GateFault::always("eth_getTransactionReceipt", nothing).percent(rate));
    }
}

/// Honest twins again; what each knob has done.
pub(crate) fn turn_down(site: &Site) -> Acted {
    let mut acted = Acted::new();
    let mut note = |twin: &str, strikes: Vec<(String, u32)>| {
        for (knob, count) in strikes.into_iter().filter(|(_, count)| *count > 0) {
            *acted.entry(format!("{twin}: {knob}")).or_default() += u64::from(count);
        }
    };
    note("daraja", site.rail.control().strikes());
    note("tron", site.tron.tron().strikes());
    for gate in &site.gates {
        note("ethereum", gate.strikes());
        gate.clear_faults();
    }
    site.rail.control().clear_faults();
    site.rail.control().maintenance(false);
    site.rail.control().reset_initiator_lock();
    site.tron.tron().clear_faults();
    acted
}

/// Of the rail: every kind, for every call; where a kind means nothing to a call, it does nothing.
fn of_rail() -> Vec<R> {
    let (soon, later) = (Span::seconds(2), Span::seconds(60));
    let outcomes = ["1", "8", "1032", "1037", "2001", "2040", "SFC_IC0003"];
    let mut all = Vec::new();
    for accepted in [false, true] {
        all.extend([R::Hang { accepted }, R::Drop { accepted }, R::Empty { accepted }]);
        all.extend([R::Truncated { accepted }, R::ResponseCodeOne { accepted }]);
        all.push(R::Status { status: 503, accepted });
    }
    all.extend([R::Delay(soon), R::SlowDrip { byte_ms: 1 }, R::SpikeArrest, R::SystemBusy]);
    all.extend([R::QuotaViolation, R::WafHtml, R::Maintenance, R::LockedSubscriber]);
    all.extend([R::ExpireTokenIn(soon), R::InvalidToken, R::ProductMissing, R::NotAuthorised]);
    all.extend(outcomes.map(|code| R::Outcome(code.to_owned())));
    all.extend([R::FailureThenSuccess(later), R::QueueTimeoutThenSuccess]);
    all.extend([R::QueueTimeoutThenFailure, R::CallbackDrop, R::CallbackDelay(later)]);
    all.push(R::CallbackDuplicate { copies: 3, same_bytes: true });
    all.push(R::CallbackDuplicate { copies: 2, same_bytes: false });
    all.extend([R::CallbackBeforeAnswer, R::CallbackWrongAmount, R::CallbackWrongPhone]);
    all.extend([R::CallbackWrongId, R::CallbackUnknownCode, R::CallbackCodeAsText]);
    all.extend([R::CallbackParametersAsObject, R::CallbackExtraFields]);
    all.extend([R::CallbackMissingFields, R::CallbackSuccessThenFailure]);
    all.extend([R::CallbackFailureThoughPaid, R::CallbackInterim, R::CallbackOversize]);
    all.extend([R::CallbackNotJson, R::ForgedToken, R::ForgedReplay, R::ConfirmationDrop]);
    all.extend([R::ForgedSource("203.0.113.7".to_owned()), R::QueryPendingFor(later)]);
    all.extend([R::QueryContradict, R::QueryFlap, R::StatusNoResult]);
    all
}

/// Of a node of Tron, whatever it is asked.
fn of_any_node() -> Vec<T> {
    let mut all = Vec::new();
    for done in [false, true] {
        all.extend([T::Hang { done }, T::Drop { done }, T::Truncated { done }, T::Html { done }]);
    }
    all.extend([T::Forbidden, T::Unavailable, T::Error("java.lang.Exception : busy".to_owned())]);
    all.extend([T::Delay(Duration::from_millis(200)), T::Lagging { blocks: 25 }, T::NotFound]);
    all.extend([T::EmptyInfos, T::MissingInfo, T::ForeignInfo, T::MissingBlock, T::WrongBlockId]);
    all.extend([T::WrongParent, T::MissingTransaction]);
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

/// Of what is broadcast on Tron.
fn of_broadcasts() -> Vec<T> {
    let mut all = vec![T::AcceptThenDrop, T::KeepToItself, T::WrongTxid];
    all.extend(REFUSALS.map(T::Refuse));
    all.extend([Outcome::Revert, Outcome::OutOfEnergy].map(T::ExecutionEnds));
    all
}

/// Of a provider of Ethereum.
fn of_gate() -> Vec<G> {
    let mut all = Vec::new();
    for done in [false, true] {
        all.extend([G::Drop { done }, G::Hang { done }, G::Status { status: 429, done }]);
    }
    all.extend([G::Html, G::Truncated, G::EmptyLogs, G::too_many_results()]);
    all.push(G::refuse(-32_000, "header not found"));
    all.extend([G::Slow(Duration::from_millis(200)), G::Lag(20), G::FinalizedAt(1)]);
    all
}
