//! Blocks read whole: headers that stand on each other, the transfers in them, and of those to our
//! addresses the receipt, which says that they happened and which place they have in their transaction.
//! The chain's own coin is seen where a transaction sends it, not where a contract does while it runs.

use std::collections::{BTreeSet, HashMap, HashSet};

use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::SolEvent as _;
use domain::address::Network;
use domain::chain::{Block, Scan, Sighting, from_chain_units, native_coin};
use domain::order::DepositId;
use domain::ports::{SourceError, WatchList};

use super::error::{away, contradiction};
use super::logs::LogReader;
use super::node::At;
use super::spelling::{address_text, hash_text};
use super::token::{Tokens, Transfer};
use super::wire::{self, Header, Log, Mined, Receipt};

/// A log that is a transfer of an ERC-20 token.
struct Spotted {
    log: Log,
    from: Address,
    to: Address,
    units: U256,
}

/// A transaction that sends the chain's own coin.
struct Sent<'a> {
    header: &'a Header,
    tx: &'a wire::Sent,
    to: Address,
}

/// Reads blocks from one node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scanner<'a> {
    pub(super) reader: LogReader<'a>,
    pub(super) tokens: &'a Tokens,
    /// What it sends of the chain's own coin to an address of ours pays for a fee there.
    pub(super) hot: Address,
}

impl Scanner<'_> {
    /// Blocks `from..=to`.
    pub(super) async fn scan(
        &self,
        from: u64,
        to: u64,
        watch: &dyn WatchList,
    ) -> Result<Scan, SourceError> {
        let headers = self.headers(from, to).await?;
        let blocks: Result<Vec<Block>, SourceError> = headers.iter().map(Header::block).collect();
        let logs = self.reader.read(&headers).await?;
        let mut spotted: Vec<Spotted> = logs.into_iter().filter_map(spot).collect();
        let mut sent = self.sent(&headers)?;
        let recipients = spotted.iter().map(|it| it.to).chain(sent.iter().map(|it| it.to));
        let ours = ours(recipients.collect(), watch).await?;
        spotted.retain(|it| ours.contains(&address_text(it.to)));
        sent.retain(|it| ours.contains(&address_text(it.to)));
        let sightings = self.sightings(&spotted, &sent, &headers).await?;
        Ok(Scan { blocks: blocks?, sightings })
    }

    /// The last one is asked for first: a node that lacks it is behind, and its logs would be short.
    async fn headers(&self, from: u64, to: u64) -> Result<Vec<Header>, SourceError> {
        let last = self.reader.node.block(At::Height(to), true).await?;
        let last = last.ok_or_else(|| away(format!("it lags behind block {to}")))?;
        let mut headers = match to.checked_sub(1) {
            Some(before) if from <= before => self.reader.node.blocks(from, before).await?,
            _ => vec![],
        };
        headers.push(last);
        let is_chain = headers.is_sorted_by(|below, above| above.parent_hash == below.hash);
        if is_chain {
            Ok(headers)
        } else {
            Err(contradiction("a block does not stand on the one below"))
        }
    }

    /// The transactions that send the chain's own coin, but for our own.
    fn sent<'a>(&self, headers: &'a [Header]) -> Result<Vec<Sent<'a>>, SourceError> {
        let mut found = vec![];
        for header in headers {
            for mined in &header.transactions {
                let tx = match mined {
                    Mined::Whole(tx) => tx,
                    Mined::Named(name) => {
                        return Err(contradiction(format!("{name} came by its name only")));
                    }
                };
                let is_sent = tx.from != self.hot && !tx.value.is_zero();
                found.extend(tx.to.filter(|_| is_sent).map(|to| Sent { header, tx, to }));
            }
        }
        Ok(found)
    }

    async fn sightings(
        &self,
        spotted: &[Spotted],
        sent: &[Sent<'_>],
        headers: &[Header],
    ) -> Result<Vec<Sighting>, SourceError> {
        let named = spotted.iter().map(|it| it.log.transaction_hash);
        let txs: BTreeSet<B256> = named.chain(sent.iter().map(|it| it.tx.hash)).collect();
        let txs: Vec<B256> = txs.into_iter().collect();
        let receipts = self.reader.node.receipts(&txs).await?;
        let receipts: HashMap<B256, Option<Receipt>> = txs.into_iter().zip(receipts).collect();
        let receipt = |tx: B256| {
            let receipt = receipts.get(&tx).and_then(Option::as_ref);
            receipt.ok_or_else(|| away("it has a transaction and no receipt for it"))
        };
        let headers: HashMap<B256, &Header> = headers.iter().map(|h| (h.hash, h)).collect();
        let mut found = vec![];
        for spotted in spotted {
            let header = headers.get(&spotted.log.block_hash);
            let header = header.ok_or_else(|| contradiction("a log is of no block"))?;
            found.push(self.sighting(spotted, receipt(spotted.log.transaction_hash)?, header)?);
        }
        for sent in sent {
            found.extend(native_sighting(sent, receipt(sent.tx.hash)?)?);
        }
        found.sort_by_key(|it| it.block.height);
        Ok(found)
    }

    fn sighting(
        &self,
        spotted: &Spotted,
        receipt: &Receipt,
        header: &Header,
    ) -> Result<Sighting, SourceError> {
        let log = &spotted.log;
        let asset = self.tokens.asset(log.address);
        let units = u64::try_from(spotted.units).ok();
        Ok(Sighting {
            id: DepositId {
                network: Network::Ethereum,
                tx_hash: hash_text(log.transaction_hash),
                ordinal: ordinal(log, receipt)?,
            },
            token: address_text(log.address),
            asset,
            from: address_text(spotted.from),
            to: address_text(spotted.to),
            units: spotted.units.to_string(),
            amount: asset.and(units).and_then(from_chain_units),
            block: header.at(),
            block_time: header.time()?,
        })
    }
}

