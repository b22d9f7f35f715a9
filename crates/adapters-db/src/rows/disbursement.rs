//! Rows of `disbursements`.

use diesel::prelude::*;
use domain::ids::OrderId;
use domain::money::Fiat;
use domain::party::Msisdn;
use domain::ports::StoreError;
use domain::rail::Disbursement;
use domain::rail::disbursement::{DisbursementState, Purpose};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::corrupt;
use crate::schema::disbursements;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = disbursements, check_for_backend(diesel::pg::Pg))]
pub(crate) struct DisbursementRow {
    id: Uuid,
    key: String,
    generation: i32,
    order_id: Uuid,
    kind: String,
    purpose: Value,
    original_receipt: Option<String>,
    phone: String,
    amount: i64,
    created_at: OffsetDateTime,
    #[diesel(embed)]
    progress: DisbursementProgress,
}

/// What of a disbursement changes after the intent.
#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = disbursements, treat_none_as_null = true, check_for_backend(diesel::pg::Pg))]
pub(crate) struct DisbursementProgress {
    state: String,
    conversation_id: Option<String>,
    receipt: Option<String>,
    evidence: Value,
    sent_at: Option<OffsetDateTime>,
    updated_at: OffsetDateTime,
}

fn unwritable(disbursement: &Disbursement) -> StoreError {
    corrupt("json", format!("disbursement {}", disbursement.id))
}

impl TryFrom<&Disbursement> for DisbursementProgress {
    type Error = StoreError;

    fn try_from(disbursement: &Disbursement) -> Result<Self, StoreError> {
        let evidence = serde_json::to_value(&disbursement.evidence);
        Ok(Self {
            state: disbursement.state.as_str().to_owned(),
            conversation_id: disbursement.conversation_id.clone(),
            receipt: disbursement.receipt.clone(),
            evidence: evidence.map_err(|_| unwritable(disbursement))?,
            sent_at: disbursement.sent_at,
            updated_at: disbursement.updated_at,
        })
    }
}

impl TryFrom<&Disbursement> for DisbursementRow {
    type Error = StoreError;

    fn try_from(disbursement: &Disbursement) -> Result<Self, StoreError> {
        let (kind, original_receipt) = match &disbursement.purpose {
            Purpose::Payout => ("payout", None),
            Purpose::Refund { receipt, .. } => ("refund", Some(receipt.clone())),
        };
        let purpose = serde_json::to_value(&disbursement.purpose);
        Ok(Self {
            id: disbursement.id,
            key: disbursement.key.clone(),
            generation: disbursement.generation,
            order_id: disbursement.order_id.0,
            kind: kind.to_owned(),
            purpose: purpose.map_err(|_| unwritable(disbursement))?,
            original_receipt,
            phone: disbursement.phone.as_str().to_owned(),
            amount: disbursement.amount.minor(),
            created_at: disbursement.created_at,
            progress: disbursement.try_into()?,
        })
    }
}

impl TryFrom<DisbursementRow> for Disbursement {
    type Error = StoreError;

    fn try_from(row: DisbursementRow) -> Result<Self, StoreError> {
        let wrong = |what| corrupt(what, format!("disbursement {}", row.id));
        let progress = row.progress;
        let purpose = serde_json::from_value(row.purpose);
        let evidence = serde_json::from_value(progress.evidence);
        Ok(Self {
            id: row.id,
            key: row.key,
            generation: row.generation,
            order_id: OrderId(row.order_id),
            purpose: purpose.map_err(|_| wrong("purpose"))?,
            phone: Msisdn::parse(&row.phone).map_err(|_| wrong("phone"))?,
            amount: Fiat::from_minor(row.amount).ok_or_else(|| wrong("amount"))?,
            state: DisbursementState::parse(&progress.state).ok_or_else(|| wrong("state"))?,
            conversation_id: progress.conversation_id,
            receipt: progress.receipt,
            evidence: evidence.map_err(|_| wrong("evidence"))?,
            created_at: row.created_at,
            sent_at: progress.sent_at,
            updated_at: progress.updated_at,
        })
    }
}
