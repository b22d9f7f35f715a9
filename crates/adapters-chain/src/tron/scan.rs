//! Deposits: every transfer in a range of blocks, read whole from one node. A block counts as read when
//! there is information about exactly the transactions that it contains; a node that knows less is not
//! believed at all. Above what is solid a node may change its branch between two questions: what it
//! says of transactions must name the very block's time, too.

use std::collections::{HashMap, HashSet};

use alloy::primitives::U256;
use domain::address::Network;
use domain::chain::{BlockRef, Scan, Sighting, from_chain_units, native_coin};
use domain::offer::Asset;
use domain::order::DepositId;
use domain::ports::{SourceError, WatchList};
use futures_util::future::try_join_all;
use serde_json::json;
use time::OffsetDateTime;

use super::answers::{Hash, Info};
use super::blocks::{Range, State};
use super::header::Header;
use super::logs::{Ending, Transfer};
use super::native::Sent;
use super::node::{Answer, Node};
use super::nodes::Nodes;
use super::spelling;
use crate::address::owner::Owner;

/// Blocks whose transactions are asked for at the same time.
const AT_ONCE: usize = 8;

/// What is ours to know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ours {
    pub(crate) usdt: Owner,
    /// What it sends of TRX to an address of ours pays for a fee there.
    pub(crate) hot: Owner,
}

/// A transfer of a transaction that did not fail.
struct Found {
    transaction: Hash,
    ordinal: u32,
    /// `None` for TRX.
    token: Option<Owner>,
    from: Owner,
    to: Owner,
    units: U256,
    block: BlockRef,
    time: OffsetDateTime,
    /// Its receipt says that its contract's call ended well, or its bytes are what its name says.
    is_proven: bool,
}

/// Reads `from..=to` from any one node, and keeps what went to an address of `watch`.
pub(crate) async fn scan(
    nodes: &Nodes,
    range: Range,
    of: Ours,
    watch: &dyn WatchList,
) -> Result<Scan, SourceError> {
    let Range { from, to, .. } = range;
    if from > to {
        return Err(SourceError::Contradiction(format!("no blocks in {from}..={to}")));
    }
    let batch = nodes.batch();
    let (headers, found) = nodes.any(|node| Box::pin(read(node, range, batch, of))).await?;
    let ours = whose(watch, found.iter().map(|one| one.to).collect()).await?;
    let sightings = found.into_iter().filter_map(|one| one.sighting(of.usdt, &ours));
    Ok(Scan {
        blocks: headers.iter().map(Header::block).collect::<Result<_, _>>()?,
        sightings: sightings.collect::<Result<_, _>>()?,
    })
}

/// Those of the recipients that are ours, asked about once.
async fn whose(
    watch: &dyn WatchList,
    recipients: HashSet<Owner>,
) -> Result<HashSet<String>, SourceError> {
    if recipients.is_empty() {
        return Ok(HashSet::new());
    }
    let recipients: Vec<String> = recipients.into_iter().map(spelling::base58).collect();
    let ours = watch.ours(Network::Tron, &recipients).await;
    ours.map_err(|why| SourceError::Store(why.to_string()))
}

async fn read(
    node: &Node,
    range: Range,
    batch: u64,
    of: Ours,
) -> Answer<(Vec<Header>, Vec<Found>)> {
    let headers = node.blocks(range, batch).await?;
    let mut found = Vec::new();
    let full: Vec<&Header> = headers.iter().filter(|block| !block.txids.is_empty()).collect();
    for some in full.chunks(AT_ONCE) {
        let transfers =
            try_join_all(some.iter().map(|header| transfers(node, header, range.solid, of)))
                .await?;
        found.extend(transfers.into_iter().flatten());
    }
    Ok((headers, found))
}

