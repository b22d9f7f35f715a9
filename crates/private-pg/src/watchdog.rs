//! The shell that outlives us for a moment: blocked on a pipe only we hold open, it ends whatever
//! we had running and tidies up, however we die. A parent-death signal would need `unsafe` and is
//! bound to the thread that spawned the server, not to the program.

use crate::account::isolated;
use anyhow::{Context, Result};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

/// Each line read is the process to end when the pipe closes, 0 for none. A process may linger as
/// a zombie for as long as its new parent likes, so the wait is bounded unless the server's pid
/// file shows that it is still shutting down. Arguments: the root, then what to remove at the end.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
ward=0
while read -r line; do ward=$line; done
if [ "$ward" != 0 ]; then
  kill -INT "$ward"
  waited=0
  while kill -0 "$ward"; do
    pidfile=$(grep -lx "$ward" "$1"/data-*/postmaster.pid)
    [ -n "$pidfile" ] || [ $waited -lt 10 ] || break
    sleep 0.05
    waited=$((waited + 1))
  done
fi
shift
[ $# -eq 0 ] || rm -rf -- "$@"
"#;

/// What the watchdog finds when it is time to tidy up.
#[derive(Debug)]
pub(crate) struct Tidying<'a> {
    pub(crate) root: &'a Path,
    pub(crate) remove: Vec<PathBuf>,
}

#[derive(Debug)]
pub(crate) struct Watchdog {
    shell: Child,
}

impl Watchdog {
    /// Runs as we do, not as the server's account, which may lack the right to remove a folder
    /// from its parent.
    pub(crate) fn start(tidying: Tidying<'_>) -> Result<Self> {
        let mut command = isolated(Path::new("/bin/sh"));
        command.args(["-c", SCRIPT, "pg-watchdog"]).arg(tidying.root).args(tidying.remove);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let shell = command.spawn().context("starting the watchdog's shell")?;
        Ok(Self { shell })
    }

    /// From now on our death ends `child`, and no longer what was guarded before.
    pub(crate) fn guard(&mut self, child: &Child) -> Result<()> {
        self.tell(child.id()).context("the watchdog has gone away")
    }

    /// The guarded process was waited for; its id may belong to somebody else from here on.
    pub(crate) fn guard_nothing(&mut self) {
        let _gone_already = self.tell(0);
    }

    /// Lets the shell tidy up, and waits until it has.
    pub(crate) fn dismiss(&mut self) {
        self.guard_nothing();
        self.hang_up();
    }

    fn tell(&mut self, ward: u32) -> std::io::Result<()> {
        let Some(pipe) = &mut self.shell.stdin else {
            return Ok(());
        };
        pipe.write_all(format!("{ward}\n").as_bytes()) // in one piece: we may die at any moment
    }

    fn hang_up(&mut self) {
        drop(self.shell.stdin.take());
        let _gone_already = self.shell.wait();
    }
}

/// On an error between two steps the shell ends what is still guarded.
impl Drop for Watchdog {
    fn drop(&mut self) {
        self.hang_up();
    }
}
