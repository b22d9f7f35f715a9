//! Deposits: every transfer in a range of solid blocks, read whole from one node. A block counts as
//! read when there is information about exactly the transactions that it contains; a node that
//! knows less is not believed at all.

use std::collections::HashSet;

use domain::address::Network;
use domain::chain::{BlockRef, Scan, Sighting, from_chain_units};
use domain::offer::Asset;
use domain::order::DepositId;
use domain::ports::{SourceError, WatchList};
use futures_util::future::try_join_all;
use serde_json::json;
use time::OffsetDateTime;

use super::answers::{Hash, Info};
use super::header::Header;
use super::logs::{Ending, Transfer};
use super::node::{Answer, Node};
use super::nodes::Nodes;
use super::spelling;
use crate::address::owner::Owner;

/// Blocks whose transactions are asked for at the same time.
const AT_ONCE: usize = 8;

/// A transfer of a transaction that did not fail.
struct Found {
    transaction: Hash,
    transfer: Transfer,
    block: BlockRef,
    time: OffsetDateTime,
    /// Its receipt says that its contract's call ended well.
    is_proven: bool,
}

/// Reads `from..=to` from any one node, and keeps what went to an address of `watch`.
pub(crate) async fn scan(
    nodes: &Nodes,
    (from, to): (u64, u64),
    usdt: Owner,
    watch: &dyn WatchList,
) -> Result<Scan, SourceError> {
    if from > to {
        return Err(SourceError::Contradiction(format!("no blocks in {from}..={to}")));
    }
    let batch = nodes.batch();
    let (headers, found) = nodes.any(|node| Box::pin(read(node, (from, to), batch, usdt))).await?;
    let ours = whose(watch, found.iter().map(|one| one.transfer.to).collect()).await?;
    let sightings = found.into_iter().filter_map(|one| one.sighting(usdt, &ours));
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
    (from, to): (u64, u64),
    batch: u64,
    usdt: Owner,
) -> Answer<(Vec<Header>, Vec<Found>)> {
    let headers = node.solid_blocks(from, to, batch).await?;
    let mut found = Vec::new();
    let full: Vec<&Header> = headers.iter().filter(|block| !block.txids.is_empty()).collect();
    for some in full.chunks(AT_ONCE) {
        let transfers =
            try_join_all(some.iter().map(|header| transfers(node, header, usdt))).await?;
        found.extend(transfers.into_iter().flatten());
    }
    Ok((headers, found))
}

async fn transfers(node: &Node, header: &Header, usdt: Owner) -> Answer<Vec<Found>> {
    let infos = node.infos(header).await?;
    let time = header.time()?;
    let mut found = Vec::new();
    for info in infos {
        let (Some(transaction), is_proven) = (info.id, info.ending() == Ending::Success) else {
            continue;
        };
        // The node clears the logs of what failed; if it did not, they are of nothing.
        if matches!(info.ending(), Ending::Failed(_)) {
            continue;
        }
        if info.is_garbled(usdt) {
            return Err(node.contradiction("a transfer of USDT that cannot be read"));
        }
        let block = header.at();
        found.extend(info.transfers().map(|transfer| Found {
            transaction,
            transfer,
            block: block.clone(),
            time,
            is_proven,
        }));
    }
    Ok(found)
}

impl Node {
    /// What became of every transaction of a block, in its order. `[]` is an answer about an empty
    /// block and about an unknown one, so the block says how many there must be, and which.
    pub(crate) async fn infos(&self, block: &Header) -> Answer<Vec<Info>> {
        let path = "walletsolidity/gettransactioninfobyblocknum";
        let infos: Vec<Info> = self.ask_list(path, &json!({ "num": block.height })).await?;
        let told: HashSet<Hash> = infos.iter().filter_map(|info| info.id).collect();
        let expected: HashSet<Hash> = block.txids.iter().copied().collect();
        let is_whole = infos.len() == block.txids.len() && told == expected;
        let is_of_block = infos.iter().all(|info| info.block_number == Some(block.height));
        match (is_whole, is_of_block) {
            (true, true) => Ok(infos),
            (false, _) => {
                let how = format!("{} of {} transactions", infos.len(), block.txids.len());
                Err(self.away(path, &format!("block {}: {how}", block.height)))
            }
            (true, false) => Err(self.contradiction("information about another block")),
        }
    }
}

impl Found {
    /// `None` for what is not ours.
    fn sighting(&self, usdt: Owner, ours: &HashSet<String>) -> Option<Answer<Sighting>> {
        let Transfer { ordinal, token, from, to, units } = self.transfer;
        let to = Some(spelling::base58(to)).filter(|to| ours.contains(to))?;
        if !self.is_proven {
            let what = format!("{} has logs and no success", self.transaction);
            return Some(Err(SourceError::Contradiction(what)));
        }
        let asset = (token == usdt).then_some(Asset::Usdt);
        let known = u64::try_from(units).ok().filter(|_| asset.is_some());
        let tx_hash = self.transaction.to_string();
        Some(Ok(Sighting {
            id: DepositId { network: Network::Tron, tx_hash, ordinal },
            token: spelling::base58(token),
            asset,
            from: spelling::base58(from),
            to,
            units: units.to_string(),
            amount: known.and_then(from_chain_units),
            block: self.block.clone(),
            block_time: self.time,
        }))
    }
}
