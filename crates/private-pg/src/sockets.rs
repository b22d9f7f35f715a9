//! Where the server's Unix socket lives and how a client is told. A socket in a folder that only
//! the account may enter needs no port and no password.

use crate::account::Runner;
use crate::folder::own_folder;
use crate::relocation::fingerprint;
use anyhow::{Context, Result};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What is left for the folder when `sun_path` holds 104 bytes (108 on Linux) and the server adds
/// `/.s.PGSQL.5432` and a NUL.
const LONGEST_FOLDER: usize = 104 - 15;

/// Folders for sockets whose own place cannot hold them; both are sticky and on every Unix.
const SHORT_PLACES: [&str; 2] = ["/tmp", "/var/tmp"];

/// The folder for the socket, and whether it is one apart from `root`.
pub(crate) fn folder_for(root: &Path, runner: &Runner) -> Result<(PathBuf, bool)> {
    if fits(root) {
        return Ok((root.to_owned(), false));
    }
    let name = format!("kivuko-{}", fingerprint(root));
    let mut outcome = Err(anyhow::anyhow!("no short folder for the socket"));
    for place in SHORT_PLACES {
        outcome = own_folder(&Path::new(place).join(&name), runner);
        if outcome.is_ok() {
            break;
        }
    }
    let folder =
        outcome.with_context(|| format!("{} is too long for a Unix socket", root.display()))?;
    Ok((folder, true))
}

/// `unix_socket_directories` is a list, so a comma, a quote or a blank would be taken apart.
fn fits(root: &Path) -> bool {
    let bytes = root.as_os_str().as_bytes();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
    bytes.len() <= LONGEST_FOLDER && bytes.iter().all(plain)
}

pub(crate) fn url(sockets: &Path, user: &str, database: &str) -> String {
    let [user, database] = [user, database].map(|part| percent_encoded(part.as_bytes()));
    let host = percent_encoded(sockets.as_os_str().as_bytes());
    format!("postgres://{user}@{host}/{database}")
}

fn percent_encoded(bytes: &[u8]) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let encoded = |&byte: &u8| {
        if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    bytes.iter().map(encoded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_survives_any_character() {
        assert_eq!(
            url(Path::new("/tmp/x-1"), "o@b", "a/é"),
            "postgres://o%40b@%2Ftmp%2Fx-1/a%2F%C3%A9"
        );
    }

    #[test]
    fn a_long_or_unusual_folder_does_not_fit() {
        assert!(fits(Path::new(&format!("/{}", "x".repeat(88)))));
        assert!(!fits(Path::new(&format!("/{}", "x".repeat(89)))));
        assert!(!fits(Path::new("/srv/a,b")));
        assert!(!fits(Path::new("/srv/a b")));
    }
}
