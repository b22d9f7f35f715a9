//! The keys that tokens are verified with: one shared secret, or the keys of a JWKS by their `kid`.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey};

use crate::settings::AuthSettings;

/// Verification keys, all for one algorithm.
#[derive(Clone)]
pub struct Keys {
    by_kid: HashMap<String, DecodingKey>,
    /// Used for tokens that name no `kid`: only when there is exactly one key.
    only: Option<DecodingKey>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("kids", &self.by_kid.keys()).finish_non_exhaustive()
    }
}

/// The configured algorithm.
pub(super) fn algorithm(settings: &AuthSettings) -> Result<Algorithm> {
    Ok(match settings.algorithm.as_str() {
        "HS256" => Algorithm::HS256,
        "EdDSA" => Algorithm::EdDSA,
        "ES256" => Algorithm::ES256,
        "RS256" => Algorithm::RS256,
        other => bail!("KIVUKO__AUTH__ALGORITHM={other} is not supported"),
    })
}

impl Keys {
    /// Reads the configured keys, over the network if they are there.
    ///
    /// # Errors
    /// When they cannot be read, or none of them is for the configured algorithm.
    pub async fn load(settings: &AuthSettings) -> Result<Self> {
        if settings.algorithm == "HS256" {
            let key = DecodingKey::from_secret(settings.shared_secret.as_bytes());
            return Ok(Self { by_kid: HashMap::new(), only: Some(key) });
        }
        let text = if settings.jwks_file.is_empty() {
            fetch(&settings.jwks_url).await.context("KIVUKO__AUTH__JWKS_URL")?
        } else {
            std::fs::read_to_string(&settings.jwks_file).context("KIVUKO__AUTH__JWKS_FILE")?
        };
        Self::from_jwks(&text, algorithm(settings)?)
    }

    /// The keys of a JWKS that are for `algorithm`.
    pub fn from_jwks(text: &str, algorithm: Algorithm) -> Result<Self> {
        let set: JwkSet = serde_json::from_str(text).context("the JWKS is not readable")?;
        let fitting: Vec<&Jwk> = set.keys.iter().filter(|jwk| fits(jwk, algorithm)).collect();
        ensure!(!fitting.is_empty(), "the JWKS has no key for {algorithm:?}");
        let mut by_kid = HashMap::new();
        for jwk in &fitting {
            let key = DecodingKey::from_jwk(jwk).context("a key of the JWKS is not usable")?;
            by_kid.insert(jwk.common.key_id.clone().unwrap_or_default(), key);
        }
        let only = (fitting.len() == 1).then(|| by_kid.values().next().cloned()).flatten();
        Ok(Self { by_kid, only })
    }

    /// The key for a token with this `kid`.
    pub(super) fn find(&self, kid: Option<&str>) -> Option<&DecodingKey> {
        match kid {
            Some(kid) if !self.by_kid.is_empty() => self.by_kid.get(kid),
            _ => self.only.as_ref(),
        }
    }
}

/// Whether a key is of the algorithm's family and not declared for another use.
fn fits(jwk: &Jwk, algorithm: Algorithm) -> bool {
    use jsonwebtoken::jwk::{AlgorithmParameters as P, EllipticCurve, PublicKeyUse};
    let family = match (&jwk.algorithm, algorithm) {
        (P::OctetKeyPair(key), Algorithm::EdDSA) => key.curve == EllipticCurve::Ed25519,
        (P::EllipticCurve(key), Algorithm::ES256) => key.curve == EllipticCurve::P256,
        (P::RSA(_), Algorithm::RS256) => true,
        _ => false,
    };
    let named = format!("{algorithm:?}");
    let declared = jwk.common.key_algorithm.is_none_or(|alg| alg.to_string() == named);
    family && declared && jwk.common.public_key_use != Some(PublicKeyUse::Encryption)
}

/// Fetches a JWKS: no redirects, no proxies, bounded in time and size.
async fn fetch(url: &str) -> Result<String> {
    const LIMIT: usize = 256 * 1024;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(std::time::Duration::from_secs(5))
        .build()?;
    let mut response = client.get(url).send().await?.error_for_status()?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        ensure!(body.len() + chunk.len() <= LIMIT, "the answer is larger than {LIMIT} bytes");
        body.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8(body)?)
}
