//! Opens a keystore of version 3 (Web3 Secret Storage).

use std::path::Path;

use serde::Deserialize;

use super::{Key, secrets};
use crate::signer::error::KeyError;

/// What the library takes for granted and falls over if it is otherwise.
#[derive(Deserialize)]
struct Shape {
    version: u8,
    crypto: Crypto,
}

#[derive(Deserialize)]
struct Crypto {
    cipher: String,
    cipherparams: CipherParams,
    kdfparams: KdfParams,
}

#[derive(Deserialize)]
struct CipherParams {
    iv: String,
}

#[derive(Deserialize)]
struct KdfParams {
    dklen: u8,
}

pub(super) fn open(file: &Path, passphrase_file: &Path) -> Result<Key, KeyError> {
    let text = secrets::read(file)?;
    let shape: Option<Shape> = serde_json::from_str(&text).ok();
    if !shape.is_some_and(|shape| shape.is_readable()) {
        return Err(KeyError::NotAKeystore(file.to_owned()));
    }
    let passphrase = secrets::read(passphrase_file)?;
    // Editors end a file with a line break, which is no part of the passphrase.
    let passphrase = passphrase.trim_end_matches(['\r', '\n']);
    Key::decrypt_keystore(file, passphrase).map_err(|_| KeyError::WrongPassphrase(file.to_owned()))
}

impl Shape {
    fn is_readable(&self) -> bool {
        let crypto = &self.crypto;
        self.version == 3
            && crypto.cipher == "aes-128-ctr"
            && crypto.cipherparams.iv.len() == 32
            && crypto.kdfparams.dklen == 32
    }
}
