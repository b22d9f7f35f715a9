//! Sample settings and requests. All names, numbers and secrets are made up or Safaricom's own.

use std::sync::Arc;

use adapters_mpesa::{
    B2cApi, B2cConfig, Limits, Mpesa, MpesaConfig, StatusKeyField, StkConfig, StkKind, Timeouts,
};
use domain::money::Fiat;
use domain::party::Msisdn;
use domain::ports::{Clock, PayoutRequest, PushRequest, ReversalRequest, StatusKey, StatusRequest};
use domain::rail::CallbackToken;
use time::OffsetDateTime;
use time::macros::datetime;
use uuid::uuid;

/// Of the sandbox; known to everybody.
pub(crate) const PASSKEY: &str = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919";
/// 258 bytes in base64: shaped like a credential, and none.
pub(crate) const CREDENTIAL: &str = concat!(
    "U2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVk",
    "U2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVk",
    "U2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVk",
    "U2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVkU2VhbGVk",
);

struct Fixed(OffsetDateTime);

impl Clock for Fixed {
    fn now(&self) -> OffsetDateTime {
        self.0
    }
}

pub(crate) fn config(base_url: &str) -> MpesaConfig {
    MpesaConfig {
        base_url: base_url.to_owned(),
        consumer_key: "consumer-key".into(),
        consumer_secret: "consumer-secret".into(),
        stk: StkConfig {
            short_code: 174_379,
            party_b: 174_379,
            kind: StkKind::PayBill,
            passkey: PASSKEY.into(),
        },
        b2c: Some(B2cConfig {
            short_code: 600_992,
            initiator: "testapi".to_owned(),
            security_credential: CREDENTIAL.into(),
            api: B2cApi::V3,
        }),
        callback_base: "https://pay.example.co.ke".to_owned(),
        nominated_number: "254722000000".to_owned(),
        status_key_field: StatusKeyField::default(),
        limits: Limits {
            stk_per_second: 10_000,
            b2c_per_second: 10_000,
            query_per_second: 10_000,
            status_per_second: 10_000,
            statement_per_second: 10_000,
        },
        timeouts: Timeouts { connect: 2_000, stk: 2_000, b2c: 2_000, query: 2_000 },
    }
}

/// The moment of the official sample, 09:24:08 in East Africa.
pub(crate) fn at() -> OffsetDateTime {
    datetime!(2021-06-28 06:24:08 UTC)
}

pub(crate) fn rail(config: MpesaConfig) -> Mpesa {
    Mpesa::with_clock(config, Arc::new(Fixed(at()))).expect("settings that are right")
}

pub(crate) fn phone() -> Msisdn {
    Msisdn::parse("254708374149").expect("a phone")
}

pub(crate) fn fiat(text: &str) -> Fiat {
    Fiat::parse(text).expect("an amount")
}

/// A token of one hexadecimal digit.
pub(crate) fn token(digit: &str) -> CallbackToken {
    CallbackToken::parse(&digit.repeat(40)).expect("a token")
}

pub(crate) fn push() -> PushRequest {
    PushRequest {
        phone: phone(),
        amount: fiat("100"),
        account_reference: "K7Q2M9X4A1B3".to_owned(),
        token: token("a"),
    }
}

pub(crate) fn payout() -> PayoutRequest {
    PayoutRequest {
        reference: uuid!("0c8b2d1e-6d2e-4f0a-9a57-2f1e6f3f9b11"),
        phone: Msisdn::parse("254705912645").expect("a phone"),
        amount: fiat("1500"),
        result_token: token("b"),
        timeout_token: token("c"),
    }
}

pub(crate) fn reversal() -> ReversalRequest {
    ReversalRequest {
        receipt: "NLJ7RT61SV".to_owned(),
        amount: fiat("100"),
        result_token: token("b"),
        timeout_token: token("c"),
    }
}

pub(crate) fn status(key: StatusKey) -> StatusRequest {
    StatusRequest { key, result_token: token("d"), timeout_token: token("e") }
}
