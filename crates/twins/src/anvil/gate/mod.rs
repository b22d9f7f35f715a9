//! A provider in front of the node: several gates before one chain are several providers, each
//! with faults of its own. Every call is written down.

mod fault;
mod plan;
mod relay;
mod view;

pub use fault::{GateFault, GateFaultKind};

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::task::JoinSet;

use super::rpc::Rpc;
use crate::http::{accept, bind};
use fault::Rule;

/// One call that came in.
#[derive(Debug, Clone, PartialEq)]
pub struct GateCall {
    pub method: String,
    pub params: Value,
    /// The faults that hit it.
    pub faults: Vec<GateFaultKind>,
}

/// A JSON-RPC proxy on loopback. Dropping it closes its port and every connection.
#[derive(Debug)]
pub struct AnvilGate {
    address: SocketAddr,
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

#[derive(Debug)]
struct Shared {
    node: Rpc,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    rules: Vec<Rule>,
    journal: Vec<GateCall>,
}

impl AnvilGate {
    /// A gate before the node (or before the gate) at `node_url`, on the current runtime.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(node_url: &str) -> io::Result<Self> {
        let listener = bind(IpAddr::V4(Ipv4Addr::LOCALHOST), 0).await?;
        let address = listener.local_addr()?;
        let node = Rpc::new(node_url.to_owned())?;
        let shared = Arc::new(Shared { node, state: Mutex::default() });
        let answering = Arc::clone(&shared);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, move |call| relay::answer(Arc::clone(&answering), call)));
        Ok(Self { address, shared, _tasks: tasks })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on calls that match suffer this.
    pub fn add(&self, fault: GateFault) {
        self.shared.lock().rules.push(Rule::new(fault));
    }

    /// Each rule by name, and how often it has struck.
    pub fn strikes(&self) -> Vec<(String, u32)> {
        self.shared.lock().rules.iter().map(Rule::struck).collect()
    }

    /// An honest provider again.
    pub fn clear_faults(&self) {
        self.shared.lock().rules.clear();
    }

    /// How often a method was called.
    pub fn count(&self, method: &str) -> usize {
        self.shared.lock().journal.iter().filter(|call| call.method == method).count()
    }

    /// Every call, in order.
    pub fn journal(&self) -> Vec<GateCall> {
        self.shared.lock().journal.clone()
    }

    pub fn clear_journal(&self) {
        self.shared.lock().journal.clear();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The faults that hit a call; writes the call down.
    fn strike(&self, method: &str, params: &Value, at_once: usize) -> Vec<GateFaultKind> {
        let mut state = self.lock();
        let struck = state.rules.iter_mut().filter_map(|rule| rule.strike(method, params, at_once));
        let faults: Vec<GateFaultKind> = struck.collect();
        let (method, params) = (method.to_owned(), params.clone());
        state.journal.push(GateCall { method, params, faults: faults.clone() });
        faults
    }
}
