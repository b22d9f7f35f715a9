//! Blocks: their ids, their times, which are solid, and forks.

use serde_json::{Value, json};
use time::Duration;
use twins::tron::TronOptions;

use crate::tron::support::{Desk, own, still};
use crate::tron::wallet::account;

fn number(block: &Value) -> u64 {
    block["block_header"]["raw_data"]["number"].as_u64().unwrap_or_default()
}

async fn range(desk: &Desk, first: u64, end: u64) -> Vec<Value> {
    let body = json!({ "startNum": first, "endNum": end });
    let answer = desk.ask("walletsolidity/getblockbylimitnext", body).await;
    answer["block"].as_array().cloned().unwrap_or_default()
}

#[tokio::test]
async fn the_first_blocks_id_ends_in_the_chains() {
    let desk = Desk::with(TronOptions { chain_id: 0xabcd_ef01, ..still() }).await;
    let block = desk.ask("wallet/getblockbynum", json!({ "num": 0 })).await;
    let id = block["blockID"].as_str().expect("an id");
    assert!(id.starts_with("0000000000000000") && id.ends_with("abcdef01"), "{id}");
}

#[tokio::test]
async fn blocks_follow_each_other_every_three_seconds() {
    let desk = Desk::new().await;
    let blocks = range(&desk, 1, 12).await;
    assert_eq!(blocks.iter().map(number).collect::<Vec<_>>(), (1..12).collect::<Vec<_>>());
    for pair in blocks.windows(2) {
        let raw = |block: &Value| block["block_header"]["raw_data"].clone();
        assert_eq!(raw(&pair[1])["parentHash"], pair[0]["blockID"]);
        let time = |block: &Value| raw(block)["timestamp"].as_i64().expect("a time");
        assert_eq!(time(&pair[1]) - time(&pair[0]), 3_000);
        let id = pair[0]["blockID"].as_str().expect("an id");
        assert_eq!(id[..16], format!("{:016x}", number(&pair[0])));
    }
}

#[tokio::test]
async fn there_is_a_history_whose_last_block_is_the_present() {
    let desk = Desk::new().await;
    let (head, first) = (desk.control().head(), desk.control().block(1).expect("a block"));
    assert_eq!((head.number, head.time_ms), (30, 1_795_251_600_000));
    assert_eq!(head.time_ms - first.time_ms, 29 * 3_000);
    desk.control().produce_block();
    assert_eq!(desk.control().head().time_ms, head.time_ms + 3_000);
}

#[tokio::test]
async fn a_range_ends_at_the_solid_block_and_holds_a_hundred_at_most() {
    let desk = Desk::new().await;
    assert_eq!(desk.control().solid().number, 11);
    assert_eq!(range(&desk, 8, 100).await.iter().map(number).collect::<Vec<_>>(), [8, 9, 10, 11]);
    desk.control().produce_empty_blocks(200);
    assert_eq!(range(&desk, 1, 101).await.len(), 100);
    for (first, end) in [(1, 102), (5, 5), (6, 5), (900, 950)] {
        let body = json!({ "startNum": first, "endNum": end });
        let answer = desk.ask("walletsolidity/getblockbylimitnext", body).await;
        assert_eq!(answer, json!({}), "{first}..{end}");
    }
}

#[tokio::test]
async fn a_block_is_found_by_number_and_by_id() {
    let desk = Desk::new().await;
    let block = desk.control().block(5).expect("a block");
    for wanted in ["5", block.id.as_str()] {
        let found = desk.ask("wallet/getblock", json!({ "id_or_num": wanted })).await;
        assert_eq!(found["blockID"], block.id.as_str());
        assert_eq!(found.get("transactions"), None);
    }
    assert_eq!(desk.ask("wallet/getblock", json!({ "id_or_num": "31" })).await, json!({}));
    assert_eq!(number(&desk.ask("wallet/getblock", json!({ "detail": false })).await), 30);
    let strange = desk.ask("wallet/getblock", json!({ "id_or_num": "x" })).await;
    assert!(strange["Error"].is_string(), "{strange}");
}