async fn transfers(node: &Node, header: &Header, solid: u64, of: Ours) -> Answer<Vec<Found>> {
    let infos = node.infos(header, State::of(header.height, solid)).await?;
    let (block, time) = (header.at(), header.time()?);
    let sent = node.sent(header)?;
    let sent = sent.into_iter().filter(|one| one.from != of.hot);
    let mut sent: HashMap<Hash, Sent> = sent.map(|one| (one.transaction, one)).collect();
    let mut found = Vec::new();
    for info in infos {
        let (Some(transaction), ending) = (info.id, info.ending()) else { continue };
        // The node clears the logs of what failed; if it did not, they are of nothing.
        if matches!(ending, Ending::Failed(_)) {
            continue;
        }
        if info.is_garbled(of.usdt) {
            return Err(node.contradiction("a transfer of USDT that cannot be read"));
        }
        let is_proven = ending == Ending::Success;
        let moved = info.transfers().map(|Transfer { ordinal, token, from, to, units }| {
            let (token, block) = (Some(token), block.clone());
            Found { transaction, ordinal, token, from, to, units, block, time, is_proven }
        });
        found.extend(moved);
        let plain =
            sent.remove(&transaction).map(|Sent { from, to, sun: units, is_genuine, .. }| {
                // No contract runs, so that no log can have that place.
                let (ordinal, token, block) = (0, None, block.clone());
                let is_proven = is_genuine && ending != Ending::Contradictory;
                Found { transaction, ordinal, token, from, to, units, block, time, is_proven }
            });
        found.extend(plain);
    }
    Ok(found)
}

impl Node {
    /// What became of every transaction of a block, in its order. `[]` is an answer about an empty
    /// block and about an unknown one, so the block says how many there must be, and which.
    pub(crate) async fn infos(&self, block: &Header, state: State) -> Answer<Vec<Info>> {
        let path = state.path("gettransactioninfobyblocknum");
        let infos: Vec<Info> = self.ask_list(&path, &json!({ "num": block.height })).await?;
        let told: HashSet<Hash> = infos.iter().filter_map(|info| info.id).collect();
        let expected: HashSet<Hash> = block.txids.iter().copied().collect();
        let is_whole = infos.len() == block.txids.len() && told == expected;
        if !is_whole {
            let how = format!("{} of {} transactions", infos.len(), block.txids.len());
            return Err(self.away(&path, &format!("block {}: {how}", block.height)));
        }
        if infos.iter().all(|info| is_of(info, block, state)) {
            return Ok(infos);
        }
        // Another branch may have the same transactions, to other ends.
        Err(match state {
            State::Head => self.away(&path, "it went to another branch"),
            State::Solid => self.contradiction("information about another block"),
        })
    }
}

/// Blocks of one height on two branches are of different slots, but where somebody produces twice.
fn is_of(info: &Info, block: &Header, state: State) -> bool {
    let is_timed = info.block_time_ms.map_or(state == State::Solid, |time| time == block.time_ms);
    info.block_number == Some(block.height) && is_timed
}

impl Found {
    /// `None` for what is not ours.
    fn sighting(self, usdt: Owner, ours: &HashSet<String>) -> Option<Answer<Sighting>> {
        let to = Some(spelling::base58(self.to)).filter(|to| ours.contains(to))?;
        if !self.is_proven {
            let what = format!("{} moves what it does not prove", self.transaction);
            return Some(Err(SourceError::Contradiction(what)));
        }
        let asset = (self.token == Some(usdt)).then_some(Asset::Usdt);
        let known = u64::try_from(self.units).ok().filter(|_| asset.is_some());
        let (tx_hash, ordinal) = (self.transaction.to_string(), self.ordinal);
        let own = || native_coin(Network::Tron).to_owned();
        Some(Ok(Sighting {
            id: DepositId { network: Network::Tron, tx_hash, ordinal },
            token: self.token.map_or_else(own, spelling::base58),
            asset,
            from: spelling::base58(self.from),
            to,
            units: self.units.to_string(),
            amount: known.and_then(from_chain_units),
            block: self.block,
            block_time: self.time,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn information_is_of_a_block_by_its_height_and_at_the_head_by_its_time_too() {
        let block = Header {
            height: 7,
            id: Hash([1; 32]),
            parent: Hash([0; 32]),
            time_ms: 3_000,
            txids: vec![],
            raws: vec![],
        };
        let info = |number, time| Info {
            block_number: Some(number),
            block_time_ms: time,
            ..Info::default()
        };
        for state in [State::Solid, State::Head] {
            assert!(is_of(&info(7, Some(3_000)), &block, state));
            assert!(!is_of(&info(8, Some(3_000)), &block, state));
            assert!(!is_of(&info(7, Some(6_000)), &block, state), "another branch's block");
        }
        assert!(is_of(&info(7, None), &block, State::Solid));
        assert!(!is_of(&info(7, None), &block, State::Head));
    }
}
