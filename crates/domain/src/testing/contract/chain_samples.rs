//! Samples of what the chain rail keeps, to be varied by cases.

use time::{Duration, OffsetDateTime};

use crate::address::Network;
use crate::chain::transfer::{AttemptState, Death, Plan, Purpose, Signed, Terms, Wallet};
use crate::chain::{Attempt, Block, BlockRef, Cursor, Sighting, Transfer, Value, chain_units};
use crate::money::Crypto;
use crate::offer::Asset;
use crate::order::{DepositId, Effect, Order};
use crate::testing::samples::{NOW, crypto};

/// Where deliveries, refunds and fees come from.
pub const HOT: &str = "T-hot";

/// `seconds` after [`NOW`].
pub fn after(seconds: i64) -> OffsetDateTime {
    NOW.saturating_add(Duration::seconds(seconds))
}

/// The block at `height` of the `fork`th chain that there was.
pub fn block(height: u64, fork: u8) -> Block {
    let hash = |height: u64| format!("block-{height}-{fork}");
    Block {
        at: BlockRef { height, hash: hash(height) },
        parent: hash(height.saturating_sub(1)),
        time: after(i64::try_from(height).unwrap_or(0)),
    }
}

pub fn cursor(network: Network, height: u64) -> Cursor {
    Cursor::starting_at(network, &block(height, 0), NOW)
}

/// A transfer of `amount` of the order's coin to its address, in the block at `height`.
pub fn sighting(order: &Order, tx_hash: &str, height: u64, amount: Crypto) -> Sighting {
    let Block { at, time, .. } = block(height, 0);
    let to = order.escrow.as_ref().map_or("T-nobody", |escrow| escrow.address.as_str());
    Sighting {
        id: DepositId { network: order.wallet.network(), tx_hash: tx_hash.to_owned(), ordinal: 0 },
        token: "T-token".to_owned(),
        asset: Some(order.asset),
        from: "T-sender".to_owned(),
        to: to.to_owned(),
        units: chain_units(amount).unwrap_or(0).to_string(),
        amount: Some(amount),
        block: at,
        block_time: time,
    }
}

/// The effect that gathers `amount` of what lies at the order's address.
pub fn sweep_effect(order: &Order, asset: Asset, amount: Crypto, round: u32) -> Effect {
    let escrow = order.escrow.as_ref();
    Effect::Sweep {
        network: order.wallet.network(),
        asset,
        index: escrow.map_or(0, |escrow| escrow.index),
        from: escrow.map_or_else(String::new, |escrow| escrow.address.as_str().to_owned()),
        amount,
        round,
    }
}

/// The effect that sends `amount` of the order's coin to its wallet.
pub fn deliver_effect(order: &Order, amount: Crypto) -> Effect {
    Effect::Deliver {
        network: order.wallet.network(),
        asset: order.asset,
        to: order.wallet.as_str().to_owned(),
        amount,
    }
}

/// What an effect of the chain rail plans; an amount of nothing for any other.
pub fn plan(order: &Order, effect: &Effect) -> Plan {
    let coin = |asset: &Asset, amount: &Crypto| Value::Coin { asset: *asset, amount: *amount };
    let (purpose, from, to, value) = match effect {
        Effect::Deliver { asset, to, amount, .. } => {
            (Purpose::Delivery, HOT, to.as_str(), coin(asset, amount))
        }
        Effect::RefundCrypto { refund, asset, to, amount, .. } => {
            (Purpose::Refund { refund: refund.clone() }, HOT, to.as_str(), coin(asset, amount))
        }
        Effect::Sweep { asset, from, amount, .. } => {
            (Purpose::Sweep, from.as_str(), HOT, coin(asset, amount))
        }
        Effect::FundGas { to, units, .. } => {
            (Purpose::Gas, HOT, to.as_str(), Value::Native { units: *units })
        }
        Effect::ReturnNative { arrival, from, to, units, .. } => {
            let purpose = Purpose::Return { arrival: arrival.clone() };
            (purpose, from.as_str(), to.as_str(), Value::Native { units: *units })
        }
        Effect::RequestCollection { .. }
        | Effect::PayOut { .. }
        | Effect::RefundFiat { .. }
        | Effect::OpenReview { .. } => {
            (Purpose::Gas, HOT, order.wallet.as_str(), Value::Native { units: 0 })
        }
    };
    let wallet = match effect {
        Effect::Sweep { index, .. } | Effect::ReturnNative { index, .. } => Wallet::Escrow(*index),
        Effect::Deliver { .. }
        | Effect::RefundCrypto { .. }
        | Effect::FundGas { .. }
        | Effect::RequestCollection { .. }
        | Effect::PayOut { .. }
        | Effect::RefundFiat { .. }
        | Effect::OpenReview { .. } => Wallet::Hot,
    };
    Plan {
        key: effect.idempotency_key(order.id),
        order_id: order.id,
        purpose,
        network: order.wallet.network(),
        wallet,
        from: from.to_owned(),
        to: to.to_owned(),
        value,
    }
}

/// The delivery of a coin, planned.
pub fn delivery(order: &Order) -> (Effect, Transfer) {
    let effect = deliver_effect(order, crypto("1"));
    let transfer = Transfer::planned(plan(order, &effect), NOW);
    (effect, transfer)
}

/// A signed transaction under `sequence`, which names it.
pub fn attempt(generation: i32, variant: i32, sequence: u64) -> Attempt {
    Attempt {
        generation,
        variant,
        signed: Signed {
            tx_hash: format!("tx-{sequence}-{variant}"),
            raw: vec![0, 1, 255],
            sequence,
            terms: terms(sequence),
        },
        state: AttemptState::Signed,
        sends: 0,
        first_sent_at: None,
        last_sent_at: None,
        included: None,
        fee: None,
        death: None,
        created_at: NOW,
    }
}

/// What was signed and is on its way.
pub fn sent_attempt(signed: &Signed, variant: i32) -> Attempt {
    let (signed, state) = (signed.clone(), AttemptState::Sent);
    Attempt { signed, state, sends: 1, ..attempt(1, variant, 0) }
}

fn terms(sequence: u64) -> Terms {
    if sequence.is_multiple_of(2) {
        return Terms::Ethereum { gas_limit: 90_000, max_fee: u64::MAX, max_tip: 1 };
    }
    Terms::Tron {
        ref_height: 7,
        ref_hash: "block-7-0".to_owned(),
        expiration_ms: u64::MAX,
        fee_limit: 30_000_000,
    }
}

/// The attempt in `state`, with everything that is known of it then.
pub fn known(attempt: Attempt, state: AttemptState) -> Attempt {
    if state == AttemptState::Signed {
        return attempt;
    }
    let is_final = matches!(state, AttemptState::Done | AttemptState::Failed);
    let is_in_block = is_final || state == AttemptState::Included;
    let death = match state {
        AttemptState::Failed => Some(Death::Reverted { tx_hash: attempt.signed.tx_hash.clone() }),
        AttemptState::Dead => Some(Death::Expired { solid_height: u64::MAX }),
        AttemptState::Signed | AttemptState::Sent | AttemptState::Included | AttemptState::Done => {
            None
        }
    };
    Attempt {
        state,
        sends: 2,
        first_sent_at: Some(after(1)),
        last_sent_at: Some(after(2)),
        included: is_in_block.then(|| block(9, 0).at),
        fee: is_final.then_some(u64::MAX),
        death,
        ..attempt
    }
}
