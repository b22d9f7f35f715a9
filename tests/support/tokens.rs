//! Tokens that no issuer would make, and keys to sign them with.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::app::now;

/// The key pairs of `fixtures/`: the name is the `kid` of the public half in `jwks.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestKey {
    pub kid: &'static str,
    pub algorithm: Algorithm,
    private: &'static [u8],
}

pub const EDDSA: TestKey = TestKey {
    kid: "eddsa-1",
    algorithm: Algorithm::EdDSA,
    private: include_bytes!("../fixtures/eddsa-1.test-key.der"),
};
pub const EDDSA_2: TestKey = TestKey {
    kid: "eddsa-2",
    algorithm: Algorithm::EdDSA,
    private: include_bytes!("../fixtures/eddsa-2.test-key.der"),
};
pub const ES256: TestKey = TestKey {
    kid: "es256",
    algorithm: Algorithm::ES256,
    private: include_bytes!("../fixtures/es256.test-key.der"),
};
pub const RS256: TestKey = TestKey {
    kid: "rs256",
    algorithm: Algorithm::RS256,
    private: include_bytes!("../fixtures/rs256.test-key.der"),
};

impl TestKey {
    fn encoding(self) -> EncodingKey {
        match self.algorithm {
            Algorithm::EdDSA => EncodingKey::from_ed_der(self.private),
            Algorithm::ES256 => EncodingKey::from_ec_der(self.private),
            _ => EncodingKey::from_rsa_der(self.private),
        }
    }

    /// A token with these claims that names `kid`.
    pub fn sign_as(self, kid: Option<&str>, claims: &Value) -> String {
        let kid = kid.map(str::to_owned);
        self.sign_with(Header { kid, ..Header::default() }, claims)
    }

    /// A token with these claims and this header, but for the algorithm.
    pub fn sign_with(self, header: Header, claims: &Value) -> String {
        let header = Header { alg: self.algorithm, ..header };
        encode(&header, claims, &self.encoding()).expect("a test key signs")
    }

    /// A token with these claims that names its key.
    pub fn sign(self, claims: &Value) -> String {
        self.sign_as(Some(self.kid), claims)
    }

    /// This key's entry in the key set.
    pub fn public(self) -> Value {
        let keys = jwks()["keys"].as_array().cloned().unwrap_or_default();
        let own = keys.into_iter().find(|key| key["kid"] == self.kid);
        own.expect("every key has its public half")
    }
}

/// All public halves.
pub fn jwks() -> Value {
    serde_json::from_str(include_str!("../fixtures/jwks.json")).expect("JSON")
}

pub fn jwks_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/jwks.json")
}

/// A token under a shared secret.
pub fn sign_hmac(algorithm: Algorithm, secret: &[u8], claims: &Value) -> String {
    let header = Header::new(algorithm);
    encode(&header, claims, &EncodingKey::from_secret(secret)).expect("a secret signs")
}

/// What a good token says, with changes; null takes a claim away.
pub fn claims(sub: impl Display, role: &str, changes: &Value) -> Value {
    let exp = now().unix_timestamp() + 600;
    let good = json!({ "sub": sub.to_string(), "role": role, "exp": exp });
    crate::orders::with(good, changes)
}
