//! Accounts, what they have left of bandwidth and energy, and the chain's prices.

use serde_json::{Value, json};

use super::Asked;
use super::blocks::nothing;
use crate::tron::request::Read;
use crate::tron::wire::object;
use crate::tron::world::World;

/// `{}` for one that was never activated.
pub(super) fn account(world: &World, asked: &Asked<'_>) -> Read<Value> {
    let address = asked.request.address("address")?;
    let account = world.ledger.account(address, asked.height);
    Ok(account.map_or_else(nothing, |account| {
        object([
            ("address", json!(asked.pen().address(address))),
            ("balance", json!(account.sun)),
            ("create_time", json!(account.created_ms)),
            ("free_net_usage", json!(account.bandwidth.at(world.now_ms()))),
        ])
    }))
}

pub(super) fn resource(world: &World, asked: &Asked<'_>) -> Read<Value> {
    let address = asked.request.address("address")?;
    let account = world.ledger.account(address, asked.height);
    let now_ms = world.now_ms();
    Ok(account.map_or_else(nothing, |account| {
        object([
            ("freeNetUsed", json!(account.bandwidth.at(now_ms))),
            ("freeNetLimit", json!(world.rules.free_bandwidth)),
            ("TotalNetLimit", json!(43_200_000_000_u64)),
            ("EnergyUsed", json!(account.energy.at(now_ms))),
            ("EnergyLimit", json!(account.energy_limit)),
            ("TotalEnergyLimit", json!(180_000_000_000_u64)),
        ])
    }))
}

pub(super) fn parameters(world: &World) -> Value {
    let rules = &world.rules;
    let known = [
        ("getMaintenanceTimeInterval", 21_600_000),
        ("getCreateAccountFee", rules.create_account_fee_sun),
        ("getTransactionFee", rules.bandwidth_price_sun),
        ("getCreateNewAccountFeeInSystemContract", rules.activation_fee_sun),
        ("getEnergyFee", rules.energy_price_sun),
        ("getMaxFeeLimit", rules.max_fee_limit_sun),
        ("getFreeNetLimit", rules.free_bandwidth),
        ("getMemoFee", rules.memo_fee_sun),
    ];
    let listed = known.map(|(key, value)| object([("key", json!(key)), ("value", json!(value))]));
    json!({ "chainParameter": listed })
}
