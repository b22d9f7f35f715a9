//! The proof that a signed transaction can never execute: the chain's time has passed its
//! expiration, and no solid block that could hold it does. A second signature hangs on it, so any
//! doubt is no proof.
//!
//! A block can hold a transaction only if its parent's time is before the expiration (java-tron,
//! `Manager.validateCommon`). Two checks, of different kinds: nodes that have seen the chain's time
//! pass say that they do not know it, in three rounds; and every block from the one that it stands
//! on to the first whose parent is too late is read, linked by hashes, and does not contain it.

use domain::chain::transfer::{Attempt, Death, Plan, Terms};
use domain::ports::SourceError;

use super::Tron;
use super::answers::{Hash, Info};
use super::header::{Header, are_linked};
use super::node::{Answer, Node};

const ROUNDS: usize = 3;
/// More blocks than any life of a transaction, which is a day at most.
const MOST_BLOCKS: u64 = 30_000;

/// What the proof is about.
struct Corpse {
    id: Hash,
    ref_height: u64,
    ref_id: Hash,
    expiration_ms: u64,
}

/// A node's word in one round.
enum Word {
    /// It does not know it, at this solid height, past the expiration.
    Absent(u64),
    Present,
    /// Its chain is not that far.
    TooEarly,
}

/// Every one of them must be dead; on Tron there is one.
pub(crate) async fn find(tron: &Tron, plan: &Plan, living: &[Attempt]) -> Answer<Option<Death>> {
    let mut death = None;
    for attempt in living {
        let corpse = corpse(attempt)?;
        let Some(solid_height) = bury(tron, &corpse).await? else { return Ok(None) };
        tracing::info!(key = plan.key, tx_hash = %corpse.id, solid_height, "it can never execute");
        death = Some(Death::Expired { solid_height });
    }
    Ok(death)
}

/// The solid height at which it is surely dead.
async fn bury(tron: &Tron, corpse: &Corpse) -> Answer<Option<u64>> {
    // Without a node there is no witness, and no proof.
    let least = tron.nodes.count().clamp(1, 2);
    let mut lowest = u64::MAX;
    let mut witnesses: Vec<&Node> = vec![];
    for _ in 0..ROUNDS {
        witnesses.clear();
        for member in tron.nodes.round() {
            let Ok(node) = member.node().await else { continue };
            match ask(tron, node, corpse).await {
                Ok(Word::Absent(height)) => {
                    lowest = lowest.min(height);
                    witnesses.push(node);
                }
                Ok(Word::Present) => return Ok(None),
                Ok(Word::TooEarly) | Err(_) => {}
            }
        }
        if witnesses.len() < least {
            return Ok(None);
        }
    }
    for node in witnesses.into_iter().take(least) {
        if !is_absent(node, tron.nodes.batch(), corpse).await? {
            return Ok(None);
        }
    }
    Ok(Some(lowest))
}

/// The height first: what the node says next it says at that height or above.
async fn ask(tron: &Tron, node: &Node, corpse: &Corpse) -> Answer<Word> {
    let margin_ms = u64::from(tron.config.death_margin_s).saturating_mul(1_000);
    let head = node.solid_head().await?;
    if head.time_ms < corpse.expiration_ms.saturating_add(margin_ms) {
        return Ok(Word::TooEarly);
    }
    let path = "walletsolidity/gettransactioninfobyid";
    let info: Info = node.ask_by_id(path, &corpse.id.0).await?;
    let is_known = info.block_number.is_some() || info.id.is_some();
    Ok(if is_known { Word::Present } else { Word::Absent(head.height) })
}

/// Reads every block that could hold it.
async fn is_absent(node: &Node, batch: u64, corpse: &Corpse) -> Answer<bool> {
    let mut below = match node.solid_block(corpse.ref_height).await? {
        Some(block) if block.id == corpse.ref_id => block,
        Some(_) => return Err(node.contradiction("another block where the transaction stands on")),
        None => return Ok(false),
    };
    let solid = node.solid_head().await?.height;
    let last = solid.min(corpse.ref_height.saturating_add(MOST_BLOCKS));
    while below.height < last {
        let to = below.height.saturating_add(batch).min(last);
        let next = node.solid_blocks(below.height.saturating_add(1), to, batch).await?;
        let chain: Vec<Header> = [vec![below], next].concat();
        if !are_linked(&chain) {
            return Err(node.contradiction("unlinked blocks"));
        }
        let is_past = |pair: &[Header]| pair[0].time_ms >= corpse.expiration_ms;
        if chain.iter().any(|block| block.txids.contains(&corpse.id)) {
            return Ok(false);
        }
        if chain.windows(2).any(is_past) {
            return Ok(true);
        }
        let Some(highest) = chain.into_iter().next_back() else { return Ok(false) };
        below = highest;
    }
    Ok(false)
}

fn corpse(attempt: &Attempt) -> Answer<Corpse> {
    let wrong = || SourceError::Contradiction("no attempt of Tron".to_owned());
    let Terms::Tron { ref_height, ref_hash, expiration_ms, .. } = &attempt.signed.terms else {
        return Err(wrong());
    };
    Ok(Corpse {
        id: Hash::parse(&attempt.signed.tx_hash).ok_or_else(wrong)?,
        ref_height: *ref_height,
        ref_id: Hash::parse(ref_hash).ok_or_else(wrong)?,
        expiration_ms: *expiration_ms,
    })
}
