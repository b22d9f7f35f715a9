//! Several signers of one journal: in one process, and in processes that are killed.

use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use adapters_chain::signer::LocalSigner;
use domain::address::Network;
use domain::chain::transfer::Signed;
use domain::offer::Asset;
use domain::ports::{Signer as _, SignerError, SigningRequest};

use super::support::{Scene, What, another};

const USDT: What = What::Delivery(Asset::Usdt);
/// Tells the test binary that it is the child of another, and where the journal is.
const CHILD: &str = "SIGNER_TEST_JOURNAL";

/// Everybody asks at the same moment, each on a thread of its own.
fn all_at_once(rows: Vec<(LocalSigner, SigningRequest)>) -> Vec<Result<Signed, SignerError>> {
    let start = Arc::new(Barrier::new(rows.len()));
    let ask = |(signer, request): (LocalSigner, SigningRequest)| {
        let start = Arc::clone(&start);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            start.wait();
            runtime.block_on(signer.sign(&request))
        })
    };
    let asked: Vec<_> = rows.into_iter().map(ask).collect();
    asked.into_iter().map(|thread| thread.join().unwrap()).collect()
}

#[test]
fn whoever_asks_for_one_transfer_gets_one_signature() {
    for network in [Network::Tron, Network::Ethereum] {
        let scene = Scene::new();
        let request = scene.request(network, USDT);
        // Each has bytes of its own, so that only the journal can make the answers equal.
        let ask = |number: u64| {
            let sequence = request.sequence + number;
            let signer =
                if number.is_multiple_of(2) { scene.second() } else { scene.signer.clone() };
            (signer, another(&request, &request.plan.key, sequence))
        };
        let answers = all_at_once((0..8).map(ask).collect());
        let first = answers[0].clone().unwrap();
        assert!(answers.iter().all(|answer| answer.as_ref() == Ok(&first)), "{answers:?}");
        assert_eq!(scene.lines(), 1);
    }
}

#[test]
fn of_two_transfers_with_one_nonce_one_is_signed() {
    let scene = Scene::new();
    let request = scene.request(Network::Ethereum, USDT);
    let ask = |number: u64| (scene.second(), another(&request, &format!("order:{number}"), 5));
    let answers = all_at_once((0..8).map(ask).collect());
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    let refused = answers.iter().filter(|it| matches!(it, Err(SignerError::AlreadySigned(_))));
    assert_eq!(refused.count(), 7);
    assert_eq!(scene.lines(), 1);
}

#[test]
fn signers_that_take_turns_lose_no_line() {
    let scene = Scene::new();
    let request = scene.request(Network::Ethereum, USDT);
    let signers = [scene.signer.clone(), scene.second(), scene.second()];
    let ask = |number: u64| {
        let signer = signers[usize::try_from(number % 3).unwrap()].clone();
        (signer, another(&request, &format!("order:{number}"), number))
    };
    let answers = all_at_once((0..30).map(ask).collect());
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(scene.lines(), 30);
    assert_eq!(all_at_once((0..30).map(ask).collect()), answers, "each knows them all");
}

/// What a child process does: it signs one transfer after another until it is killed.
#[tokio::test]
async fn child() {
    let Some(folder) = std::env::var_os(CHILD) else { return };
    let scene = Scene::at(folder.into());
    let request = scene.request(Network::Ethereum, USDT);
    for number in 0.. {
        let asked = another(&request, &format!("order:{number}"), number);
        let signed = scene.sign(&asked).await.unwrap();
        println!("{number} {}", signed.tx_hash);
    }
}

fn spawn_child(scene: &Scene) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["signer::together::child", "--exact", "--nocapture", "--test-threads=1"]);
    command.env(CHILD, scene.folder.path("")).stdout(Stdio::piped()).spawn().unwrap()
}

#[tokio::test]
async fn what_killed_processes_gave_out_is_in_the_journal() {
    let scene = Scene::new();
    let request = scene.request(Network::Ethereum, USDT);
    let mut children = [spawn_child(&scene), spawn_child(&scene)];
    let deadline = Instant::now() + Duration::from_mins(1);
    // Each child may be killed between the journal's line and its own.
    while scene.lines() < 22 && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    for child in &mut children {
        child.kill().unwrap();
    }
    let mut given_out = vec![];
    for child in children {
        let said = child.wait_with_output().unwrap().stdout;
        let said = String::from_utf8_lossy(&said).into_owned();
        let pairs = said.lines().filter_map(|line| line.rsplit_once(' '));
        let pairs = pairs.filter_map(|(number, hash)| {
            let number = number.rsplit(' ').next()?.parse::<u64>().ok()?;
            hash.strip_prefix("0x").filter(|hex| hex.len() == 64)?;
            Some((number, hash.to_owned()))
        });
        given_out.extend(pairs);
    }
    assert!(given_out.len() >= 20, "both children work on the same transfers: {given_out:?}");
    for (number, hash) in given_out {
        let asked = another(&request, &format!("order:{number}"), 1_000_000 + number);
        assert_eq!(scene.sign(&asked).await.unwrap().tx_hash, hash, "order:{number}");
    }
}
