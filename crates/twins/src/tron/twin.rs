//! A running twin: the nodes' ports, and the task that makes blocks.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::address::Address;
use super::control::TronControl;
use super::hashing::keccak;
use super::kept::Kept;
use super::options::TronOptions;
use super::shared::Shared;
use super::wallets::deploy;
use super::world::World;
use crate::http::{Answer, Call, accept, bind};
use crate::keeping::Keeper;

/// A running twin. Clones are handles on the same one; with the last of them it stops.
#[derive(Debug, Clone)]
pub struct TronTwin {
    nodes: Vec<SocketAddr>,
    usdt: Address,
    is_continued: bool,
    shared: Arc<Shared>,
    ports: Arc<Mutex<JoinSet<()>>>,
    /// Held, not read: blocks come for as long as there is a handle.
    _slots: Arc<JoinSet<()>>,
}

impl TronTwin {
    /// Starts a twin on the current runtime.
    ///
    /// # Errors
    /// When the address is not a loopback one, or a port is taken.
    pub async fn start(options: TronOptions) -> io::Result<Self> {
        let mut listeners = Vec::new();
        for place in 0..options.nodes.max(1) {
            let port = u16::try_from(place).unwrap_or_default() + options.port;
            listeners.push(bind(options.host, if options.port == 0 { 0 } else { port }).await?);
        }
        let nodes =
            listeners.iter().map(TcpListener::local_addr).collect::<io::Result<Vec<_>>>()?;
        let usdt = Address::of_digest(&keccak(b"the USDT of a twin"));
        let usdt = options.usdt.unwrap_or(usdt);
        let (world, keeper, is_continued) = world(&options, usdt)?;
        let shared = Arc::new(Shared::new(world, keeper));
        let ports = Arc::new(Mutex::new(open(&shared, listeners)));
        let mut slots = JoinSet::new();
        if options.auto {
            slots.spawn(tick(Arc::clone(&shared), options.slot_ms));
        }
        Ok(Self { nodes, usdt, is_continued, shared, ports, _slots: Arc::new(slots) })
    }

    /// What an adapter takes for a node: the first one.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.nodes[0])
    }

    /// Whether a chain is kept in a folder.
    pub fn is_kept_in(folder: &Path) -> bool {
        Kept::is_in(folder)
    }

    /// Whether it goes on with a chain that was kept.
    pub fn is_continued(&self) -> bool {
        self.is_continued
    }

    /// All nodes.
    pub fn base_urls(&self) -> Vec<String> {
        self.nodes.iter().map(|node| format!("http://{node}")).collect()
    }

    pub fn control(&self) -> TronControl {
        TronControl { shared: Arc::clone(&self.shared), usdt: self.usdt }
    }

    /// Closes every port and connection. The chain goes on: an outage of its nodes is not one of
    /// it.
    pub async fn stop(&self) {
        let mut ports = {
            let mut held = self.ports.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *held)
        };
        ports.shutdown().await;
    }

    /// Comes back on the same ports after [`stop`](Self::stop), with everything remembered.
    pub async fn restart(&self) -> io::Result<()> {
        self.stop().await;
        let mut listeners = Vec::new();
        for node in &self.nodes {
            listeners.push(bind(node.ip(), node.port()).await?);
        }
        let ports = open(&self.shared, listeners);
        *self.ports.lock().unwrap_or_else(PoisonError::into_inner) = ports;
        Ok(())
    }
}

type Begun = (World, Option<Box<dyn Keeper<World>>>, bool);

/// The chain that was kept, or a new one; and what keeps it from now on.
fn world(options: &TronOptions, usdt: Address) -> io::Result<Begun> {
    let anew = || {
        let mut world = World::new(options);
        deploy(&mut world.ledger, usdt, "USDT", true);
        world
    };
    let Some(folder) = &options.folder else { return Ok((anew(), None, false)) };
    std::fs::create_dir_all(folder)?;
    let mut kept = Kept::open(folder)?;
    let old = kept.read(options)?;
    let is_continued = old.is_some();
    let mut world = match old {
        Some(world) => world,
        None => kept.begin(options, anew())?,
    };
    kept.keep(&mut world)?;
    Ok((world, Some(Box::new(kept)), is_continued))
}

fn open(shared: &Arc<Shared>, listeners: Vec<TcpListener>) -> JoinSet<()> {
    let mut ports = JoinSet::new();
    for (node, listener) in listeners.into_iter().enumerate() {
        let shared = Arc::clone(shared);
        ports.spawn(accept(listener, move |call| answer(Arc::clone(&shared), node, call)));
    }
    ports
}

async fn answer(shared: Arc<Shared>, node: usize, call: Call) -> Answer {
    let reply = shared.answer(node, &call);
    if !reply.pause.is_zero() {
        // Nothing ever comes of it: a pause.
        let _ = tokio::time::timeout(reply.pause, std::future::pending::<()>()).await;
    }
    reply.answer
}

async fn tick(shared: Arc<Shared>, slot_ms: u64) {
    let mut slots = tokio::time::interval(Duration::from_millis(slot_ms.max(1)));
    slots.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        slots.tick().await;
        shared.change(World::produce);
    }
}
