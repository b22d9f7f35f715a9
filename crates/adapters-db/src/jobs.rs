//! Jobs: rows of the outbox, leased to whoever carries them out.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ports::{Job, JobEnd, Jobs, StoreError};
use time::{Duration, OffsetDateTime};

use crate::error::from_diesel;
use crate::prepared::Prepared;
use crate::rows::{JobRow, JobTypes, readable, words};
use crate::schema::outbox;
use crate::statement::{Bind, Statement};
use crate::unit_of_work::PgUnitOfWork;

const CLAIM_JOBS: &str = include_str!("sql/claim_jobs.sql");
const TAKE_JOB: &str = include_str!("sql/take_job.sql");
const WAKE_JOB: &str = include_str!("sql/wake_job.sql");

/// What is kept of an error.
const LAST_ERROR: usize = 500;

/// Leases due jobs, oldest first.
pub(crate) async fn claim_jobs(
    connection: &mut AsyncPgConnection,
    kinds: &[&str],
    limit: u16,
    now: OffsetDateTime,
    lease: Duration,
) -> Result<Vec<Job>, StoreError> {
    let binds = vec![
        Bind::micros(lease),
        Bind::Texts(kinds.to_vec()),
        Bind::Time(now),
        Bind::BigInt(limit.into()),
    ];
    let statement = Statement { text: CLAIM_JOBS, binds }.returning::<JobTypes>();
    let mut rows: Vec<JobRow> = statement.load(connection).await.map_err(from_diesel)?;
    // An update answers in no order.
    rows.sort_unstable_by_key(|row| (row.available_at, row.id));
    readable(rows.into_iter().map(Job::try_from).collect())
}

#[async_trait]
impl Jobs for PgUnitOfWork {
    async fn take_job(
        &mut self,
        key: &str,
        _now: OffsetDateTime,
        lease: Duration,
    ) -> Result<Option<Job>, StoreError> {
        let binds = vec![Bind::micros(lease), Bind::Text(Some(key))];
        let statement = Statement { text: TAKE_JOB, binds }.returning::<JobTypes>();
        let rows: Vec<JobRow> = statement.load(self.connection()).await.map_err(from_diesel)?;
        rows.into_iter().next().map(Job::try_from).transpose()
    }

    async fn end_job(
        &mut self,
        job: &Job,
        end: JobEnd,
        error: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let ours = outbox::table
            .find(job.id)
            .filter(outbox::fence.eq(job.fence))
            .filter(outbox::leased_until.is_not_null());
        let (done_at, available_at) = match end {
            JobEnd::Done => (Some(now), None),
            JobEnd::Again(at) => (None, Some(at)),
        };
        let update = diesel::update(ours).set((
            // `None` leaves a column as it is: a leased job is not done.
            done_at.map(|at| outbox::done_at.eq(at)),
            available_at.map(|at| outbox::available_at.eq(at)),
            outbox::leased_until.eq(None::<OffsetDateTime>),
            outbox::last_error.eq(error.map(|error| words(error, LAST_ERROR))),
        ));
        let ended = Prepared(update).execute(self.connection()).await.map_err(from_diesel)?;
        Ok(ended == 1)
    }

    async fn wake_job(&mut self, key: &str, at: OffsetDateTime) -> Result<(), StoreError> {
        let binds = vec![Bind::Time(at), Bind::Text(Some(key))];
        let statement = Statement { text: WAKE_JOB, binds };
        statement.execute(self.connection()).await.map(drop).map_err(from_diesel)
    }
}
