//! Rows of `collections`.

use diesel::prelude::*;
use domain::ids::{CollectionId, OrderId};
use domain::money::Fiat;
use domain::party::Msisdn;
use domain::ports::StoreError;
use domain::rail::Collection;
use domain::rail::collection::{CollectionState, PushRefs};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::corrupt;
use crate::schema::collections;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = collections, check_for_backend(diesel::pg::Pg))]
pub(crate) struct CollectionRow {
    id: Uuid,
    order_id: Uuid,
    phone: String,
    amount: i64,
    account_reference: String,
    created_at: OffsetDateTime,
    #[diesel(embed)]
    progress: CollectionProgress,
}

/// What of a collection changes after the intent.
#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = collections, treat_none_as_null = true, check_for_backend(diesel::pg::Pg))]
pub(crate) struct CollectionProgress {
    state: String,
    merchant_request_id: Option<String>,
    checkout_request_id: Option<String>,
    push_answer: Option<Value>,
    receipt: Option<String>,
    evidence: Value,
    sent_at: Option<OffsetDateTime>,
    updated_at: OffsetDateTime,
}

/// The rail's answer to a prompt, but for the names that have columns of their own.
#[derive(Debug, Serialize, Deserialize)]
struct PushAnswer {
    code: String,
    description: String,
    customer_message: String,
}

impl TryFrom<&Collection> for CollectionProgress {
    type Error = StoreError;

    fn try_from(collection: &Collection) -> Result<Self, StoreError> {
        let json = |value: serde_json::Result<Value>| {
            value.map_err(|_| corrupt("json", format!("collection {}", collection.id)))
        };
        let refs = collection.refs.as_ref();
        let answer = refs.map(|refs| PushAnswer {
            code: refs.response_code.clone(),
            description: refs.response_description.clone(),
            customer_message: refs.customer_message.clone(),
        });
        Ok(Self {
            state: collection.state.as_str().to_owned(),
            merchant_request_id: refs.map(|refs| refs.merchant_request_id.clone()),
            checkout_request_id: refs.map(|refs| refs.checkout_request_id.clone()),
            push_answer: answer.map(|answer| json(serde_json::to_value(answer))).transpose()?,
            receipt: collection.receipt.clone(),
            evidence: json(serde_json::to_value(&collection.evidence))?,
            sent_at: collection.sent_at,
            updated_at: collection.updated_at,
        })
    }
}

impl TryFrom<&Collection> for CollectionRow {
    type Error = StoreError;

    fn try_from(collection: &Collection) -> Result<Self, StoreError> {
        Ok(Self {
            id: collection.id.0,
            order_id: collection.order_id.0,
            phone: collection.phone.as_str().to_owned(),
            amount: collection.amount.minor(),
            account_reference: collection.account_reference.clone(),
            created_at: collection.created_at,
            progress: collection.try_into()?,
        })
    }
}

impl CollectionProgress {
    /// The rail's names and words: there all together, or not at all.
    fn refs(&mut self) -> Option<Result<PushRefs, serde_json::Error>> {
        let merchant_request_id = self.merchant_request_id.take()?;
        let checkout_request_id = self.checkout_request_id.take()?;
        let answer = serde_json::from_value(self.push_answer.take()?);
        Some(answer.map(|answer: PushAnswer| PushRefs {
            merchant_request_id,
            checkout_request_id,
            response_code: answer.code,
            response_description: answer.description,
            customer_message: answer.customer_message,
        }))
    }
}

impl TryFrom<CollectionRow> for Collection {
    type Error = StoreError;

    fn try_from(row: CollectionRow) -> Result<Self, StoreError> {
        let wrong = |what| corrupt(what, format!("collection {}", row.id));
        let mut progress = row.progress;
        let refs = progress.refs().transpose();
        let evidence = serde_json::from_value(progress.evidence);
        Ok(Self {
            id: CollectionId(row.id),
            order_id: OrderId(row.order_id),
            phone: Msisdn::parse(&row.phone).map_err(|_| wrong("phone"))?,
            amount: Fiat::from_minor(row.amount).ok_or_else(|| wrong("amount"))?,
            account_reference: row.account_reference,
            state: CollectionState::parse(&progress.state).ok_or_else(|| wrong("state"))?,
            refs: refs.map_err(|_| wrong("push_answer"))?,
            receipt: progress.receipt,
            evidence: evidence.map_err(|_| wrong("evidence"))?,
            created_at: row.created_at,
            sent_at: progress.sent_at,
            updated_at: progress.updated_at,
        })
    }
}
