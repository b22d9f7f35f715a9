//! The walk over all open orders and jobs. A batch of jobs is read first and the orders of the same span
//! after: what an order has done in between is judged in the next round.

use std::collections::{BTreeMap, HashMap, HashSet};

use time::OffsetDateTime;

use super::report::{JobsOfKind, OrdersOfStatus, count_job, count_order};
use crate::ids::OrderId;
use crate::ports::{Store, StoreError};
use crate::supervision::{
    Finding, Judgement, OpenJob, OpenOrder, Surroundings, Tardy, judge_job, judge_order,
    judge_unclaimed,
};

/// Jobs and orders in a statement.
const BATCH: u16 = 2_000;

/// What was seen on the way.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pub(super) orders: BTreeMap<&'static str, OrdersOfStatus>,
    pub(super) jobs: BTreeMap<String, JobsOfKind>,
    /// Orders that wait for a chain that nobody watches.
    pub(super) unwatched: Vec<OpenOrder>,
    stuck: Vec<Finding>,
    unclaimed: BTreeMap<String, Unclaimed>,
    /// What reviews of open jobs are about.
    subjects: HashSet<String>,
}

/// Jobs of a kind that nobody takes.
#[derive(Debug)]
struct Unclaimed {
    count: usize,
    oldest: OffsetDateTime,
    key: String,
}

impl Walk {
    pub(super) async fn over(store: &dyn Store, around: &Surroundings) -> Result<Self, StoreError> {
        let mut walk = Self::default();
        let mut after = None;
        loop {
            let jobs = store.open_jobs(after.map(|order| (order, i64::MAX)), BATCH).await?;
            let (until, jobs) = whole_orders(jobs);
            let mut jobs = by_order(jobs);
            walk.see_orders(store, around, (after, until), &mut jobs).await?;
            // What is left belongs to orders that are final.
            for job in jobs.into_values().flatten() {
                walk.see_job(&job, None, around);
            }
            let Some(last) = until else {
                return Ok(walk);
            };
            after = Some(last);
        }
    }

    async fn see_orders(
        &mut self,
        store: &dyn Store,
        around: &Surroundings,
        (mut after, until): (Option<OrderId>, Option<OrderId>),
        jobs: &mut HashMap<OrderId, Vec<OpenJob>>,
    ) -> Result<(), StoreError> {
        loop {
            let orders = store.open_orders(after, until, BATCH).await?;
            for order in &orders {
                let of_order = jobs.remove(&order.id).unwrap_or_default();
                self.see_order(order, &of_order, around);
            }
            match orders.last() {
                Some(last) if orders.len() == usize::from(BATCH) => after = Some(last.id),
                _ => return Ok(()),
            }
        }
    }

    fn see_order(&mut self, order: &OpenOrder, jobs: &[OpenJob], around: &Surroundings) {
        count_order(&mut self.orders, order);
        match judge_order(order, jobs, around) {
            Judgement::Moves => {}
            Judgement::Unwatched => self.unwatched.push(order.clone()),
            Judgement::Stuck(finding) => self.stuck.push(finding),
        }
        for job in jobs {
            self.see_job(job, Some(order), around);
        }
    }

    fn see_job(&mut self, job: &OpenJob, order: Option<&OpenOrder>, around: &Surroundings) {
        count_job(&mut self.jobs, job);
        self.subjects.insert(format!("job:{}", job.key));
        match judge_job(job, order, around) {
            None => {}
            Some(Tardy::Late(finding)) => self.stuck.push(finding),
            Some(Tardy::Unclaimed(since)) => self.see_unclaimed(job, since),
        }
    }

    fn see_unclaimed(&mut self, job: &OpenJob, since: OffsetDateTime) {
        let first = || Unclaimed { count: 0, oldest: since, key: job.key.clone() };
        let of_kind = self.unclaimed.entry(job.kind.clone()).or_insert_with(first);
        of_kind.count = of_kind.count.saturating_add(1);
        if since < of_kind.oldest {
            (of_kind.oldest, of_kind.key) = (since, job.key.clone());
        }
    }

    /// What is stuck by itself: orders, and jobs one by one or by their kind.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let unclaimed = self.unclaimed.iter().map(|(kind, of_kind)| {
            judge_unclaimed(kind, of_kind.count, of_kind.oldest, &of_kind.key)
        });
        self.stuck.iter().cloned().chain(unclaimed).collect()
    }

    /// Whether a review is about a job that is still open.
    pub(super) fn has_open_job(&self, subject: &str) -> bool {
        self.subjects.contains(subject)
    }
}

/// The jobs of whole orders, and the last of these; `None` when there are no others. A batch that ends
/// may end amid an order's jobs: those are left to the next one.
fn whole_orders(mut jobs: Vec<OpenJob>) -> (Option<OrderId>, Vec<OpenJob>) {
    let last = jobs.last().filter(|_| jobs.len() == usize::from(BATCH)).map(|job| job.order_id);
    let Some(last) = last else {
        return (None, jobs);
    };
    let before = jobs.iter().rev().find(|job| job.order_id != last).map(|job| job.order_id);
    if let Some(before) = before {
        jobs.retain(|job| job.order_id != last);
        return (Some(before), jobs);
    }
    // More jobs of one order than a batch: its first ones must do.
    (Some(last), jobs)
}

fn by_order(jobs: Vec<OpenJob>) -> HashMap<OrderId, Vec<OpenJob>> {
    let mut orders = HashMap::<OrderId, Vec<OpenJob>>::new();
    for job in jobs {
        orders.entry(job.order_id).or_default().push(job);
    }
    orders
}
