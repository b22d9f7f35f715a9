//! The parties.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ids::PartyId;
use domain::party::Party;
use domain::ports::{PartyRepository, Provisioned, StoreError};

use crate::error::from_diesel;
use crate::rows::PartyRow;
use crate::schema::parties;
use crate::unit_of_work::PgUnitOfWork;

#[async_trait]
impl PartyRepository for PgUnitOfWork {
    async fn insert_party(&mut self, party: &Party) -> Result<Provisioned, StoreError> {
        let inserted = diesel::insert_into(parties::table)
            .values(PartyRow::from(party))
            .on_conflict_do_nothing()
            .execute(self.connection())
            .await
            .map_err(from_diesel)?;
        if inserted == 1 {
            return Ok(Provisioned::Done);
        }
        // Which of the two uniques it was decides what to tell; either way nothing was stored.
        Ok(match self.find_party(party.id).await? {
            Some(_) => Provisioned::IdTaken,
            None => Provisioned::EmailTaken,
        })
    }

    async fn find_party(&mut self, id: PartyId) -> Result<Option<Party>, StoreError> {
        let row: Option<PartyRow> = parties::table
            .find(id.0)
            .select(PartyRow::as_select())
            .first(self.connection())
            .await
            .optional()
            .map_err(from_diesel)?;
        row.map(Party::try_from).transpose()
    }
}
