//! What really happened, whatever the nodes told anyone.

use std::collections::BTreeMap;

use super::address::Address;
use super::block::{Block, Mined};
use super::hex;
use super::receipt::Outcome;
use super::transaction::Action;
use super::world::World;

/// The truth at one moment, at the head of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TronOracle {
    pub transfers: Vec<Transfer>,
    /// Everything that is in a block, failures included.
    pub executions: Vec<Execution>,
    /// Units by token and holder.
    pub units: BTreeMap<(Address, Address), u128>,
    pub sun: BTreeMap<Address, i64>,
    pub head: u64,
    pub solid: u64,
}

/// A Transfer event in a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    pub txid: String,
    /// Its place among the transaction's own events.
    pub ordinal: usize,
    pub token: Address,
    pub from: Address,
    pub to: Address,
    pub units: u128,
    pub block: u64,
    pub is_solid: bool,
}

/// A transaction in a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    pub txid: String,
    pub owner: Address,
    pub outcome: Outcome,
    /// Where it sent TRX, and how much.
    pub sent_sun: Option<(Address, i64)>,
    /// In all.
    pub fee_sun: i64,
    pub energy: i64,
    pub block: u64,
    pub is_solid: bool,
}

impl TronOracle {
    pub(super) fn of(world: &World) -> Self {
        let (head, solid) = (world.chain.head().number, world.chain.solid());
        let mined = || {
            let blocks = world.chain.blocks().iter();
            blocks.flat_map(|block| block.transactions.iter().map(move |mined| (block, mined)))
        };
        Self {
            transfers: mined().flat_map(|(block, mined)| transfers(block, mined, solid)).collect(),
            executions: mined().map(|(block, mined)| execution(block, mined, solid)).collect(),
            units: world.ledger.all_units(head),
            sun: world.ledger.all_sun(head),
            head,
            solid,
        }
    }

    pub fn transfers_to(&self, to: Address) -> Vec<&Transfer> {
        self.transfers.iter().filter(|one| one.to == to).collect()
    }

    pub fn transfers_between(&self, from: Address, to: Address) -> Vec<&Transfer> {
        self.transfers.iter().filter(|one| one.from == from && one.to == to).collect()
    }

    pub fn transfers_of(&self, txid: &str) -> Vec<&Transfer> {
        self.transfers.iter().filter(|one| one.txid == txid).collect()
    }

    /// What became of a transaction; `None` where it is in no block.
    pub fn execution(&self, txid: &str) -> Option<&Execution> {
        self.executions.iter().find(|one| one.txid == txid)
    }

    /// What sent TRX to an address.
    pub fn sun_to(&self, to: Address) -> Vec<&Execution> {
        let is_to = |one: &&Execution| one.sent_sun.is_some_and(|(known, _)| known == to);
        self.executions.iter().filter(is_to).collect()
    }

    pub fn executions_by(&self, owner: Address) -> Vec<&Execution> {
        self.executions.iter().filter(|one| one.owner == owner).collect()
    }
}

fn transfers(block: &Block, mined: &Mined, solid: u64) -> impl Iterator<Item = Transfer> {
    let (txid, number) = (hex::encode(&mined.tx.id), block.number);
    mined.receipt.logs().iter().enumerate().map(move |(ordinal, log)| Transfer {
        txid: txid.clone(),
        ordinal,
        token: log.token,
        from: log.from,
        to: log.to,
        units: log.units,
        block: number,
        is_solid: number <= solid,
    })
}

fn execution(block: &Block, mined: &Mined, solid: u64) -> Execution {
    Execution {
        txid: hex::encode(&mined.tx.id),
        owner: mined.tx.owner(),
        outcome: mined.receipt.outcome(),
        sent_sun: match mined.tx.action {
            Action::Transfer { to, amount, .. } => Some((to, amount)),
            Action::Trigger { .. } => None,
        },
        fee_sun: mined.receipt.fee,
        energy: mined.receipt.energy_total,
        block: block.number,
        is_solid: block.number <= solid,
    }
}
