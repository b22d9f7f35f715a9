//! The people of an order: customers, vendors, admins, and how to reach them.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::ids::PartyId;

/// What a party may do is decided by its role (see [`crate::access`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Customer,
    Vendor,
    Admin,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Customer, Self::Vendor, Self::Admin];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Vendor => "vendor",
            Self::Admin => "admin",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// Somebody who can be a side of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    pub id: PartyId,
    pub role: Role,
    pub email: Email,
    pub phone: Msisdn,
    pub first_name: String,
    pub last_name: String,
    pub created_at: OffsetDateTime,
}

/// How to reach a party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub email: Email,
    pub phone: Msisdn,
}

impl Party {
    pub fn contact(&self) -> Contact {
        Contact { email: self.email.clone(), phone: self.phone.clone() }
    }
}

/// A Kenyan mobile number as M-Pesa spells it: `2547XXXXXXXX` or `2541XXXXXXXX`.
/// Printing it masks the middle; [`Msisdn::as_str`] is for the wire and the rail.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Msisdn(String);

/// Why a text is no MSISDN; names the right form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must have the form 254XXXXXXXXX: 254, then 7 or 1, then eight digits (no +, no leading 0)"
)]
pub struct MsisdnError;

impl Msisdn {
    /// Reads `^254[17]\d{8}$`.
    pub fn parse(text: &str) -> Result<Self, MsisdnError> {
        let rest = text.strip_prefix("254").ok_or(MsisdnError)?;
        let right = rest.len() == 9
            && rest.starts_with(['7', '1'])
            && rest.bytes().all(|b| b.is_ascii_digit());
        if right { Ok(Self(text.to_owned())) } else { Err(MsisdnError) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (head, tail) = (self.0.get(..4), self.0.get(9..));
        write!(f, "{}•••••{}", head.unwrap_or(""), tail.unwrap_or(""))
    }
}

impl fmt::Display for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// An e-mail address. Printing it masks it; [`Email::as_str`] is for the wire.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

/// Why a text is no e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an e-mail address such as \"amina@example.com\", at most 254 characters")]
pub struct EmailError;

impl Email {
    /// Checks the shape only: one `@` with something before it and a dotted host after it. Whether
    /// it receives mail only a mail can tell.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let (local, host) = text.split_once('@').ok_or(EmailError)?;
        let plain =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_graphic() && c != '@');
        let dotted = host.split('.').count() >= 2 && host.split('.').all(|label| !label.is_empty());
        let right = text.len() <= 254 && plain(local) && plain(host) && dotted;
        if right { Ok(Self(text.to_owned())) } else { Err(EmailError) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••@•••")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_rails_own_spelling_of_a_phone_is_taken() {
        assert!(Msisdn::parse("254727648169").is_ok());
        assert!(Msisdn::parse("254112345678").is_ok());
        for wrong in
            ["+254727648169", "0727648169", "254227648169", "25472764816", "2547276481690", ""]
        {
            assert_eq!(Msisdn::parse(wrong), Err(MsisdnError), "{wrong}");
        }
    }

    #[test]
    fn phones_and_mails_do_not_print_themselves() {
        let phone = Msisdn::parse("254727648169").expect("valid");
        assert_eq!(format!("{phone} {phone:?}"), "2547•••••169 2547•••••169");
        let email = Email::parse("amina@example.com").expect("valid");
        assert!(!format!("{email:?}").contains("amina"));
    }

    #[test]
    fn an_email_needs_a_name_and_a_dotted_host() {
        for wrong in ["", "amina", "@example.com", "a@b", "a@b.", "a b@c.d", "a@b@c.d"] {
            assert_eq!(Email::parse(wrong), Err(EmailError), "{wrong}");
        }
    }
}
