//! What may be signed after what: the second lock against paying twice. It believes the journal, and of
//! the caller only that something died.

use domain::address::Network;
use domain::chain::transfer::{Death, Terms};
use domain::ports::{SignerError, SigningRequest};
use time::OffsetDateTime;

use super::journal::{Claim, Entry, Page};
use super::look::{ensure, mismatch};

/// Whether a signature that is not in the journal may join it. `now` is the own clock, where it counts.
/// The entries that it has to agree with in receiver and amount are handed back.
pub(super) fn follows(
    page: &Page<'_>,
    request: &SigningRequest,
    claim: &Claim,
    now: Option<OffsetDateTime>,
) -> Result<Vec<Entry>, SignerError> {
    ensure(request.generation >= 1, "generations count from 1")?;
    ensure(request.variant >= 0, "variants count from 0")?;
    let key = request.plan.key.as_str();
    if let Some(latest) = page.latest_generation(key).filter(|it| *it > request.generation) {
        return Err(living(format!("generation {latest} came after {}", request.generation)));
    }
    unclaimed(page, request, claim)?;
    if request.variant > 0 { bump(page, request) } else { generation(page, request, now) }
}

/// Two transfers must never share a nonce, nor one transaction on Tron: one of them would not be paid.
fn unclaimed(page: &Page<'_>, request: &SigningRequest, claim: &Claim) -> Result<(), SignerError> {
    match page.claimed_by(claim) {
        Some((key, generation))
            if (key, generation) != (request.plan.key.as_str(), request.generation) =>
        {
            Err(living(format!("{claim} is of {key}, generation {generation}")))
        }
        _ => Ok(()),
    }
}

/// A dearer variant: the same nonce, so that at most one of them executes. Tron has none.
fn bump(page: &Page<'_>, request: &SigningRequest) -> Result<Vec<Entry>, SignerError> {
    ensure(request.plan.network == Network::Ethereum, "Tron has no variants")?;
    let first = page.find(&request.plan.key, request.generation, 0)?;
    let first = first.ok_or_else(|| living("the first variant is not in it".to_owned()))?;
    if first.sequence != request.sequence {
        return Err(living(format!("the first variant has the nonce {}", first.sequence)));
    }
    Ok(vec![first])
}

/// A first signature, or the one after a death.
fn generation(
    page: &Page<'_>,
    request: &SigningRequest,
    now: Option<OffsetDateTime>,
) -> Result<Vec<Entry>, SignerError> {
    let key = request.plan.key.as_str();
    for earlier in 1..request.generation {
        if page.find(key, earlier, 0)?.is_none() {
            return Err(living(format!("generation {earlier} is not in it")));
        }
    }
    if request.generation == 1 {
        return Ok(vec![]);
    }
    let before = page.variants(key, request.generation.saturating_sub(1))?;
    let Some(death) = &request.death else {
        return Err(living("nothing says that what came before is dead".to_owned()));
    };
    for entry in &before {
        // Counted up for ever: what comes later has the greater one.
        ensure(request.sequence > entry.sequence, "the nonce or timestamp does not go up")?;
    }
    died(death, request.plan.network, &before, now)?;
    Ok(before)
}

/// Whether a death can be that of the generation before.
fn died(
    death: &Death,
    network: Network,
    before: &[Entry],
    now: Option<OffsetDateTime>,
) -> Result<(), SignerError> {
    let is_before = |hash: &str| before.iter().any(|entry| bare(&entry.tx_hash) == bare(hash));
    match (death, network) {
        (Death::Expired { .. }, Network::Tron) => before.iter().try_for_each(|it| expired(it, now)),
        (Death::NonceTaken { by }, Network::Ethereum) => match by {
            Some(by) if is_before(by) => Err(living(format!("{by} is no stranger: it executed"))),
            _ => Ok(()),
        },
        (Death::Reverted { tx_hash }, _) => {
            ensure(is_before(tx_hash), "what reverted is not what came before")
        }
        (Death::Expired { .. }, Network::Ethereum) | (Death::NonceTaken { .. }, Network::Tron) => {
            Err(mismatch("nothing dies that way on this chain"))
        }
    }
}

fn expired(entry: &Entry, now: Option<OffsetDateTime>) -> Result<(), SignerError> {
    let Terms::Tron { expiration_ms, .. } = entry.terms else {
        return Err(mismatch("what came before is of another chain"));
    };
    let now_ms = now.map(|now| now.unix_timestamp_nanos().div_euclid(1_000_000));
    match now_ms {
        Some(now_ms) if now_ms <= i128::from(expiration_ms) => {
            Err(living(format!("{} can execute until {expiration_ms}", entry.tx_hash)))
        }
        _ => Ok(()),
    }
}

fn bare(hash: &str) -> String {
    hash.trim_start_matches("0x").to_ascii_lowercase()
}

fn living(what: String) -> SignerError {
    SignerError::AlreadySigned(what)
}
