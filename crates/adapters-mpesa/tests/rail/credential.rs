//! The initiator's credential opens to the password with the private half of the key. The keys are
//! made for these tests and protect nothing; the certificate has long expired, as the real ones have.

use adapters_mpesa::credential::{CredentialError, encrypt};
use aws_lc_rs::rsa::{Pkcs1PrivateDecryptingKey, PrivateDecryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const CERTIFICATE: &str = include_str!("../keys/initiator.test-cert.pem");
const KEY: &[u8] = include_bytes!("../keys/initiator.test-key.der");
const ELLIPTIC: &str = include_str!("../keys/elliptic.test-cert.pem");

fn open(credential: &str) -> Vec<u8> {
    let sealed = STANDARD.decode(credential).expect("base64");
    let key = PrivateDecryptingKey::from_pkcs8(KEY).expect("a key");
    let key = Pkcs1PrivateDecryptingKey::new(key).expect("a key for this padding");
    let mut opened = vec![0; key.min_output_size()];
    key.decrypt(&sealed, &mut opened).expect("sealed for this key").to_vec()
}

fn der() -> Vec<u8> {
    let lines = CERTIFICATE.lines().filter(|line| !line.starts_with("-----"));
    STANDARD.decode(lines.collect::<String>()).expect("base64")
}

#[test]
fn the_credential_opens_to_the_bare_password() {
    let one_line = format!(
        "some text\r\n-----BEGIN CERTIFICATE-----\r\n{}\r\n-----END CERTIFICATE-----",
        STANDARD.encode(der())
    );
    for file in [CERTIFICATE.as_bytes(), &der(), one_line.as_bytes()] {
        let credential = encrypt(file, "Safaricom999#$%&").expect("a credential");
        assert_eq!(credential.len(), 344);
        assert_eq!(open(&credential), b"Safaricom999#$%&");
        assert_ne!(encrypt(file, "Safaricom999#$%&").expect("another"), credential);
    }
}

#[test]
fn what_cannot_be_encrypted_is_refused_without_being_repeated() {
    let of = |file: &[u8], password: &str| encrypt(file, password).expect_err("no credential");
    assert_eq!(of(b"", "p"), CredentialError::NotACertificate);
    assert_eq!(of(b"-----BEGIN CERTIFICATE-----\nAAAA", "p"), CredentialError::NotACertificate);
    assert_eq!(of(&KEY[..100], "p"), CredentialError::NotACertificate);
    assert_eq!(of(ELLIPTIC.as_bytes(), "p"), CredentialError::NotRsa);
    assert_eq!(of(CERTIFICATE.as_bytes(), ""), CredentialError::EmptyPassword);
    assert_eq!(of(CERTIFICATE.as_bytes(), "secret\n"), CredentialError::LineBreak);
    let error = of(CERTIFICATE.as_bytes(), &"secret".repeat(60));
    assert_eq!(error, CredentialError::NotEncrypted);
    assert!(!format!("{error} {error:?}").contains("secret"));
}
