//! Provisioning: the parties that orders and offers may name.

use super::offers::Claimed;
use super::{Answer, Engine, Render, Request, ServiceError};
use crate::ids::PartyId;
use crate::party::{Email, Msisdn, Party, Role};
use crate::ports::Provisioned;

/// A party as an admin asks for it; without an id it gets a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvisionParty {
    pub id: Option<PartyId>,
    pub role: Role,
    pub email: Email,
    pub phone: Msisdn,
    pub first_name: String,
    pub last_name: String,
}

impl Engine {
    /// Adds a party.
    ///
    /// # Errors
    /// `Forbidden` unless the caller is an admin, `PartyExists`, `EmailTaken`, `KeyReused`, or the
    /// store's own.
    pub async fn provision_party(
        &self,
        request: &Request,
        command: ProvisionParty,
        render: Render<'_, Party>,
    ) -> Result<Answer, ServiceError> {
        if !request.caller.may_provision() {
            return Err(ServiceError::Forbidden("only an admin provisions parties"));
        }
        let party = self.new_party(command);
        let mut uow = match self.begin_claimed(request).await? {
            Claimed::Fresh(uow) => uow,
            Claimed::Replayed(answer) => return Ok(answer),
        };
        let taken = match uow.insert_party(&party).await? {
            Provisioned::Done => {
                let answer = self.answer(&mut *uow, request, render(&party)).await?;
                uow.commit().await?;
                return Ok(answer);
            }
            Provisioned::IdTaken => ServiceError::PartyExists,
            Provisioned::EmailTaken => ServiceError::EmailTaken,
        };
        uow.rollback().await?;
        Err(taken)
    }

    fn new_party(&self, command: ProvisionParty) -> Party {
        let now = self.clock.now();
        Party {
            id: command.id.unwrap_or_else(|| PartyId(self.new_id(now))),
            role: command.role,
            email: command.email,
            phone: command.phone,
            first_name: command.first_name,
            last_name: command.last_name,
            created_at: now,
        }
    }
}
