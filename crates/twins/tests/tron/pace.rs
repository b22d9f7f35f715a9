//! Slots by real time, and much at once.

use std::time::{Duration, Instant};

use serde_json::json;
use time::OffsetDateTime;
use twins::tron::{TronOptions, TronTwin};

use crate::tron::support::{Desk, LIMIT, own, still};
use crate::tron::wallet::account;

fn present_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.expect("after 1970").as_millis()).expect("a moment")
}

#[tokio::test]
async fn fast_slots_have_the_real_time_and_grow_solid_by_themselves() {
    let twin = TronTwin::start(TronOptions::fast()).await.expect("a twin");
    let control = twin.control();
    control.fund_token(control.token_address(), own(), 5);
    let txid = control.transfer(own(), account(7), 5);
    let is_solid = |oracle: &twins::tron::TronOracle| {
        oracle.transfers_of(&txid).iter().any(|transfer| transfer.is_solid)
    };
    assert!(control.wait_until(LIMIT, is_solid).await);
    let behind_ms = present_ms() - control.head().time_ms;
    assert!((-50..5_000).contains(&behind_ms), "{behind_ms}");
    assert_eq!(control.solid_balance_of(control.token_address(), account(7)), 5);
}

#[tokio::test]
async fn a_chain_in_real_time_can_be_put_ahead_of_it() {
    let options = TronOptions { auto: false, ..TronOptions::fast() };
    let twin = TronTwin::start(options).await.expect("a twin");
    twin.control().skip_time(time::Duration::minutes(10));
    twin.control().advance_slots(2);
    let (head, before) = (twin.control().head(), twin.control().block(1).expect("a block"));
    assert!(head.time_ms > before.time_ms, "times grow even within a millisecond");
    assert!(head.time_ms - present_ms() > 590_000);
    let year = OffsetDateTime::from_unix_timestamp(head.time_ms / 1000).expect("a moment").year();
    assert!(year >= 2026);
}

#[tokio::test]
async fn a_long_chain_is_no_burden() {
    let desk = Desk::new().await;
    let began = Instant::now();
    desk.control().produce_empty_blocks(20_000);
    let mut first = 1;
    while first < 5_000 {
        let body = json!({ "startNum": first, "endNum": first + 100 });
        let answer = desk.ask("walletsolidity/getblockbylimitnext", body).await;
        assert_eq!(answer["block"].as_array().map(Vec::len), Some(100));
        first += 100;
    }
    assert!(began.elapsed() < 3 * LIMIT, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_block_takes_hundreds_of_transactions() {
    let desk = Desk::with(still()).await;
    let control = desk.control();
    control.create_account(own(), 100_000_000_000);
    let mut sealed = Vec::new();
    for units in 1..=500 {
        sealed.push(desk.sealed_transfer(account(7), units));
    }
    let began = Instant::now();
    for one in &sealed {
        desk.pay(one).await;
    }
    let number = control.produce_block();
    let took = began.elapsed();
    assert_eq!(control.block(number).map(|block| block.transactions), Some(500));
    assert_eq!(control.oracle().transfers_between(own(), account(7)).len(), 500);
    assert!(took < Duration::from_mins(1), "{took:?}");
}
