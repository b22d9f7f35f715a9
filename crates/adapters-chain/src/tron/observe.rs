//! What became of a transaction. Only its information in a solid block proves anything, and that
//! block must be whole and contain it; what it did is read off its logs, never off what it returned
//! (USDT's `transfer` returns false on success).

use alloy::primitives::U256;
use domain::chain::transfer::{Fault, Observation, Outcome, Plan};
use domain::ports::SourceError;

use super::answers::{Hash, Info, TransactionAnswer, words};
use super::header::Header;
use super::logs::Ending;
use super::node::{Answer, Node};
use super::transaction::{self, Act, Transaction};
use super::{Tron, spelling};
use crate::address::owner::Owner;

const SOLID_INFO: &str = "walletsolidity/gettransactioninfobyid";

/// A solid block's word on a transaction.
struct Verdict {
    block: Header,
    outcome: Outcome,
    fee: u64,
}

pub(crate) async fn observe(tron: &Tron, plan: &Plan, tx_hash: &str) -> Answer<Observation> {
    let id = Hash::parse(tx_hash).ok_or_else(|| contradiction("no transaction id"))?;
    let mut silence = Err(SourceError::Away("no node".to_owned()));
    let mut is_answered = false;
    for member in tron.nodes.round() {
        let node = match member.node().await {
            Ok(node) => node,
            Err(why) => {
                silence = Err(why);
                continue;
            }
        };
        match member.note(verdict(tron, node, plan, &id).await) {
            Ok(Some(verdict)) => return conclude(tron, plan, &id, node, verdict).await,
            Ok(None) => is_answered = true,
            Err(why) => silence = Err(why),
        }
    }
    // A node that fails may be the one that knows: the others' ignorance is no news then, but no
    // harm either, because nothing is concluded from it.
    if is_answered { unproven(tron, &id).await } else { silence }
}

/// A failure lets the same coin be sent again: where there are two nodes, two must tell of it.
async fn conclude(
    tron: &Tron,
    plan: &Plan,
    id: &Hash,
    witness: &Node,
    verdict: Verdict,
) -> Answer<Observation> {
    let Verdict { block, outcome, fee } = verdict;
    if is_failure(&outcome) && tron.nodes.count() > 1 {
        let others = tron.nodes.round().filter(|other| other.place() != witness.place());
        let mut is_confirmed = false;
        for other in others {
            let Ok(node) = other.node().await else { continue };
            match self::verdict(tron, node, plan, id).await {
                Ok(Some(other)) if is_failure(&other.outcome) => is_confirmed = true,
                Ok(Some(_)) => return Err(contradiction("nodes tell of different ends")),
                Ok(None) | Err(_) => {}
            }
        }
        if !is_confirmed {
            return Ok(Observation::Included(block.at()));
        }
    }
    Ok(Observation::Final { block: block.at(), outcome, fee })
}

fn is_failure(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed { .. })
}

/// `None` where the node has no solid block with it.
async fn verdict(tron: &Tron, node: &Node, plan: &Plan, id: &Hash) -> Answer<Option<Verdict>> {
    let info: Info = node.ask_by_id(SOLID_INFO, &id.0).await?;
    let Some(height) = info.block_number else { return Ok(None) };
    if !info.is_of(id) {
        return Err(node.contradiction("information about another transaction"));
    }
    let block = node.solid_block(height).await?;
    let block = block.ok_or_else(|| node.away(SOLID_INFO, "its block is not there"))?;
    if !block.txids.contains(id) {
        return Err(node.contradiction("its block does not contain it"));
    }
    let outcome = match transaction::act(plan, tron.usdt) {
        Ok(Act::Token { contract, .. }) => token_outcome(node, plan, &info, contract)?,
        Ok(Act::Native { .. }) => native_outcome(tron, node, plan, (id, &info)).await?,
        Err(why) => return Err(SourceError::Contradiction(why.to_string())),
    };
    Ok(Some(Verdict { block, outcome, fee: info.fee }))
}

/// Seen in the open state of any node, it waits; that is no proof of anything.
async fn unproven(tron: &Tron, id: &Hash) -> Answer<Observation> {
    for member in tron.nodes.round() {
        let Ok(node) = member.node().await else { continue };
        let seen = node.ask_by_id::<TransactionAnswer>("wallet/gettransactionbyid", &id.0).await;
        if seen.is_ok_and(|transaction| transaction.id.as_ref() == Some(id)) {
            return Ok(Observation::Pending);
        }
    }
    Ok(Observation::Unseen)
}

/// Done is one transfer of the token from the sender, and it is the plan's.
fn token_outcome(node: &Node, plan: &Plan, info: &Info, token: Owner) -> Answer<Outcome> {
    match info.ending() {
        Ending::Success => {}
        Ending::Failed(_) if !info.log.is_empty() => {
            return Err(node.contradiction("a failure with logs"));
        }
        Ending::Failed(word) => return Ok(failed(&word, info)),
        Ending::Plain | Ending::Contradictory => {
            return Err(node.contradiction("a receipt that is neither success nor failure"));
        }
    }
    let (from, to) = (spelling::owner(&plan.from), spelling::owner(&plan.to));
    let moved = info.transfers().filter(|one| one.token == token && Some(one.from) == from);
    let moved: Vec<_> = moved.collect();
    let units = plan.value.units().map(U256::from);
    Ok(match moved.as_slice() {
        [one] if Some(one.to) == to && Some(one.units) == units => Outcome::Done,
        [] => Outcome::Unclear("it succeeded, and moved no coin of the sender".to_owned()),
        [one] => Outcome::Unclear(format!(
            "it moved {} units to {}",
            one.units,
            spelling::base58(one.to)
        )),
        more => Outcome::Unclear(format!("it moved coin of the sender {} times", more.len())),
    })
}

/// TRX leaves no log: the transaction itself says what it moved, and its id is the hash of that.
async fn native_outcome(
    tron: &Tron,
    node: &Node,
    plan: &Plan,
    (id, info): (&Hash, &Info),
) -> Answer<Outcome> {
    let path = "walletsolidity/gettransactionbyid";
    let answer: TransactionAnswer = node.ask_by_id(path, &id.0).await?;
    let raw = answer.raw_data_hex.0;
    if transaction::txid(&raw) != id.0 {
        return Err(node.contradiction("a transaction that does not hash to its id"));
    }
    let word = answer.ret.first().and_then(|one| one.contract.clone());
    match (info.ending(), word.as_deref()) {
        (Ending::Plain | Ending::Success, Some("SUCCESS")) => {}
        (Ending::Failed(word), _) => return Ok(failed(&word, info)),
        (Ending::Plain | Ending::Success | Ending::Contradictory, _) => {
            return Err(node.contradiction("a transaction that neither succeeded nor failed"));
        }
    }
    let meant = transaction::act(plan, tron.usdt).ok().zip(spelling::owner(&plan.from));
    let done = Transaction::decode(&raw).ok().map(|done| (done.act, done.owner));
    let what = "it moved something else than was meant";
    Ok(if done == meant { Outcome::Done } else { Outcome::Unclear(what.to_owned()) })
}

/// USDT never looks at the receiver, so that a refusal is the sender's trouble always.
fn failed(word: &str, info: &Info) -> Outcome {
    let message = info.message.as_deref().map(words).unwrap_or_default();
    Outcome::Failed { fault: Fault::Sender, detail: format!("{word}: {message}") }
}

fn contradiction(what: &str) -> SourceError {
    SourceError::Contradiction(what.to_owned())
}
