//! Busy blocks on a chain that stands still otherwise.

use super::watched;
use crate::coins::{Coins, HOT};
use crate::world::WALLET;
use anyhow::{Context, Result};
use twins::tron::{Address, TronOptions};

/// Transfers of USDT in a block; the first of them is to one of us.
pub(super) const TRANSFERS: u64 = 100;
/// Blocks on top, so that all busy ones are solid and beyond the margin that is left to replicas.
const ON_TOP: u64 = 19 + 2;
/// What strangers' addresses begin with, so that none of them is one of ours.
const STRANGER: u8 = 0x77;

pub(super) fn options() -> TronOptions {
    TronOptions { solid_lag: 19, history: 400, ..TronOptions::by_hand() }
}

pub(super) fn make(coins: &Coins, busy: u64) -> Result<()> {
    coins.fund(WALLET)?;
    coins.fund(HOT)?;
    let (control, from) = (coins.control(), WALLET.parse::<Address>().context("an address")?);
    for block in 0..busy {
        for nth in 0..TRANSFERS {
            let to = if nth == 0 { watched::hit(block) } else { stranger(block, nth) };
            control.transfer(from, to, 1_000_000);
        }
        control.produce_block();
    }
    control.produce_empty_blocks(ON_TOP);
    Ok(())
}

fn stranger(block: u64, nth: u64) -> Address {
    let mut account = [STRANGER; 20];
    account[4..12].copy_from_slice(&block.to_be_bytes());
    account[12..].copy_from_slice(&nth.to_be_bytes());
    Address::new(account)
}
