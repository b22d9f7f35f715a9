//! Starting and ending: a node must not outlive whoever started it.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use serde_json::json;
use twins::anvil::{Anvil, AnvilOptions, Mining};

use super::support::{ask, node, result};

const OWNER: &str = "KIVUKO_TEST_OWNS_A_NODE";

/// Waits until `condition` holds, and says whether it did in time.
fn eventually(condition: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(20);
    while Instant::now() < deadline {
        if condition() {
            return true;
        }
        thread::sleep(Duration::from_millis(5));
    }
    condition()
}

/// A zombie that nobody reaps has ended too.
fn has_ended(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    status.rsplit(')').next().is_none_or(|rest| rest.is_empty() || rest.starts_with(" Z"))
}

#[tokio::test]
async fn a_node_starts_and_tells_its_chain() {
    let (anvil, chain) = node(Mining::Auto).await;
    assert_eq!(result(&anvil.url(), "eth_chainId", json!([])).await, "0x7a69");
    assert_eq!((anvil.chain_id(), chain.block_number().await.unwrap()), (31337, 1));
    assert_eq!(chain.accounts().len(), 10);
    assert_eq!(chain.usdt().to_string(), "0x5FbDB2315678afecb367f032d93F642f64180aa3");
}

#[tokio::test]
async fn the_tokens_are_at_the_same_addresses_on_every_node() {
    let (_one, first) = node(Mining::Auto).await;
    let (_other, second) = node(Mining::Manual).await;
    let all = |chain: &twins::anvil::Chain| {
        [chain.usdt(), chain.usdc(), chain.look_alike(), chain.false_return()]
    };
    assert_eq!(all(&first), all(&second));
}

#[tokio::test]
async fn a_dropped_node_has_ended() {
    let (anvil, _) = node(Mining::Auto).await;
    let (url, pid) = (anvil.url(), anvil.pid());
    drop(anvil);
    assert!(has_ended(pid));
    assert!(ask(&url, "eth_chainId", json!([])).await.is_err());
}

#[tokio::test]
async fn a_taken_port_is_told() {
    let (anvil, _) = node(Mining::Auto).await;
    let port = anvil.url().rsplit(':').next().unwrap().parse().unwrap();
    let again = AnvilOptions { port, ..AnvilOptions::default() };
    let error = Anvil::start(again).await.unwrap_err().to_string();
    assert!(error.contains("anvil does not start"), "{error}");
}

/// The other half of the next test: lives until it is killed. Without its variable it does nothing.
#[tokio::test]
async fn owner_of_a_node() {
    if env::var_os(OWNER).is_some() {
        let (anvil, _) = node(Mining::Auto).await;
        println!("\nnode {}", anvil.pid());
        std::future::pending::<()>().await;
    }
}

#[test]
fn a_node_follows_its_killed_owner() {
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.args(["--exact", "anvil::life::owner_of_a_node", "--nocapture"]).env(OWNER, "1");
    let mut owner = command.stdout(Stdio::piped()).spawn().expect("the owner");
    let lines = BufReader::new(owner.stdout.take().expect("its output")).lines();
    let mut lines = lines.map(|line| line.expect("a readable line"));
    let told = lines.find_map(|line| line.strip_prefix("node ").map(str::to_owned));
    let pid = told.expect("the node's id").parse().expect("a number");
    assert!(!has_ended(pid));
    owner.kill().expect("kill -9");
    owner.wait().expect("its end");
    assert!(eventually(|| has_ended(pid)));
}
