//! How a twin is set up: ports, seed, speed, money, credentials and the knobs of the contested
//! parts of Daraja's behaviour.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::seconds;

/// How to start a twin. `Default` is a fast answer to "like the sandbox, but it works".
#[derive(Debug, Clone)]
pub struct Options {
    /// 0 takes any free port; the address is always 127.0.0.1.
    pub port: u16,
    pub control_port: u16,
    /// The address to listen on; anything but loopback is refused.
    pub host: std::net::IpAddr,
    pub seed: u64,
    /// Virtual seconds per real second. Every duration of a behaviour is virtual; dates are not.
    pub speed: u32,
    /// What the virtual clock shows first; the present moment unless given.
    pub start: Option<OffsetDateTime>,
    pub credentials: Credentials,
    /// Cents in the B2C short code's utility account.
    pub utility_float: i64,
    /// Cents in every phone's wallet, unless set.
    pub wallet: i64,
    pub rules: Rules,
    /// Where the world is kept, and gone on with; `None`: it ends with the program.
    pub folder: Option<std::path::PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            control_port: 0,
            host: std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
            seed: 1,
            speed: 1,
            start: None,
            credentials: Credentials::default(),
            utility_float: 1_000_000_000,
            wallet: 50_000_000,
            rules: Rules::default(),
            folder: None,
        }
    }
}

/// What an adapter has to know. Nothing here is worth anything: the passkey is the sandbox's
/// published one, the rest is made up.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub consumer_key: String,
    pub consumer_secret: String,
    pub passkey: String,
    pub stk_short_code: u64,
    pub b2c_short_code: u64,
    pub initiator_name: String,
    pub initiator_password: String,
}

impl Default for Credentials {
    fn default() -> Self {
        Self {
            consumer_key: "twin-key".to_owned(),
            consumer_secret: "twin-secret".to_owned(),
            passkey: "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919".to_owned(),
            stk_short_code: 174_379,
            b2c_short_code: 600_992,
            initiator_name: "testapi".to_owned(),
            initiator_password: "twin-password".to_owned(),
        }
    }
}

/// Which field of a Transaction Status request may carry the original conversation's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusField {
    Either,
    OriginalConversationId,
    OriginatorConversationId,
}

/// What a Transaction Status request about an unknown payout brings. Reality is not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownOcid {
    NoResult,
    Code25,
    QueueTimeout,
}

/// The disputed shape of what arrives at a `QueueTimeOutURL`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueTimeoutBody {
    /// The request itself, credential included.
    Echo,
    Result,
}

/// The spellings of a phone that have been seen beside its owner's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneSpelling {
    /// `254722334455`
    International,
    /// `+254722334455`
    Plus,
    /// `0722334455`
    Local,
    /// `2547***455`
    Masked,
}

impl PhoneSpelling {
    pub(super) fn write(self, msisdn: &str) -> String {
        let (head, local) = (msisdn.get(..4), msisdn.get(3..));
        let tail = msisdn.get(msisdn.len().saturating_sub(3)..);
        match self {
            Self::International => msisdn.to_owned(),
            Self::Plus => format!("+{msisdn}"),
            Self::Local => format!("0{}", local.unwrap_or_default()),
            Self::Masked => format!("{}***{}", head.unwrap_or_default(), tail.unwrap_or_default()),
        }
    }
}

/// Knobs of the world; they may be turned while the twin runs.
#[expect(clippy::struct_excessive_bools, reason = "independent knobs, not a state")]
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    #[serde(with = "seconds")]
    pub token_life: Duration,
    /// `expires_in` as a number instead of a string.
    pub expires_in_is_a_number: bool,
    pub new_token_invalidates_old: bool,
    /// Refuse an `AccountReference` over 12 and a `TransactionDesc` over 13 characters.
    pub strict_lengths: bool,
    pub refuse_uppercase_urls: bool,
    /// Same phone and same amount within this time end in result code 17.
    #[serde(with = "seconds")]
    pub same_amount_window: Duration,
    /// How often, in percent, a query about a finished payment answers 500.001.1001.
    pub query_noise_percent: u8,
    /// How often a callback that was not answered with 2xx is sent again. Daraja: never.
    pub callback_retries: u32,
    /// The source header of every callback, to forge one.
    pub forwarded_for: Option<String>,
    /// How long an `OriginatorConversationID` is remembered; `None` is for ever.
    #[serde(with = "seconds::option")]
    pub ocid_retention: Option<Duration>,
    pub status_field: StatusField,
    pub unknown_ocid: UnknownOcid,
    /// Whether the ack and result of a status query echo the queried payout's id.
    pub echo_queried_ocid: bool,
    pub queue_timeout_body: QueueTimeoutBody,
    /// `false`: result code 21.
    pub initiator_has_role: bool,
    /// `false`: result code 2028.
    pub b2c_allowed: bool,
    /// `false`: v3 answers 403.002.1001.
    pub v3_entitled: bool,
    pub b2c_fee_cents: i64,
    pub maintenance: bool,
    /// Added to every moment that the twin writes, not to when things happen.
    #[serde(with = "seconds")]
    pub clock_skew: Duration,
    /// Pull rows in a list within a list, as the portal's sample has them.
    pub pull_rows_nested: bool,
    /// An empty statement answers 1001, like an organization that is not known; `false`: 1000, and no
    /// rows.
    pub pull_empty_is_not_found: bool,
    /// How payout results and statuses spell a phone.
    pub phone_spelling: PhoneSpelling,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            token_life: Duration::seconds(3599),
            expires_in_is_a_number: false,
            new_token_invalidates_old: true,
            strict_lengths: false,
            refuse_uppercase_urls: false,
            same_amount_window: Duration::minutes(2),
            query_noise_percent: 20,
            callback_retries: 0,
            forwarded_for: None,
            ocid_retention: None,
            status_field: StatusField::Either,
            unknown_ocid: UnknownOcid::NoResult,
            echo_queried_ocid: true,
            queue_timeout_body: QueueTimeoutBody::Echo,
            initiator_has_role: true,
            b2c_allowed: true,
            v3_entitled: true,
            b2c_fee_cents: 2_240,
            maintenance: false,
            clock_skew: Duration::ZERO,
            pull_rows_nested: true,
            pull_empty_is_not_found: true,
            phone_spelling: PhoneSpelling::International,
        }
    }
}
