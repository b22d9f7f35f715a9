//! A process of the service, as far as the crash matrix is concerned: a cashier, or a treasurer and a
//! watcher, whose ports are wired to a tripwire, and the loops that drive them. It dies by being
//! dropped, wherever it is.

use std::sync::Arc;
use std::time::Duration;

use domain::service::{Cashier, Chain, ServiceError, Treasurer, Watcher};
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::tripwire::Tripwire;
use crate::wired_chain::{self, WiredSigner, Witness};
use crate::wired_rail::WiredRail;
use crate::wired_store::WiredStore;

/// The cashier with a tripwire in each of its effects.
pub(crate) fn wired(cashier: &Cashier, wire: &Tripwire) -> Cashier {
    let store = WiredStore { inner: cashier.engine.store.clone(), wire: wire.clone() };
    let rail = WiredRail { inner: cashier.rail.clone(), wire: wire.clone() };
    let mut wired = cashier.clone();
    wired.engine.store = Arc::new(store);
    wired.rail = Arc::new(rail);
    wired
}

/// The loops of a worker, until they are dropped.
pub(crate) fn work(cashier: &Cashier) -> JoinSet<()> {
    let mut loops = JoinSet::new();
    loops.spawn(jobs(cashier.clone()));
    loops.spawn(callbacks(cashier.clone()));
    loops.spawn(sweep(cashier.clone()));
    loops
}

/// Ticks of a loop. One that is late is not made up for: a busy machine would do nothing else.
pub(crate) fn beat(millis: u64) -> Interval {
    let mut beat = interval(Duration::from_millis(millis));
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beat
}

async fn jobs(cashier: Cashier) {
    let mut beat = beat(25);
    loop {
        beat.tick().await;
        for job in cashier.claim_jobs(8).await.unwrap_or_default() {
            cashier.work_on(job).await;
        }
    }
}

async fn callbacks(cashier: Cashier) {
    let mut beat = beat(25);
    loop {
        beat.tick().await;
        for callback in cashier.claim_callbacks(8).await.unwrap_or_default() {
            cashier.read_callback(callback).await;
        }
    }
}

async fn sweep(cashier: Cashier) {
    let mut beat = beat(25);
    loop {
        beat.tick().await;
        let _next_turn_comes = cashier.sweep_statement().await;
    }
}

/// A treasurer and a watcher of one chain.
#[derive(Debug, Clone)]
pub(crate) struct Treasury {
    pub(crate) treasurer: Treasurer,
    pub(crate) watcher: Watcher,
    /// It gathers coin from escrow addresses, and watches for none.
    pub(crate) sweeps: bool,
}

impl Treasury {
    /// The same with a tripwire in each of its effects, and somebody who sees what is signed.
    pub(crate) fn wired(&self, wire: &Tripwire, witness: &Witness) -> Self {
        let inner = self.treasurer.engine.store.clone();
        let store = Arc::new(WiredStore { inner, wire: wire.clone() });
        let mut wired = self.clone();
        wired.treasurer.engine.store = store.clone();
        wired.watcher.engine.store = store;
        let network = self.watcher.network();
        let chain = |chain: &Chain| wired_chain::wired(chain, wire);
        wired.treasurer.chains = self.treasurer.chains.iter().map(chain).collect();
        let ours = |chain: &&Chain| chain.source.network() == network;
        let own = wired.treasurer.chains.iter().find(ours).expect("the network is wired");
        wired.watcher.source = own.source.clone();
        wired.treasurer.signer = Arc::new(WiredSigner {
            inner: self.treasurer.signer.clone(),
            wire: wire.clone(),
            witness: witness.clone(),
        });
        wired
    }

    /// The loops of a worker, until they are dropped.
    pub(crate) fn work(&self) -> JoinSet<()> {
        let mut loops = JoinSet::new();
        loops.spawn(transfers(self.treasurer.clone()));
        if self.sweeps {
            loops.spawn(gather(self.treasurer.clone()));
        } else {
            loops.spawn(watch(self.watcher.clone()));
        }
        loops
    }
}

async fn transfers(treasurer: Treasurer) {
    let mut beat = beat(25);
    loop {
        beat.tick().await;
        for job in treasurer.claim_jobs(8).await.unwrap_or_default() {
            treasurer.work_on(job).await;
        }
    }
}

async fn watch(watcher: Watcher) {
    let mut beat = beat(100);
    loop {
        beat.tick().await;
        let _next_look_comes = look(&watcher).await;
    }
}

async fn gather(treasurer: Treasurer) {
    let mut beat = beat(100);
    loop {
        beat.tick().await;
        let _next_turn_comes = treasurer.gather().await;
    }
}

/// Reads to the head, and tells the orders.
pub(crate) async fn look(watcher: &Watcher) -> Result<(), ServiceError> {
    while watcher.step().await?.lag > 0 {}
    while watcher.tell(50).await? > 0 {}
    watcher.close_overdue(None, 50).await.map(drop)
}
