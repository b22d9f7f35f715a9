//! Tokens for local work: only where the key is the one that everybody knows.

use anyhow::{Result, ensure};
use domain::party::Role;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::settings::Settings;

/// A bearer token for `sub` as `role`, good for `ttl` from `now`.
///
/// # Errors
/// When the configured key is not the local one.
pub fn local_token(
    settings: &Settings,
    role: Role,
    sub: Uuid,
    now: OffsetDateTime,
    ttl: Duration,
) -> Result<String> {
    ensure!(
        settings.has_local_key(),
        "tokens are made here only with the local key (KIVUKO_ENV=local); elsewhere the issuer makes them"
    );
    let mut claims = json!({ "sub": sub, "role": role, "exp": (now + ttl).unix_timestamp() });
    if !settings.auth.issuer.is_empty() {
        claims["iss"] = json!(settings.auth.issuer);
    }
    if !settings.auth.audience.is_empty() {
        claims["aud"] = json!(settings.auth.audience);
    }
    let key = EncodingKey::from_secret(settings.auth.shared_secret.as_bytes());
    Ok(encode(&Header::default(), &claims, &key)?)
}