/// `None` where it failed and moved nothing. Its receiver runs no code, so that no log can have its
/// place.
fn native_sighting(sent: &Sent<'_>, receipt: &Receipt) -> Result<Option<Sighting>, SourceError> {
    let Sent { header, tx, to } = sent;
    if receipt.block_hash != header.hash {
        return Err(contradiction("a receipt is of another block than its transaction"));
    }
    let network = Network::Ethereum;
    let sighting = Sighting {
        id: DepositId { network, tx_hash: hash_text(tx.hash), ordinal: 0 },
        token: native_coin(network).to_owned(),
        asset: None,
        from: address_text(tx.from),
        to: address_text(*to),
        units: tx.value.to_string(),
        amount: None,
        block: header.at(),
        block_time: header.time()?,
    };
    Ok((receipt.status == 1).then_some(sighting))
}

/// A Transfer with both parties among the topics and the number as data. Of an ERC-721 the number is a
/// topic as well, and there are four.
fn spot(log: Log) -> Option<Spotted> {
    let [Transfer::SIGNATURE_HASH, from, to] = *log.topics.as_slice() else { return None };
    let units: [u8; 32] = log.data.as_ref().try_into().ok()?;
    let (from, to) = (party(from)?, party(to)?);
    (!log.removed).then_some(Spotted { log, from, to, units: U256::from_be_bytes(units) })
}

/// An address among the topics has twelve zeros before it.
fn party(topic: B256) -> Option<Address> {
    topic.starts_with(&[0; 12]).then(|| Address::from_word(topic))
}

/// Those that are addresses of ours; one question, whatever the number.
async fn ours(
    recipients: BTreeSet<Address>,
    watch: &dyn WatchList,
) -> Result<HashSet<String>, SourceError> {
    if recipients.is_empty() {
        return Ok(HashSet::new());
    }
    let recipients: Vec<String> = recipients.into_iter().map(address_text).collect();
    let ours = watch.ours(Network::Ethereum, &recipients).await;
    ours.map_err(|error| SourceError::Store(error.to_string()))
}

/// The place of a log within its transaction, which no re-org changes.
fn ordinal(log: &Log, receipt: &Receipt) -> Result<u32, SourceError> {
    let is_same = |other: &&Log| {
        (other.place, other.address, &other.topics, &other.data)
            == (log.place, log.address, &log.topics, &log.data)
    };
    let first = receipt.logs.first().filter(|_| receipt.block_hash == log.block_hash);
    let (Some(first), Some(_), 1) = (first, receipt.logs.iter().find(is_same), receipt.status)
    else {
        return Err(contradiction("a receipt does not know a log of its transaction"));
    };
    let place = log.place.checked_sub(first.place);
    let place = place.and_then(|place| u32::try_from(place).ok());
    place.ok_or_else(|| contradiction("a log comes before the first of its transaction"))
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{Bytes, address};

    use super::*;

    const PAYER: Address = address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    const PAYEE: Address = address!("70997970C51812dc3A010C7d01b50e0d17dc79C8");

    fn log(topics: &[B256], data: &[u8]) -> Log {
        Log {
            address: Address::repeat_byte(7),
            topics: topics.to_vec(),
            data: Bytes::copy_from_slice(data),
            block_number: 5,
            block_hash: B256::repeat_byte(1),
            transaction_hash: B256::repeat_byte(2),
            place: 3,
            removed: false,
        }
    }

    #[test]
    fn only_a_transfer_of_a_fungible_token_is_spotted() {
        let (transfer, number) = (Transfer::SIGNATURE_HASH, U256::from(9));
        let (from, to) = (PAYER.into_word(), PAYEE.into_word());
        let good = log(&[transfer, from, to], &number.to_be_bytes::<32>());
        let spotted = spot(good.clone()).unwrap();
        assert_eq!((spotted.from, spotted.to, spotted.units), (PAYER, PAYEE, number));
        // The number of an ERC-721 is a topic as well.
        assert!(spot(log(&[transfer, from, to, number.into()], &[])).is_none());
        assert!(spot(log(&[transfer, from, to], &[])).is_none());
        assert!(spot(log(&[transfer, from, to], &[0; 64])).is_none());
        assert!(spot(log(&[transfer, from], &[0; 32])).is_none());
        assert!(spot(log(&[to, from, to], &[0; 32])).is_none());
        assert!(spot(log(&[transfer, from, B256::repeat_byte(9)], &[0; 32])).is_none());
        assert!(spot(Log { removed: true, ..good }).is_none());
    }

    #[test]
    fn the_place_in_the_transaction_needs_a_good_receipt_with_that_very_log() {
        let first = log(&[], &[1]);
        let second = Log { place: 4, ..log(&[], &[2]) };
        let receipt = Receipt {
            transaction_hash: first.transaction_hash,
            status: 1,
            block_number: 5,
            block_hash: first.block_hash,
            gas_used: 21_000,
            effective_gas_price: 1,
            logs: vec![first, second.clone()],
        };
        assert_eq!(ordinal(&second, &receipt), Ok(1));
        let failed = Receipt { status: 0, ..receipt.clone() };
        assert!(ordinal(&second, &failed).is_err());
        let elsewhere = Receipt { block_hash: B256::repeat_byte(8), ..receipt.clone() };
        assert!(ordinal(&second, &elsewhere).is_err());
        let unknown = Log { data: Bytes::from_static(&[3]), ..second };
        assert!(ordinal(&unknown, &receipt).is_err());
    }
}
