//! Others than customers: an operator who closes the breaker after a look, and what happens to twins that is no
//! fault of one call.

use std::time::{Duration, Instant};

use domain::rail::CircuitState;

use crate::site::Site;

/// Closes an open breaker every few seconds, as a person would who finds that the rail answers again.
pub(crate) async fn operator(site: &Site, until: Instant) {
    let mut beat = tokio::time::interval(Duration::from_secs(3));
    while Instant::now() < until {
        beat.tick().await;
        close_breaker(site).await;
    }
}

pub(crate) async fn close_breaker(site: &Site) {
    let Ok(engine) = site.engine() else { return };
    if engine.circuit().await.is_ok_and(|circuit| circuit.state == CircuitState::Open) {
        site.rail.control().reset_initiator_lock();
        let _tried_again_soon = engine.close_circuit().await;
    }
}

/// Forks below what is final, tokens that are revoked, maintenance: each at the same rate, every second.
pub(crate) async fn mischief(site: &Site, rate: u8, until: Instant) {
    let mut beat = tokio::time::interval(Duration::from_secs(1));
    let mut second = 0_u64;
    let every = 100_u64.checked_div(u64::from(rate)).unwrap_or(u64::MAX).max(1);
    while Instant::now() < until {
        beat.tick().await;
        second += 1;
        site.rail.control().maintenance(second % every == 1);
        match second % every {
            3 => site.rail.control().revoke_tokens(),
            5 => {
                site.tron.tron().fork(3);
            }
            7 => {
                let _the_node_may_be_busy = site.ethereum.ethereum().reorg(3, &[]).await;
            }
            _ => {}
        }
    }
    site.rail.control().maintenance(false);
}
