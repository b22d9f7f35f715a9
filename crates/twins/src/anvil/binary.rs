//! Where anvil's program is: as `KIVUKO_ANVIL_BIN` says, else from npm.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use npm_binaries::{AsItComes, Package, Surroundings, fetch};

const OVERRIDE: &str = "KIVUKO_ANVIL_BIN";

/// Anvil 1.7.1; the build needs glibc. Other machines name a program of their own.
const PACKAGE: Option<Package> = if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
    Some(Package {
        name: "@foundry-rs/anvil-linux-amd64",
        version: "1.7.1",
        integrity: "sha512-+XmShybEaxfCrr0OUUZwYEy2OnYZt5pHH9TzBtLv3+VrK0O/ANuNSVEahqNhKHlgX7GRJ59383ofNhxkRWIYTg==",
        folder: "bin",
        short_name: "anvil",
    })
} else {
    None
};

/// Fetches the program when it is not there yet; blocks meanwhile.
pub(super) fn find() -> io::Result<PathBuf> {
    located(std::env::var_os(OVERRIDE), &Surroundings::read())
}

fn located(configured: Option<OsString>, around: &Surroundings) -> io::Result<PathBuf> {
    // An empty variable counts as unset, as in most shells' `${NAME:-}`.
    if let Some(named) = configured.filter(|value| !value.is_empty()) {
        let named = std::path::absolute(named)?;
        let words = || format!("{OVERRIDE}={}: there is no such program", named.display());
        return if named.is_file() { Ok(named) } else { Err(missing(words())) };
    }
    let Some(package) = PACKAGE else {
        let words = "no build of anvil is pinned for this kind of machine";
        return Err(missing(format!("{words}: set {OVERRIDE} to an anvil 1.7.1 of your own")));
    };
    let bin = fetch(&package, around, &AsItComes).map_err(|error| {
        missing(format!(
            "no anvil to run: install npm, or set {OVERRIDE} to an anvil 1.7.1 of your own. \
             Tried: {error:#}"
        ))
    })?;
    Ok(bin.join("anvil"))
}

fn missing(words: String) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_program_is_taken_or_refused_but_never_replaced() {
        let around = Surroundings::default();
        assert_eq!(located(Some("/bin/sh".into()), &around).unwrap(), PathBuf::from("/bin/sh"));
        let error = located(Some("/absent/anvil".into()), &around).unwrap_err().to_string();
        assert!(error.contains("KIVUKO_ANVIL_BIN=/absent/anvil"), "{error}");
    }
}
