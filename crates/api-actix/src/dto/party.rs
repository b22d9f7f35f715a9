//! Parties on the wire.

use domain::party::Party;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::shown::Time;
use super::words;

/// A customer, vendor or admin.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Party)]
pub struct PartyBody<'a> {
    id: Uuid,
    #[schema(value_type = words::RoleWord)]
    role: &'static str,
    email: &'a str,
    #[schema(example = "+254727648169")]
    phone_number: String,
    first_name: &'a str,
    last_name: &'a str,
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
}

impl<'a> From<&'a Party> for PartyBody<'a> {
    fn from(party: &'a Party) -> Self {
        Self {
            id: party.id.0,
            role: party.role.as_str(),
            email: party.email.as_str(),
            phone_number: format!("+{}", party.phone.as_str()),
            first_name: &party.first_name,
            last_name: &party.last_name,
            created_at: Time(party.created_at),
        }
    }
}
