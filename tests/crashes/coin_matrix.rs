//! The matrix of coin: chain × flow × effect × mishap.

use std::sync::{Mutex, PoisonError};

use domain::address::Network;
use futures_util::stream::{self, StreamExt as _};
use tokio::task::JoinSet;

use crate::coin_flows::{Flow, Ran, World};
use crate::coin_ground::Ground;
use crate::tripwire::{Mishap, Spot, Trip};
use crate::wired_chain::READS;

/// Cells that run at once.
const LANES: usize = 16;

const ROWS: [(Network, Flow); 6] = [
    (Network::Tron, Flow::Sweep),
    (Network::Ethereum, Flow::Sweep),
    (Network::Tron, Flow::Refund),
    (Network::Ethereum, Flow::Refund),
    (Network::Tron, Flow::Delivery),
    (Network::Ethereum, Flow::Delivery),
];

/// A lane's ground for as long as one world stands on it.
struct Grounds(Mutex<Vec<Ground>>);

impl Grounds {
    async fn new() -> Self {
        // On every thread there is: keys take their time to be opened.
        let grounds: JoinSet<Ground> = (0..LANES).map(|_| Ground::new()).collect();
        Self(Mutex::new(grounds.join_all().await))
    }

    async fn run(&self, (network, flow): (Network, Flow), at: Trip) -> Ran {
        let free = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let ground = free.expect("a ground for every lane");
        let ran = World::new(&ground, flow, network).await.run(at).await;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(ground);
        ran
    }

    async fn stop(self) {
        for ground in self.0.into_inner().unwrap_or_else(PoisonError::into_inner) {
            ground.stop().await;
        }
    }
}

fn mishaps(spot: Spot) -> impl Iterator<Item = (Spot, Mishap)> {
    let is_read = READS.contains(&spot.what);
    let tried = if is_read { &Mishap::OF_READS[..] } else { &Mishap::OF_ACTS };
    tried.iter().map(move |mishap| (spot, *mishap))
}

/// Every effect of the row's calm run, with every mishap.
async fn every_effect_of(grounds: &Grounds, row: (Network, Flow)) {
    let spots = grounds.run(row, None).await.spots;
    assert!(spots.len() > 10, "{row:?} has the effects {spots:?}");
    let cells = spots.iter().flat_map(|spot| mishaps(*spot));
    let runs = stream::iter(cells).map(|cell| grounds.run(row, Some(cell)));
    let ran: Vec<Ran> = runs.buffer_unordered(LANES).collect().await;
    let unheard = ran.iter().filter(|ran| ran.signed_unheard).count();
    let ((network, flow), effects, mishaps) = (row, spots.len(), ran.len());
    println!(
        "{flow:?} on {network:?}: {effects} effects, {mishaps} mishaps, one Transfer each; \
         {unheard} signatures unheard, and the journal gave the same again"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn coin_moves_once_whatever_happens() {
    let grounds = Grounds::new().await;
    for row in ROWS {
        every_effect_of(&grounds, row).await;
    }
    Box::pin(grounds.stop()).await;
}
