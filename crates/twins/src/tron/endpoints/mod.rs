//! The calls, each answered from what the asked node sees.

mod accounts;
mod blocks;
mod broadcasting;
mod building;
mod contracts;
mod transactions;

use serde_json::Value;

use super::endpoint::Endpoint;
use super::fault::FaultKind;
use super::request::{Read, Request};
use super::wire::Pen;
use super::world::{View, World};
use crate::http::Call;

/// A request on its way to the call that answers it.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) endpoint: Endpoint,
    /// Asked under `/walletsolidity/`.
    pub(super) is_solid: bool,
    pub(super) node: usize,
    pub(super) view: View,
    /// What the answer is given from: the head, or the solid state.
    pub(super) height: u64,
    pub(super) request: Request,
    pub(super) faults: &'a [FaultKind],
}

impl<'a> Asked<'a> {
    pub(super) fn read(
        world: &World,
        node: usize,
        call: &Call,
        faults: &'a [FaultKind],
    ) -> Read<Self> {
        let (endpoint, is_solid) = Endpoint::of(&call.path);
        let behind = faults.iter().map(|fault| match fault {
            FaultKind::Lagging { blocks } => *blocks,
            _ => 0,
        });
        let view = world.view(node, behind.max().unwrap_or_default());
        let height = if is_solid { view.solid } else { view.head };
        let request = Request::read(call)?;
        Ok(Self { endpoint, is_solid, node, view, height, request, faults })
    }

    fn pen(&self) -> Pen {
        Pen { is_visible: self.request.is_visible }
    }

    fn suffers(&self, kind: &FaultKind) -> bool {
        self.faults.contains(kind)
    }
}

pub(super) fn serve(world: &mut World, asked: &Asked<'_>) -> Read<Value> {
    world.evict();
    match asked.endpoint {
        _ if asked.suffers(&FaultKind::NotFound) => Ok(Value::Object(serde_json::Map::new())),
        Endpoint::GetNowBlock => Ok(blocks::now(world, asked)),
        Endpoint::GetBlock => blocks::block(world, asked),
        Endpoint::GetBlockByNum => blocks::by_number(world, asked),
        Endpoint::GetBlockByLimitNext => blocks::range(world, asked),
        Endpoint::GetTransactionInfoByBlockNum => transactions::infos(world, asked),
        Endpoint::GetTransactionInfoById => transactions::info(world, asked),
        Endpoint::GetTransactionById => transactions::by_id(world, asked),
        Endpoint::GetTransactionFromPending => transactions::pending(world, asked),
        Endpoint::TriggerConstantContract => contracts::constant(world, asked),
        Endpoint::EstimateEnergy => contracts::estimate(world, asked),
        Endpoint::TriggerSmartContract => building::trigger(world, asked),
        Endpoint::CreateTransaction => building::transfer(world, asked),
        Endpoint::BroadcastHex => broadcasting::hex(world, asked),
        Endpoint::BroadcastTransaction => broadcasting::json(world, asked),
        Endpoint::GetAccount => accounts::account(world, asked),
        Endpoint::GetAccountResource => accounts::resource(world, asked),
        Endpoint::GetChainParameters => Ok(accounts::parameters(world)),
        Endpoint::Unknown => Ok(Value::Null),
    }
}
