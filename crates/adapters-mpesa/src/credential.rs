//! The initiator's security credential: the password, encrypted for Safaricom's certificate (RSA,
//! PKCS#1 v1.5), in base64. Made once, by an operator; the service holds the credential only.

use aws_lc_rs::rsa::{Pkcs1PublicEncryptingKey, PublicEncryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_cert::Certificate;
use x509_cert::der::{Decode as _, Encode as _};

/// What a credential for a key of 2048 bits decodes to, at least.
pub(crate) const LEAST_BYTES: usize = 256;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Why there is no credential. Says nothing of the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    #[error("the file holds no X.509 certificate (PEM or DER)")]
    NotACertificate,
    #[error("the certificate's key is no RSA key of 2048 bits or more")]
    NotRsa,
    #[error("the password is empty")]
    EmptyPassword,
    #[error("the password holds a line break: is it from a file that ends in one?")]
    LineBreak,
    #[error("the password cannot be encrypted: it is too long for the certificate's key")]
    NotEncrypted,
}

/// Encrypts `password` for the certificate that the portal offers for download. Its dates and its
/// chain are not looked at: the official files expired years ago. Every result differs, and all are
/// valid; one may be used for all requests until the password changes.
///
/// # Errors
/// When the certificate or the password cannot be used.
pub fn encrypt(certificate_pem_or_der: &[u8], password: &str) -> Result<String, CredentialError> {
    if password.is_empty() {
        return Err(CredentialError::EmptyPassword);
    }
    if password.contains(['\r', '\n']) {
        return Err(CredentialError::LineBreak);
    }
    let key = public_key(certificate_pem_or_der)?;
    let mut sealed = vec![0; key.ciphertext_size()];
    let sealed = key.encrypt(password.as_bytes(), &mut sealed);
    sealed.map(|bytes| STANDARD.encode(bytes)).map_err(|_| CredentialError::NotEncrypted)
}

fn public_key(file: &[u8]) -> Result<Pkcs1PublicEncryptingKey, CredentialError> {
    let der = der(file).ok_or(CredentialError::NotACertificate)?;
    let certificate = Certificate::from_der(&der).map_err(|_| CredentialError::NotACertificate)?;
    let info = certificate.tbs_certificate.subject_public_key_info;
    let info = info.to_der().map_err(|_| CredentialError::NotACertificate)?;
    let key = PublicEncryptingKey::from_der(&info).map_err(|_| CredentialError::NotRsa)?;
    Pkcs1PublicEncryptingKey::new(key).map_err(|_| CredentialError::NotRsa)
}

/// PEM is read leniently: files come with other line lengths and with text around them.
fn der(file: &[u8]) -> Option<Vec<u8>> {
    let Some(text) = std::str::from_utf8(file).ok().filter(|text| text.contains(BEGIN)) else {
        return Some(file.to_vec());
    };
    let (_, rest) = text.split_once(BEGIN)?;
    let (body, _) = rest.split_once(END)?;
    let digits: String = body.split_whitespace().collect();
    STANDARD.decode(digits).ok()
}