#[tokio::test]
async fn the_solid_block_is_nineteen_behind_unless_it_is_held() {
    let desk = Desk::new().await;
    let control = desk.control();
    assert_eq!(number(&desk.ask("wallet/getnowblock", json!({})).await), 30);
    assert_eq!(number(&desk.ask("walletsolidity/getnowblock", json!({})).await), 11);
    control.hold_solid(true);
    control.advance_slots(10);
    assert_eq!((control.head().number, control.solid().number), (40, 11));
    control.hold_solid(false);
    assert_eq!(control.solid().number, 21);
}

#[tokio::test]
async fn a_fork_takes_back_what_is_not_solid_and_it_happens_again() {
    let desk = Desk::new().await;
    let control = desk.control();
    let sealed = desk.sealed_transfer(account(7), 500);
    desk.pay(&sealed).await;
    control.advance_slots(3);
    let old = control.block(31).expect("a block").id;
    assert_eq!(control.balance_of(control.token_address(), account(7)), 500);
    assert_eq!(control.fork(3), 3);
    assert_eq!(control.balance_of(control.token_address(), account(7)), 0);
    assert_eq!(desk.info(&sealed).await, json!({}));
    assert_eq!(control.pending(0), [sealed.txid.as_str()]);
    control.advance_slots(2);
    assert_ne!(control.block(31).expect("a block").id, old);
    assert_eq!(control.oracle().transfers_between(own(), account(7)).len(), 1);
}

#[tokio::test]
async fn no_fork_takes_back_what_is_solid() {
    let desk = Desk::new().await;
    let solid = desk.control().solid();
    assert_eq!(desk.control().fork(1_000), 19);
    assert_eq!(desk.control().head(), solid);
    desk.control().advance_slots(5);
    assert_eq!(desk.control().solid(), solid, "it does not go back, and waits");
}

#[tokio::test]
async fn a_fork_can_lose_a_transaction_for_good() {
    let desk = Desk::new().await;
    let sealed = desk.sealed_transfer(account(7), 500);
    desk.pay(&sealed).await;
    desk.control().advance_slots(2);
    desk.control().fork_and_forget(2);
    desk.control().advance_slots(5);
    assert_eq!(desk.control().oracle().execution(&sealed.txid), None);
}

#[tokio::test]
async fn another_branch_keeps_what_it_is_told_to_in_the_block_that_it_is_told() {
    let desk = Desk::new().await;
    let control = desk.control();
    control.fund_token(control.token_address(), account(8), 900);
    let lost = control.transfer(account(8), account(7), 300);
    let kept = control.transfer(account(8), account(7), 500);
    control.advance_slots(3);
    let old: Vec<_> = (31..=33).map(|number| control.block(number).expect("a block")).collect();
    assert_eq!(control.reorg(3, &[(kept.as_str(), 1)]), 3);
    assert_eq!(control.head().number, 33, "as many blocks as before");
    assert!(old.iter().all(|block| control.block(block.number).expect("a block").id != block.id));
    let oracle = control.oracle();
    assert_eq!(oracle.execution(&kept).map(|one| one.block), Some(32));
    assert_eq!((oracle.execution(&lost), control.pending(0)), (None, vec![]));
    assert_eq!(control.balance_of(control.token_address(), account(7)), 500);
    assert_eq!(control.reorg(1_000, &[]), 19, "what is solid stays");
}

#[tokio::test]
async fn the_rule_of_solid_blocks_can_be_broken_to_see_who_notices() {
    let desk = Desk::new().await;
    let (head, solid) = (desk.control().head(), desk.control().solid());
    let kept = desk.control().block(9);
    desk.control().break_solid(2);
    assert_eq!(desk.control().head().number, head.number);
    let broken = desk.control().solid();
    assert_eq!(broken.number, solid.number);
    assert_ne!(broken.id, solid.id);
    assert_eq!(desk.control().block(9), kept);
}

#[tokio::test]
async fn skipped_time_is_in_the_next_block() {
    let desk = Desk::new().await;
    let before = desk.control().head().time_ms;
    desk.control().skip_time(Duration::minutes(10));
    assert_eq!(desk.control().now_ms(), before + 600_000);
    desk.control().advance_slots(2);
    assert_eq!(desk.control().head().time_ms, before + 606_000);
}
