//! Disbursements under lock, and the breaker of all money going out.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use domain::ports::{DisbursementRepository, StoreError};
use domain::rail::{Circuit, Disbursement};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::from_diesel;
use crate::prepared::Prepared;
use crate::rows::{CircuitRow, DisbursementProgress, DisbursementRow};
use crate::schema::{disbursements, rail_circuit};
use crate::statement::{Bind, Statement};
use crate::unit_of_work::PgUnitOfWork;

const FLOAT_CLAIMS: &str = include_str!("sql/float_claims.sql");

#[async_trait]
impl DisbursementRepository for PgUnitOfWork {
    async fn insert_disbursement(&mut self, disbursement: &Disbursement) -> Result<(), StoreError> {
        let row = DisbursementRow::try_from(disbursement)?;
        let insert = diesel::insert_into(disbursements::table).values(row);
        Prepared(insert).execute(self.connection()).await.map(drop).map_err(from_diesel)
    }

    async fn find_disbursement(&mut self, id: Uuid) -> Result<Option<Disbursement>, StoreError> {
        let row: Option<DisbursementRow> = disbursements::table
            .find(id)
            .select(DisbursementRow::as_select())
            .first(self.connection())
            .await
            .optional()
            .map_err(from_diesel)?;
        row.map(Disbursement::try_from).transpose()
    }

    async fn lock_disbursement(&mut self, id: Uuid) -> Result<Option<Disbursement>, StoreError> {
        let row: Option<DisbursementRow> = disbursements::table
            .find(id)
            .select(DisbursementRow::as_select())
            .for_no_key_update()
            .first(self.connection())
            .await
            .optional()
            .map_err(from_diesel)?;
        row.map(Disbursement::try_from).transpose()
    }

    async fn lock_last_disbursement(
        &mut self,
        key: &str,
    ) -> Result<Option<Disbursement>, StoreError> {
        let row: Option<DisbursementRow> = disbursements::table
            .filter(disbursements::key.eq(key))
            .order(disbursements::generation.desc())
            .select(DisbursementRow::as_select())
            .for_no_key_update()
            .first(self.connection())
            .await
            .optional()
            .map_err(from_diesel)?;
        row.map(Disbursement::try_from).transpose()
    }

    async fn save_disbursement(&mut self, disbursement: &Disbursement) -> Result<(), StoreError> {
        let progress = DisbursementProgress::try_from(disbursement)?;
        let update = diesel::update(disbursements::table.find(disbursement.id)).set(progress);
        let saved = Prepared(update).execute(self.connection()).await.map_err(from_diesel)?;
        if saved != 1 {
            return Err(StoreError::Conflict(format!("disbursement {}", disbursement.id)));
        }
        Ok(())
    }

    /// The row is there since the migration, so that there is always something to lock.
    async fn lock_circuit(&mut self, _now: OffsetDateTime) -> Result<Circuit, StoreError> {
        let row: CircuitRow = rail_circuit::table
            .select(CircuitRow::as_select())
            .for_update()
            .first(self.connection())
            .await
            .map_err(from_diesel)?;
        Circuit::try_from(row)
    }

    async fn save_circuit(&mut self, circuit: &Circuit) -> Result<(), StoreError> {
        let update = diesel::update(rail_circuit::table).set(CircuitRow::from(circuit));
        let saved = Prepared(update).execute(self.connection()).await.map_err(from_diesel)?;
        if saved != 1 {
            return Err(StoreError::Conflict("the circuit".into()));
        }
        Ok(())
    }

    async fn float_claims(&mut self, since: OffsetDateTime) -> Result<i64, StoreError> {
        let statement = Statement { text: FLOAT_CLAIMS, binds: vec![Bind::Time(since)] };
        let statement = statement.returning::<BigInt>();
        statement.get_result(self.connection()).await.map_err(from_diesel)
    }
}
