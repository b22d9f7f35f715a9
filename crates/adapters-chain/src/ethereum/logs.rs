//! The token transfers of blocks whose headers are known, complete or not at all. A node may answer
//! less than there is without saying so (it lags, or has no index of logs), so that each block's bloom
//! filter is held against the answer.

use std::collections::{BTreeMap, HashSet};

use alloy::primitives::{Address, B256, Bloom, BloomInput};
use alloy::sol_types::SolEvent as _;
use domain::ports::SourceError;

use super::error::contradiction;
use super::node::Node;
use super::rpc::RpcError;
use super::token::Transfer;
use super::wire::{Header, Log};

/// Reads the logs of consecutive blocks from one node.
#[derive(Debug, Clone, Copy)]
pub(super) struct LogReader<'a> {
    pub(super) node: &'a Node,
    /// Tokens whose transfers must not be missed.
    pub(super) tokens: [Address; 2],
}

impl LogReader<'_> {
    /// The transfers in these blocks, in the order of the chain.
    pub(super) async fn read(&self, headers: &[Header]) -> Result<Vec<Log>, SourceError> {
        let mut logs: BTreeMap<u64, Vec<Log>> = BTreeMap::new();
        for log in self.of_range(headers).await?.into_iter().filter(|log| !log.removed) {
            check_block(&log, headers)?;
            logs.entry(log.block_number).or_default().push(log);
        }
        for header in headers {
            let found = logs.get(&header.number).map(Vec::as_slice).unwrap_or_default();
            if self.is_short(header, found) {
                logs.insert(header.number, self.of_block(header).await?);
            }
        }
        let mut logs: Vec<Log> = logs.into_values().flatten().collect();
        logs.sort_by_key(|log| (log.block_number, log.place));
        logs.dedup();
        Ok(logs)
    }

    /// In as few questions as the node takes.
    async fn of_range(&self, headers: &[Header]) -> Result<Vec<Log>, SourceError> {
        let mut logs = Vec::new();
        let mut rest = headers;
        while !rest.is_empty() {
            let span = usize::try_from(self.node.habits.span.get()).unwrap_or(usize::MAX);
            let (asked, later) = rest.split_at(span.clamp(1, rest.len()));
            if let Some(answer) = self.ask(asked).await? {
                logs.extend(answer);
                rest = later;
            }
        }
        Ok(logs)
    }

    /// One question; `None` when it was too large, and the next one will be smaller.
    async fn ask(&self, asked: &[Header]) -> Result<Option<Vec<Log>>, SourceError> {
        let [first, .., last] = asked else {
            let [only] = asked else { return Ok(Some(vec![])) };
            let logs = self.node.transfers_in(only.hash).await?;
            self.node.habits.span.recover();
            return Ok(Some(logs));
        };
        match self.node.transfers(first.number, last.number).await {
            Ok(logs) => {
                self.node.habits.span.recover();
                Ok(Some(logs))
            }
            Err(error) if error.is_too_much() => {
                self.node.habits.span.halve(u64::try_from(asked.len()).unwrap_or(u64::MAX));
                Ok(None)
            }
            Err(error) => {
                // It has no time for so many: the next look is a smaller one.
                if error == RpcError::Late {
                    self.node.habits.span.halve(u64::try_from(asked.len()).unwrap_or(u64::MAX));
                }
                Err(error.into())
            }
        }
    }

    /// Whether the filter speaks of transfers of a token of ours and the answer has none of it. The
    /// filter may be wrong there, never the other way.
    fn is_short(&self, header: &Header, found: &[Log]) -> bool {
        let seen: HashSet<Address> = found.iter().map(|log| log.address).collect();
        let speaks_of = |bytes: &[u8]| header.logs_bloom.contains_input(BloomInput::Raw(bytes));
        speaks_of(Transfer::SIGNATURE_HASH.as_slice())
            && self.tokens.iter().any(|token| !seen.contains(token) && speaks_of(token.as_slice()))
    }

    /// One block again, by its hash.
    async fn of_block(&self, header: &Header) -> Result<Vec<Log>, SourceError> {
        let logs = self.node.transfers_in(header.hash).await?;
        for log in &logs {
            check_block(log, std::slice::from_ref(header))?;
        }
        if self.is_short(header, &logs) { self.of_receipts(header).await } else { Ok(logs) }
    }

    /// One block from its receipts: they are whole if they come to the very filter of the header.
    async fn of_receipts(&self, header: &Header) -> Result<Vec<Log>, SourceError> {
        let receipts = self.node.block_receipts(header.number).await?;
        let logs: Vec<Log> = receipts.into_iter().flat_map(|receipt| receipt.logs).collect();
        let mut bloom = Bloom::ZERO;
        for log in &logs {
            check_block(log, std::slice::from_ref(header))?;
            bloom.accrue_raw_log(log.address, &log.topics);
        }
        if bloom != header.logs_bloom {
            return Err(contradiction("a block's logs do not come to its bloom filter"));
        }
        let is_transfer = |log: &Log| log.topics.first() == Some(&Transfer::SIGNATURE_HASH);
        Ok(logs.into_iter().filter(is_transfer).collect())
    }
}

/// A log must be of a block that we know by that very hash.
fn check_block(log: &Log, headers: &[Header]) -> Result<(), SourceError> {
    let place = headers.binary_search_by_key(&log.block_number, |header| header.number);
    let hash: Option<B256> = place.ok().and_then(|at| headers.get(at)).map(|header| header.hash);
    if hash == Some(log.block_hash) {
        Ok(())
    } else {
        Err(contradiction(format!("a log is of another block {}", log.block_number)))
    }
}
