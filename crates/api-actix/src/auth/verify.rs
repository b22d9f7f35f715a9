//! Verifying a token: one algorithm, the configured keys, the claims that the contract requires.

use std::sync::{Arc, RwLock};

use anyhow::Result;
use domain::access::Caller;
use domain::ids::PartyId;
use domain::party::Role;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde::Deserialize;
use uuid::Uuid;

use super::keys::{Keys, algorithm};
use super::source::KeySource;
use crate::settings::AuthSettings;

/// Why a token is not accepted; the text is for the caller and names no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    #[error("a bearer token is required: send `Authorization: Bearer <token>`")]
    Missing,
    #[error("the token has expired: get a new one")]
    Expired,
    #[error("the token is not valid here")]
    Invalid,
    /// Whoever issued it may have new keys.
    #[error("the token is not valid here")]
    UnknownKey,
}

/// Longer than any honest token; bounds the work on a dishonest one.
const MAX_TOKEN_BYTES: usize = 8 * 1024;
const LEEWAY_S: u64 = 30;

#[derive(Debug, Deserialize)]
struct Claims {
    sub: Uuid,
    role: Role,
}

/// Verifies tokens; cheap to clone, keys can be replaced while it is used.
#[derive(Debug, Clone)]
pub struct Verifier {
    keys: Arc<RwLock<Keys>>,
    validation: Arc<Validation>,
    source: Arc<KeySource>,
}

impl Verifier {
    pub fn new(settings: &AuthSettings, keys: Keys) -> Result<Self> {
        let mut validation = Validation::new(algorithm(settings)?);
        validation.leeway = LEEWAY_S;
        validation.validate_nbf = true;
        let mut required = vec!["exp", "sub"];
        if settings.audience.is_empty() {
            validation.validate_aud = false;
        } else {
            validation.set_audience(&[&settings.audience]);
            required.push("aud");
        }
        if !settings.issuer.is_empty() {
            validation.set_issuer(&[&settings.issuer]);
            required.push("iss");
        }
        validation.set_required_spec_claims(&required);
        Ok(Self {
            keys: Arc::new(RwLock::new(keys)),
            validation: Arc::new(validation),
            source: Arc::new(KeySource::new(settings)),
        })
    }

    fn algorithm(&self) -> Algorithm {
        self.validation.algorithms.first().copied().unwrap_or_default()
    }

    /// Uses other keys from now on.
    pub fn replace_keys(&self, keys: Keys) {
        *self.keys.write().unwrap_or_else(std::sync::PoisonError::into_inner) = keys;
    }

    /// The caller that `Authorization: Bearer …` proves. For a key that is not known the set is read once
    /// more, if that has not just been done.
    pub async fn verify(&self, authorization: Option<&str>) -> Result<Caller, TokenFault> {
        match self.verify_now(authorization) {
            Err(TokenFault::UnknownKey) => {}
            decided => return decided,
        }
        if let Some(keys) = self.source.read_again().await {
            self.replace_keys(keys);
        }
        self.verify_now(authorization)
    }

    /// By the keys that are known.
    fn verify_now(&self, authorization: Option<&str>) -> Result<Caller, TokenFault> {
        let header = authorization.ok_or(TokenFault::Missing)?;
        let (scheme, token) = header.split_once(' ').ok_or(TokenFault::Missing)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(TokenFault::Missing);
        }
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenFault::Invalid);
        }
        let head = decode_header(token).map_err(|_| TokenFault::Invalid)?;
        // What a token says must be understood is not understood here: RFC 7515, 4.1.11.
        if head.crit.is_some() || head.alg != self.algorithm() {
            return Err(TokenFault::Invalid);
        }
        let kid = head.kid;
        let keys = self.keys.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let key = keys.find(kid.as_deref()).ok_or(TokenFault::UnknownKey)?;
        let claims =
            decode::<Claims>(token, key, &self.validation).map_err(|error| match error.kind() {
                ErrorKind::ExpiredSignature => TokenFault::Expired,
                // Without a name a new key looks like a forgery, and so does one under an old name.
                ErrorKind::InvalidSignature => TokenFault::UnknownKey,
                _ => TokenFault::Invalid,
            })?;
        Ok(Caller { id: PartyId(claims.claims.sub), role: claims.claims.role })
    }
}
