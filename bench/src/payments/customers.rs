//! Customers who pay, and how long the requests to pay took.

use crate::customers::{Custom, Driven, Street, now_us};
use anyhow::Result;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Notes when each request to pay was answered, and after how many microseconds.
#[derive(Debug, Default)]
pub(super) struct Payers(Mutex<Vec<(i64, u64)>>);

impl Custom for Payers {
    const DONE: &'static str = "status = 'processing'";
    const PATIENCE: Duration = Duration::from_secs(30);

    async fn order(&self, street: &Street, n: i64) -> Result<()> {
        let took = u64::try_from(street.buy(n).await?.as_micros())?;
        let posted = (now_us()?, took);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(posted);
        Ok(())
    }
}

impl Payers {
    /// What the requests of the measured time took, the shortest first.
    pub(super) fn posts(&self, driven: &Driven) -> Vec<u64> {
        let measured = driven.begun_us..driven.ended_us;
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let posts = all.iter().filter(|(at, _)| measured.contains(at));
        let mut posts: Vec<u64> = posts.map(|(_, took)| *took).collect();
        posts.sort_unstable();
        posts
    }
}
