//! What arrived for an order, on the wire: plain JSON, nothing wrapped.

use domain::chain::{Arrival, Disposition, Sighting, native_amount, native_coin};
use domain::offer::Asset;
use domain::order::{DepositStage, Order};
use serde::Serialize;
use utoipa::ToSchema;

use super::shown::Time;
use super::words;

/// One transfer to the order's escrow address.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Deposit)]
pub struct DepositBody<'a> {
    #[schema(value_type = words::NetworkWord)]
    network: &'static str,
    tx_hash: &'a str,
    /// The transfer's place among the logs of its transaction: a transaction may hold several.
    ordinal: u32,
    /// The coin, where we know its contract, or the network's own; null for a stranger's.
    #[schema(value_type = Option<words::DepositAssetWord>)]
    asset: Option<&'static str>,
    /// The contract that moved it; the network's own coin has its name here.
    token: &'a str,
    from: &'a str,
    /// Null where the contract is a stranger's, or the number impossible. The network's own coin has
    /// as many places as the network counts.
    #[schema(example = "799.99000000")]
    amount: Option<String>,
    block_height: u64,
    /// Deposits are judged by this time.
    #[schema(value_type = String, format = DateTime)]
    block_time: Time,
    confirmations: u64,
    #[schema(value_type = String, format = DateTime)]
    detected_at: Time,
    #[schema(value_type = words::DepositStageWord)]
    stage: &'static str,
    #[schema(value_type = words::DispositionWord)]
    disposition: &'static str,
    /// The same in a sentence.
    explanation: &'static str,
}

impl<'a> DepositBody<'a> {
    /// `head` is the chain's highest block, as far as it is known.
    pub fn new(order: &Order, arrival: &'a Arrival, head: u64) -> Self {
        let sighting = &arrival.sighting;
        let disposition = arrival.disposition(order);
        Self {
            network: sighting.id.network.as_str(),
            tx_hash: &sighting.id.tx_hash,
            ordinal: sighting.id.ordinal,
            asset: asset(sighting),
            token: &sighting.token,
            from: &sighting.from,
            amount: amount(sighting),
            block_height: sighting.block.height,
            block_time: Time(sighting.block_time),
            confirmations: confirmations(arrival, head),
            detected_at: Time(arrival.detected_at),
            stage: arrival.stage.as_str(),
            disposition: Disposition::as_str(disposition),
            explanation: disposition.explanation(),
        }
    }
}

fn asset(sighting: &Sighting) -> Option<&'static str> {
    let own = sighting.is_native().then(|| native_coin(sighting.id.network));
    sighting.asset.map(Asset::as_str).or(own)
}

fn amount(sighting: &Sighting) -> Option<String> {
    let own = || native_amount(sighting.id.network, &sighting.units);
    sighting.amount.map(|it| it.to_string()).or_else(|| sighting.is_native().then(own))
}

/// Blocks that stand on it, its own included.
fn confirmations(arrival: &Arrival, head: u64) -> u64 {
    match arrival.stage {
        DepositStage::Seen | DepositStage::Final => {
            (head + 1).saturating_sub(arrival.sighting.block.height)
        }
        DepositStage::Orphaned | DepositStage::Reverted => 0,
    }
}
