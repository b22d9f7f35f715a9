//! Which operating-system account runs the server, and how a program is started as that account.
//! The server refuses to run as root, so a program run by root steps down for it.

use crate::surroundings::Surroundings;
use anyhow::{Context, Result, bail, ensure};
use rustix::process::geteuid;
use std::fs::{self, File};
use std::os::unix::fs::{chown, fchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    name: String,
    uid: u32,
    gid: u32,
}

/// Who runs the server: we ourselves, or the account that stands in for root.
#[derive(Debug, Clone)]
pub(crate) struct Runner {
    stand_in: Option<Account>,
}

impl Runner {
    /// `owner` is the uid that has the folder already, if there is one.
    pub(crate) fn choose(surroundings: &Surroundings, owner: Option<u32>) -> Result<Self> {
        if !geteuid().is_root() {
            return Ok(Self { stand_in: None });
        }
        let passwd = fs::read_to_string("/etc/passwd").context("reading /etc/passwd")?;
        let configured = surroundings.configured_account.as_deref();
        let stand_in = choose_account(&passwd, configured, owner)?;
        Ok(Self { stand_in: Some(stand_in) })
    }

    pub(crate) fn uid(&self) -> u32 {
        self.stand_in.as_ref().map_or_else(|| geteuid().as_raw(), |account| account.uid)
    }

    /// Whether the server runs as another account than we do.
    pub(crate) fn steps_down(&self) -> bool {
        self.stand_in.is_some()
    }

    /// How a message names the account.
    pub(crate) fn name(&self) -> String {
        match &self.stand_in {
            Some(account) => format!("account {} (uid {})", account.name, account.uid),
            None => format!("uid {}", self.uid()),
        }
    }

    /// A program run as the account, untouched by the caller's `PG*` and locale variables.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = isolated(program);
        if let Some(account) = &self.stand_in {
            command.uid(account.uid).gid(account.gid); // std also drops the supplementary groups
        }
        command
    }

    /// Asks the kernel rather than the mode bits, which do not tell about groups and ACLs.
    pub(crate) fn can_enter(&self, folder: &Path) -> bool {
        let mut command = self.command(Path::new("/bin/sh"));
        command.args(["-c", r#"cd -- "$1""#, "enter"]).arg(folder);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    /// Makes the account the owner of `path`.
    pub(crate) fn give(&self, path: &Path) -> Result<()> {
        let Some(account) = &self.stand_in else {
            return Ok(());
        };
        chown(path, Some(account.uid), Some(account.gid))
            .with_context(|| format!("giving {} to {}", path.display(), self.name()))
    }

    pub(crate) fn give_file(&self, file: &File) -> std::io::Result<()> {
        let Some(account) = &self.stand_in else {
            return Ok(());
        };
        fchown(file, Some(account.uid), Some(account.gid))
    }
}

/// A program with an empty environment, in a group of its own: Ctrl-C is for the service alone,
/// which still wants its database while it drains.
pub(crate) fn isolated(program: &Path) -> Command {
    let mut command = Command::new(program);
    // initdb measures every time zone on disk unless TZ names one.
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").env("TZ", "UTC");
    command.current_dir("/").stdin(Stdio::null()).process_group(0);
    command
}

/// The account must be listed: initdb looks itself up by uid. The owner of an earlier cluster
/// stays, although the account `postgres` may have come with a package since.
fn choose_account(passwd: &str, configured: Option<&str>, owner: Option<u32>) -> Result<Account> {
    let named = |name| accounts(passwd).find(|account| account.name == name);
    if let Some(name) = configured {
        let account =
            named(name).with_context(|| format!("KIVUKO_PG_OS_USER={name}: no such account"))?;
        ensure!(account.uid != 0, "KIVUKO_PG_OS_USER={name}: PostgreSQL refuses to run as root");
        return Ok(account);
    }
    let owner = owner.and_then(|uid| accounts(passwd).find(|account| account.uid == uid));
    let found = owner.into_iter().chain(["postgres", "nobody"].into_iter().filter_map(named));
    let Some(account) = found.into_iter().find(|account| account.uid != 0) else {
        bail!(
            "PostgreSQL refuses to run as root, and there is no account postgres or nobody to run \
             it as; name one with KIVUKO_PG_OS_USER, or set DATABASE_URL"
        );
    };
    Ok(account)
}

fn accounts(passwd: &str) -> impl Iterator<Item = Account> {
    passwd.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Account { name, uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\n\
                          nobody:x:65534:65533:nobody:/nonexistent:/bin/false\n\
                          broken\n\
                          postgres:x:101:104::/var/lib/postgresql:/bin/sh\n";

    #[test]
    fn postgres_is_preferred_to_nobody() {
        let chosen = choose_account(PASSWD, None, None).unwrap();
        assert_eq!(chosen, Account { name: "postgres".into(), uid: 101, gid: 104 });
        let without = PASSWD.replace("postgres:", "other:");
        assert_eq!(choose_account(&without, None, None).unwrap().uid, 65534);
    }

    #[test]
    fn the_owner_of_the_folder_stays_unless_root_or_unlisted() {
        let chosen = |owner| choose_account(PASSWD, None, Some(owner)).unwrap().name;
        assert_eq!([chosen(65534), chosen(0), chosen(4242)], ["nobody", "postgres", "postgres"]);
    }

    #[test]
    fn a_configured_account_must_exist_and_not_be_root() {
        assert_eq!(choose_account(PASSWD, Some("nobody"), None).unwrap().gid, 65533);
        let missing = choose_account(PASSWD, Some("absent"), None).unwrap_err().to_string();
        assert!(missing.contains("KIVUKO_PG_OS_USER=absent"), "{missing}");
        assert!(choose_account(PASSWD, Some("root"), None).is_err());
    }

    #[test]
    fn without_any_account_the_ways_out_are_named() {
        let error = choose_account("root:x:0:0::/:/bin/sh", None, None).unwrap_err().to_string();
        assert!(error.contains("KIVUKO_PG_OS_USER") && error.contains("DATABASE_URL"), "{error}");
    }
}
