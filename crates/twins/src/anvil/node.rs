//! The child process: started, heard until it listens, and never outliving us.

use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

/// A shell between us and the node: blocked on a pipe that only we hold open, it ends the node
/// however we die, `kill -9` included, and removes the folder that the node keeps old states in.
/// It is the node's parent, so the process id it ends cannot be somebody else's by then. It tells
/// the id in its first line; the rest is the node's output.
const KEEPER: &str = r#"
trap '' INT TERM HUP
states=$(mktemp -d) || exit
exec 3>&1 >/dev/null
"$@" --cache-path "$states" >&3 2>&3 3>&- </dev/null &
ward=$!
echo "$ward" >&3
exec 3>&-
read -r _
kill -KILL "$ward"
wait "$ward"
rm -rf -- "$states"
"#;

/// A running node. Dropping it ends the process and waits for its end.
#[derive(Debug)]
pub(super) struct Node {
    keeper: Child,
    address: SocketAddr,
    pid: u32,
}

impl Node {
    /// Starts the node; blocks until it listens.
    pub(super) fn start(program: &Path, arguments: &[String]) -> io::Result<Self> {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", KEEPER, "anvil-keeper"]).arg(program).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        // A group of its own: Ctrl-C is for us alone, who may still want the node while we drain.
        command.stderr(Stdio::null()).process_group(0);
        let mut keeper = command.spawn()?;
        let output = keeper.stdout.take().map(BufReader::new);
        let heard = output.ok_or_else(|| io::Error::other("no output")).and_then(listen);
        match heard {
            Ok((pid, address)) => Ok(Self { keeper, address, pid }),
            Err(error) => {
                end(&mut keeper);
                Err(error)
            }
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        end(&mut self.keeper);
    }
}

fn end(keeper: &mut Child) {
    drop(keeper.stdin.take());
    let _gone_already = keeper.wait();
}

/// Reads up to the line that names the port, and leaves the rest to a thread: a full pipe would
/// stop the node.
fn listen(mut output: BufReader<ChildStdout>) -> io::Result<(u32, SocketAddr)> {
    let mut said = Vec::new();
    loop {
        let mut line = String::new();
        if output.read_line(&mut line)? == 0 {
            return Err(io::Error::other(format!("anvil does not start: {}", said.join(" "))));
        }
        let line = line.trim();
        if let Some(address) = line.strip_prefix("Listening on ") {
            let address = address.parse().map_err(io::Error::other)?;
            let pid = said.first().and_then(|line: &String| line.parse().ok());
            let pid = pid.ok_or_else(|| io::Error::other("the keeper did not name the node"))?;
            thread::spawn(move || io::copy(&mut output, &mut io::sink()));
            return Ok((pid, address));
        }
        said.push(line.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_ends_at_once_is_told_with_its_words() {
        let arguments = ["-c".to_owned(), "echo port taken >&2; exit 1".to_owned()];
        let error = Node::start(Path::new("/bin/sh"), &arguments).unwrap_err().to_string();
        assert!(error.contains("port taken"), "{error}");
    }
}
