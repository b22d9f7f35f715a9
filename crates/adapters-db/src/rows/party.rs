//! Rows of `parties`.

use diesel::prelude::*;
use domain::ids::PartyId;
use domain::party::{Contact, Email, Msisdn, Party, Role};
use domain::ports::StoreError;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::corrupt;
use crate::schema::parties;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = parties, check_for_backend(diesel::pg::Pg))]
pub(crate) struct PartyRow {
    id: Uuid,
    role: String,
    email: String,
    phone: String,
    first_name: String,
    last_name: String,
    created_at: OffsetDateTime,
}

impl From<&Party> for PartyRow {
    fn from(party: &Party) -> Self {
        Self {
            id: party.id.0,
            role: party.role.as_str().to_owned(),
            email: party.email.as_str().to_owned(),
            phone: party.phone.as_str().to_owned(),
            first_name: party.first_name.clone(),
            last_name: party.last_name.clone(),
            created_at: party.created_at,
        }
    }
}

impl TryFrom<PartyRow> for Party {
    type Error = StoreError;

    fn try_from(row: PartyRow) -> Result<Self, StoreError> {
        let wrong = |what| corrupt(what, row.id);
        Ok(Self {
            id: PartyId(row.id),
            role: Role::parse(&row.role).ok_or_else(|| wrong("role"))?,
            email: Email::parse(&row.email).map_err(|_| wrong("email"))?,
            phone: Msisdn::parse(&row.phone).map_err(|_| wrong("phone"))?,
            first_name: row.first_name,
            last_name: row.last_name,
            created_at: row.created_at,
        })
    }
}

/// `email` and `phone` of a party.
pub(crate) type ContactRow = (String, String);

pub(crate) fn contact((email, phone): ContactRow, id: PartyId) -> Result<Contact, StoreError> {
    Ok(Contact {
        email: Email::parse(&email).map_err(|_| corrupt("email", id))?,
        phone: Msisdn::parse(&phone).map_err(|_| corrupt("phone", id))?,
    })
}
