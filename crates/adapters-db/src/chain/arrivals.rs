//! What arrived at our addresses, and how much of it has been told.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::Integer;
use diesel_async::RunQueryDsl;
use domain::address::Network;
use domain::chain::arrival::Return;
use domain::chain::{Arrival, Sighting};
use domain::order::DepositId;
use domain::ports::{Arrivals, StoreError};
use time::OffsetDateTime;

use crate::error::{corrupt, from_diesel};
use crate::prepared::Prepared;
use crate::rows::{ArrivalRow, height_column, ordinal_column, stage_column};
use crate::schema::chain_deposits;
use crate::statement::{Bind, Statement};
use crate::unit_of_work::PgUnitOfWork;

const NOTE_SIGHTINGS: &str = include_str!("../sql/note_sightings.sql");
const UNMAKE_DEPOSITS: &str = include_str!("../sql/unmake_deposits.sql");
const FINALISE_DEPOSITS: &str = include_str!("../sql/finalise_deposits.sql");
const PUT_OFF_DEPOSIT: &str = include_str!("../sql/put_off_deposit.sql");

fn missing(id: &DepositId) -> StoreError {
    StoreError::Conflict(format!("arrival {}", id.cause()))
}

/// The columns of sightings, each as one array.
fn columns(sightings: &[Sighting]) -> Result<Vec<Bind<'_>>, StoreError> {
    let ordinals: Option<Vec<i32>> =
        sightings.iter().map(|it| ordinal_column(it.id.ordinal)).collect();
    let ordinals = ordinals.ok_or_else(|| corrupt("ordinal", "a sighting"))?;
    let texts = |of: fn(&Sighting) -> &str| Bind::Texts(sightings.iter().map(of).collect());
    let assets = sightings.iter().map(|it| it.asset.map(domain::offer::Asset::as_str));
    let amounts = sightings.iter().map(|it| it.amount.map(domain::money::Crypto::minor));
    Ok(vec![
        texts(|it| &it.id.tx_hash),
        Bind::Integers(ordinals),
        texts(|it| &it.token),
        Bind::MaybeTexts(assets.collect()),
        texts(|it| &it.from),
        texts(|it| &it.to),
        texts(|it| &it.units),
        Bind::MaybeBigInts(amounts.collect()),
        Bind::BigInts(sightings.iter().map(|it| height_column(it.block.height)).collect()),
        texts(|it| &it.block.hash),
        Bind::Times(sightings.iter().map(|it| it.block_time).collect()),
    ])
}

impl PgUnitOfWork {
    /// Does `text` with a network and a height; answers how many rows it changed.
    async fn move_arrivals(
        &mut self,
        text: &'static str,
        network: Network,
        height: u64,
    ) -> Result<u64, StoreError> {
        let binds = vec![Bind::Text(Some(network.as_str())), Bind::BigInt(height_column(height))];
        let moved = Statement { text, binds }.execute(self.connection()).await;
        moved.map(|rows| u64::try_from(rows).unwrap_or(u64::MAX)).map_err(from_diesel)
    }
}

#[async_trait]
impl Arrivals for PgUnitOfWork {
    async fn note_sightings(
        &mut self,
        network: Network,
        sightings: &[Sighting],
        finality: u64,
        now: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        if sightings.iter().any(|it| it.id.network != network) {
            return Err(StoreError::Rejected("a sighting of another network".into()));
        }
        let mut binds = vec![
            Bind::Text(Some(network.as_str())),
            Bind::BigInt(height_column(finality)),
            Bind::Time(now),
        ];
        binds.extend(columns(sightings)?);
        let upsert = Statement { text: NOTE_SIGHTINGS, binds };
        let noted = upsert.execute(self.connection()).await.map_err(from_diesel)?;
        Ok(u64::try_from(noted).unwrap_or(u64::MAX))
    }

    async fn unmake_arrivals_above(
        &mut self,
        network: Network,
        height: u64,
    ) -> Result<u64, StoreError> {
        self.move_arrivals(UNMAKE_DEPOSITS, network, height).await
    }

    async fn finalise_arrivals(
        &mut self,
        network: Network,
        finality: u64,
    ) -> Result<u64, StoreError> {
        self.move_arrivals(FINALISE_DEPOSITS, network, finality).await
    }

    async fn lock_arrival(&mut self, id: &DepositId) -> Result<Option<Arrival>, StoreError> {
        let Some(ordinal) = ordinal_column(id.ordinal) else { return Ok(None) };
        let row: Option<ArrivalRow> = chain_deposits::table
            .find((id.network.as_str(), &id.tx_hash, ordinal))
            .select(ArrivalRow::as_select())
            .for_no_key_update()
            .first(self.connection())
            .await
            .optional()
            .map_err(from_diesel)?;
        row.map(Arrival::try_from).transpose()
    }

    async fn settle_arrival(&mut self, arrival: &Arrival) -> Result<(), StoreError> {
        let id = &arrival.sighting.id;
        let ordinal = ordinal_column(id.ordinal).ok_or_else(|| missing(id))?;
        let stage = stage_column(arrival.stage);
        let known = chain_deposits::table
            .find((id.network.as_str(), &id.tx_hash, ordinal))
            .filter(chain_deposits::stage.eq(stage));
        let update = diesel::update(known)
            .set((chain_deposits::told.eq(stage), chain_deposits::troubles.eq(0)));
        if Prepared(update).execute(self.connection()).await.map_err(from_diesel)? != 1 {
            return Err(missing(id));
        }
        Ok(())
    }

    async fn mark_return(&mut self, id: &DepositId, so_far: Return) -> Result<(), StoreError> {
        let ordinal = ordinal_column(id.ordinal).ok_or_else(|| missing(id))?;
        let known = chain_deposits::table
            .find((id.network.as_str(), &id.tx_hash, ordinal))
            .filter(chain_deposits::returned.is_distinct_from(Some(Return::Done.as_str())));
        let update = diesel::update(known).set(chain_deposits::returned.eq(Some(so_far.as_str())));
        Prepared(update).execute(self.connection()).await.map_err(from_diesel)?;
        Ok(())
    }

    async fn put_off_arrival(
        &mut self,
        id: &DepositId,
        again: OffsetDateTime,
    ) -> Result<i32, StoreError> {
        let binds = vec![
            Bind::Text(Some(id.network.as_str())),
            Bind::Text(Some(&id.tx_hash)),
            Bind::Integer(ordinal_column(id.ordinal)),
            Bind::Time(again),
        ];
        let update = Statement { text: PUT_OFF_DEPOSIT, binds }.returning::<(Integer,)>();
        let rows: Vec<(i32,)> = update.load(self.connection()).await.map_err(from_diesel)?;
        rows.into_iter().next().map(|(troubles,)| troubles).ok_or_else(|| missing(id))
    }
}
