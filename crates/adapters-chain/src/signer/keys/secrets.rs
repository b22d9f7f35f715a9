//! Reads files that nobody else may read.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use secrecy::zeroize::Zeroizing;

use crate::signer::error::KeyError;

/// More than any mnemonic, passphrase or keystore; a wrong path may name anything.
const LARGEST_BYTES: u64 = 64 * 1024;

/// The permission bits of the group and of others.
const STRANGERS: u32 = 0o077;

pub(super) fn read(path: &Path) -> Result<Zeroizing<String>, KeyError> {
    let failed = |source| KeyError::File { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    // Asked of the open file, so that it is the one that is read.
    let about = file.metadata().map_err(failed)?;
    match about.permissions().mode() & 0o777 {
        mode if mode & STRANGERS != 0 => Err(KeyError::Exposed { path: path.to_owned(), mode }),
        _ => read_whole(file, about.len()).map_err(failed),
    }
}

/// Into a buffer that never grows: growing leaves a copy behind that nobody wipes.
fn read_whole(file: File, bytes: u64) -> io::Result<Zeroizing<String>> {
    if bytes > LARGEST_BYTES {
        return Err(io::Error::other("too large for a secret"));
    }
    let capacity = usize::try_from(bytes).map_err(io::Error::other)?;
    let mut text = Zeroizing::new(String::with_capacity(capacity.saturating_add(1)));
    file.take(bytes).read_to_string(&mut text)?;
    Ok(text)
}
