//! Waiting for what must come about, never for time to pass.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

/// Longer than anything here takes, even on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

/// Asks until the condition holds.
#[track_caller]
pub fn eventually(
    what: &'static str,
    mut holds: impl AsyncFnMut() -> bool,
) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        let mut beat = interval(Duration::from_millis(20));
        // A look that took long is followed by a rest all the same.
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let deadline = Instant::now() + LIMIT;
        while !holds().await {
            assert!(Instant::now() < deadline, "{caller}: {what}: in vain");
            beat.tick().await;
        }
    }
}

/// What the future comes to, which it must do in bounded time.
pub async fn in_time<T>(what: &str, limit: Duration, future: impl Future<Output = T>) -> T {
    let done = timeout(limit, future).await;
    done.unwrap_or_else(|_| panic!("{what} took longer than {limit:?}"))
}

/// Starts all of them together and waits for every one.
pub async fn at_once<T>(futures: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    futures_util::future::join_all(futures).await
}
