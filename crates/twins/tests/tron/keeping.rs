//! A chain that outlives its program: what was answered is there again, however the program ended.

use std::path::{Path, PathBuf};

use twins::tron::{BlockTimes, TronOptions, TronTwin};

use crate::tron::support::{Desk, UNITS, own, still};
use crate::tron::wallet::account;

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("kivuko-chain-{name}-{}", std::process::id()));
    let _not_there = std::fs::remove_dir_all(&folder);
    folder
}

fn kept(folder: &Path) -> TronOptions {
    TronOptions { folder: Some(folder.to_owned()), ..still() }
}

/// The desk without its gifts: they are there already.
async fn again(options: TronOptions) -> Desk {
    let twin = TronTwin::start(options).await.expect("a twin");
    assert!(twin.is_continued());
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    Desk { twin, client }
}

#[tokio::test]
async fn a_chain_whose_program_died_goes_on_with_its_blocks_balances_and_receipts() {
    let folder = folder("goes-on");
    let desk = Desk::with(kept(&folder)).await;
    assert!(!desk.twin.is_continued());
    let mined = desk.sealed_transfer(account(7), 5);
    desk.pay(&mined).await;
    desk.control().produce_block();
    desk.control().fork(1);
    desk.control().produce_block();
    desk.control().produce_empty_blocks(25);
    let (head, oracle) = (desk.control().head(), desk.control().oracle());
    // Nothing is written at the end: this is how a killed program leaves it.
    drop(desk);

    let desk = again(kept(&folder)).await;
    assert_eq!(desk.control().head(), head);
    assert_eq!(desk.control().oracle(), oracle);
    let block = desk.info(&mined).await["blockNumber"].as_u64();
    assert_eq!(block, Some(31));
    assert_eq!(desk.code(&mined).await, "DUP_TRANSACTION_ERROR");
    assert_eq!(desk.control().produce_block(), head.number + 1, "numbers go on");
    let usdt = desk.usdt();
    assert_eq!(desk.control().balance_of(usdt, own()), UNITS - 5);
    std::fs::remove_dir_all(folder).expect("removed");
}

#[tokio::test]
async fn what_was_pending_is_in_the_block_that_was_due_when_the_chain_stopped() {
    let folder = folder("pending");
    let options = TronOptions { block_times: BlockTimes::Wall, start: None, ..kept(&folder) };
    let desk = Desk::with(options.clone()).await;
    let ours = desk.sealed_transfer(account(7), 5);
    desk.pay(&ours).await;
    let theirs = desk.control().transfer(account(8), account(7), 0);
    let stopped = desk.control().head();
    drop(desk);

    let desk = again(options).await;
    let oracle = desk.control().oracle();
    for txid in [&ours.txid, &theirs] {
        let block = oracle.execution(txid).expect("it is in a block").block;
        assert_eq!(block, stopped.number + 1);
    }
    let block = desk.control().block(stopped.number + 1).expect("a block");
    assert!(block.time_ms <= stopped.time_ms + 3_000, "not of the present, but of then");
    std::fs::remove_dir_all(folder).expect("removed");
}

#[tokio::test]
async fn a_program_that_dies_between_two_writes_leaves_a_chain_that_nobody_can_contradict() {
    let folder = folder("between");
    let desk = Desk::with(kept(&folder)).await;
    let state = std::fs::read(folder.join("tron.json")).expect("a state");
    let sealed = desk.sealed_transfer(account(7), 5);
    desk.control().produce_empty_blocks(3);
    let empty = desk.control().head();
    desk.pay(&sealed).await;
    let pending = std::fs::read(folder.join("tron.json")).expect("a state");
    desk.control().produce_block();
    drop(desk);
    // The block is in its file, the rest of the world is not: it was never told of.
    std::fs::write(folder.join("tron.json"), pending).expect("written");
    let desk = again(kept(&folder)).await;
    assert_eq!(desk.info(&sealed).await["blockNumber"].as_u64(), Some(empty.number + 1));
    drop(desk);
    // Blocks of nothing need no more than their line.
    std::fs::write(folder.join("tron.json"), state).expect("written");
    let desk = again(kept(&folder)).await;
    assert_eq!(desk.control().head(), empty);
    std::fs::remove_dir_all(folder).expect("removed");
}

#[tokio::test]
async fn a_chain_that_cannot_be_read_is_refused_and_left_as_it_is() {
    let folder = folder("torn");
    drop(Desk::with(kept(&folder)).await);
    std::fs::write(folder.join("tron.blocks"), "").expect("torn");
    let refused = TronTwin::start(kept(&folder)).await.expect_err("torn");
    assert!(refused.to_string().contains("tron.blocks cannot be read"), "{refused}");
    std::fs::remove_dir_all(folder).expect("removed");
}
