//! Coin that does not go out at once: what keeps it here, what was lost on its way, and what an operator
//! says meanwhile. Whatever happens, it is delivered once or paid back once.

mod blocked;
mod lost;
mod operators;

use e2e::hot_address;

use crate::chain::ground::{COIN, Ground};

/// Ten coins went to the customer's wallet, once, and nothing else left ours.
async fn is_delivered_once(ground: &Ground, id: &str) {
    let order = ground.rail.reaches(id, "completed").await;
    let hot = hot_address(ground.coins.network());
    let all = ground.coins.transfers().await;
    let ours: Vec<_> = all.into_iter().filter(|(_, from, ..)| *from == hot).collect();
    let [(hash, _, to, units)] = ours.as_slice() else { panic!("one delivery: {ours:?}") };
    assert_eq!((to, *units), (&ground.wallet(), 10 * COIN));
    assert_eq!(order["blockchain_txn_hash"]["String"], *hash);
    let done = ground.signatures(id, "delivery").await;
    let done: Vec<_> = done.iter().filter(|it| it.state == "done").collect();
    assert!(matches!(done.as_slice(), [one] if one.tx_hash == *hash), "{done:?}");
}
