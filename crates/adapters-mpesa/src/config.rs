//! What the adapter must be told: one bundle per environment, so that a sandbox key never meets a
//! production short code. Nothing here prints a secret. Whether the bundle fits production (https,
//! no loopback) is the composition root's to check.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::party::Msisdn;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::urls;

/// One environment of Daraja, and who we are there.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MpesaConfig {
    /// Scheme and host, such as `https://api.safaricom.co.ke`; a final slash is dropped.
    pub base_url: String,
    pub consumer_key: SecretString,
    pub consumer_secret: SecretString,
    pub stk: StkConfig,
    /// None in a process that takes requests and moves no money out: it need not know the initiator.
    pub b2c: Option<B2cConfig>,
    /// What stands before `/hooks/{letter}/{token}` in callback URLs, such as
    /// `https://pay.example.co.ke`: lower case, without the words that Daraja refuses.
    pub callback_base: String,
    /// The Safaricom number (254…) under which statements are registered.
    pub nominated_number: String,
    #[serde(default)]
    pub status_key_field: StatusKeyField,
    #[serde(default)]
    pub limits: Limits,
    #[serde(default)]
    pub timeouts: Timeouts,
}

/// Where customers pay to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StkConfig {
    /// The one used at go-live, 5 to 7 digits; of a till this is its store number.
    pub short_code: u32,
    /// The pay bill number itself, or the till number.
    pub party_b: u32,
    pub kind: StkKind,
    pub passkey: SecretString,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StkKind {
    PayBill,
    Till,
}

/// Where payouts come from, and who may order them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct B2cConfig {
    pub short_code: u32,
    pub initiator: String,
    /// The initiator's password, encrypted: see [`crate::credential::encrypt`].
    pub security_credential: SecretString,
    #[serde(default)]
    pub api: B2cApi,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum B2cApi {
    /// Carries our reference, which the rail does not pay twice.
    #[default]
    V3,
    /// Knows no reference of ours: a payout that may have been taken must never be sent again.
    V1,
}

/// How a status question names the reference of a payout: Daraja's own pages disagree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusKeyField {
    /// `OriginalConversationID`
    #[default]
    Original,
    /// `OriginatorConversationID`
    Originator,
}

/// The most requests per second that leave us, by kind. A bucket holds one second's worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Prompts.
    pub stk_per_second: u32,
    /// Payouts, and reversals apart from them.
    pub b2c_per_second: u32,
    /// Questions about prompts.
    pub query_per_second: u32,
    /// Questions about payments, and about our balance apart from them.
    pub status_per_second: u32,
    /// Pages of statements; these wait for their turn instead of failing.
    pub statement_per_second: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            stk_per_second: 2,
            b2c_per_second: 2,
            query_per_second: 1,
            status_per_second: 1,
            statement_per_second: 1,
        }
    }
}

/// How long we wait, in milliseconds. All but `connect` count from the first byte to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timeouts {
    pub connect: u64,
    pub stk: u64,
    /// Payouts and reversals.
    pub b2c: u64,
    /// Everything that moves no money, tokens too.
    pub query: u64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: 5_000, stk: 30_000, b2c: 45_000, query: 30_000 }
    }
}

/// Why a bundle cannot be right. Names the setting, not its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("mpesa.{0} must not be empty")]
    Empty(&'static str),
    #[error("mpesa.base_url must be http(s)://host[:port]")]
    BaseUrl,
    #[error("mpesa.callback_base must be a lower-case http(s) URL without the word {0:?}")]
    BannedWord(&'static str),
    #[error("mpesa.callback_base must be http(s)://host[:port][/path] of a-z, 0-9, - and .")]
    CallbackBase,
    #[error("mpesa.{0} must have 5 to 7 digits")]
    ShortCode(&'static str),
    #[error("mpesa.stk.party_b of a pay bill must be its short code")]
    PartyB,
    #[error(
        "mpesa.b2c.security_credential must be base64 of an encrypted password, 344 characters"
    )]
    SecurityCredential,
    #[error("mpesa.nominated_number must have the form 254XXXXXXXXX")]
    NominatedNumber,
    #[error("mpesa.{0} must be more than zero")]
    Zero(&'static str),
    #[error("no TLS client can be made here")]
    Client,
}

impl MpesaConfig {
    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        if !urls::is_origin(&self.base_url) {
            return Err(ConfigError::BaseUrl);
        }
        urls::check_callback_base(&self.callback_base)?;
        self.check_words()?;
        self.check_numbers()
    }

    fn check_words(&self) -> Result<(), ConfigError> {
        let words = [
            ("consumer_key", self.consumer_key.expose_secret()),
            ("consumer_secret", self.consumer_secret.expose_secret()),
            ("stk.passkey", self.stk.passkey.expose_secret()),
            ("b2c.initiator", self.b2c.as_ref().map_or("-", |b2c| b2c.initiator.as_str())),
        ];
        if let Some((name, _)) = words.into_iter().find(|(_, word)| word.trim().is_empty()) {
            return Err(ConfigError::Empty(name));
        }
        // Catches the worst slip: the bare password in the place of the credential.
        let credential =
            self.b2c.as_ref().map(|b2c| STANDARD.decode(b2c.security_credential.expose_secret()));
        let is_long = |bytes: Vec<u8>| bytes.len() >= crate::credential::LEAST_BYTES;
        if !credential.is_none_or(|decoded| decoded.is_ok_and(is_long)) {
            return Err(ConfigError::SecurityCredential);
        }
        Msisdn::parse(&self.nominated_number).map_err(|_| ConfigError::NominatedNumber)?;
        Ok(())
    }

    fn check_numbers(&self) -> Result<(), ConfigError> {
        let codes = [
            ("stk.short_code", self.stk.short_code),
            ("stk.party_b", self.stk.party_b),
            ("b2c.short_code", self.b2c.as_ref().map_or(self.stk.short_code, |b2c| b2c.short_code)),
        ];
        let is_wrong = |code: u32| !(10_000..=9_999_999).contains(&code);
        if let Some((name, _)) = codes.into_iter().find(|(_, code)| is_wrong(*code)) {
            return Err(ConfigError::ShortCode(name));
        }
        if self.stk.kind == StkKind::PayBill && self.stk.party_b != self.stk.short_code {
            return Err(ConfigError::PartyB);
        }
        let (limits, timeouts) = (&self.limits, &self.timeouts);
        let numbers = [
            ("limits.stk_per_second", u64::from(limits.stk_per_second)),
            ("limits.b2c_per_second", limits.b2c_per_second.into()),
            ("limits.query_per_second", limits.query_per_second.into()),
            ("limits.status_per_second", limits.status_per_second.into()),
            ("limits.statement_per_second", limits.statement_per_second.into()),
            ("timeouts.connect", timeouts.connect),
            ("timeouts.stk", timeouts.stk),
            ("timeouts.b2c", timeouts.b2c),
            ("timeouts.query", timeouts.query),
        ];
        let zero = numbers.into_iter().find(|(_, number)| *number == 0);
        zero.map_or(Ok(()), |(name, _)| Err(ConfigError::Zero(name)))
    }
}

/// The nominated number is a phone, and the URLs are nobody's business.
impl fmt::Debug for MpesaConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MpesaConfig")
            .field("base_url", &self.base_url)
            .field("stk", &self.stk)
            .field("b2c", &self.b2c)
            .field("limits", &self.limits)
            .field("timeouts", &self.timeouts)
            .finish_non_exhaustive()
    }
}
