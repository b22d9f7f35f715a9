//! The initiator's security credential: RSA, PKCS#1 v1.5, of the bare password.
//!
//! The key pair in `keys/` was made for this twin and protects nothing; it ships with its private
//! half so that the twin can check what an adapter encrypts for its certificate.

use aws_lc_rs::rsa::{Pkcs1PrivateDecryptingKey, Pkcs1PublicEncryptingKey, PrivateDecryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(super) const CERTIFICATE_PEM: &str = include_str!("../../keys/daraja-twin.test-cert.pem");
const PRIVATE_KEY: &[u8] = include_bytes!("../../keys/daraja-twin.test-key.der");

/// A credential for `password`. The padding is random: every one differs, and all are valid.
pub(super) fn seal(password: &str) -> Option<String> {
    let private = PrivateDecryptingKey::from_pkcs8(PRIVATE_KEY).ok()?;
    let public = Pkcs1PublicEncryptingKey::new(private.public_key()).ok()?;
    let mut sealed = vec![0; public.ciphertext_size()];
    let sealed = public.encrypt(password.as_bytes(), &mut sealed).ok()?;
    Some(STANDARD.encode(sealed))
}

/// The password in a credential, if it is one for the twin's certificate.
pub(super) fn open(credential: &str) -> Option<Vec<u8>> {
    let sealed = STANDARD.decode(credential).ok()?;
    let private = PrivateDecryptingKey::from_pkcs8(PRIVATE_KEY).ok()?;
    let private = Pkcs1PrivateDecryptingKey::new(private).ok()?;
    let mut password = vec![0; private.min_output_size()];
    private.decrypt(&sealed, &mut password).ok().map(|password| password.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_opens_to_the_password() {
        let credential = seal("twin-password").expect("a credential");
        assert_eq!(credential.len(), 344);
        assert_eq!(open(&credential).as_deref(), Some(b"twin-password".as_slice()));
        assert_eq!(open("bm90IG9uZQ=="), None);
    }
}
