//! Transfers of tokens as the logs of transactions tell them. The amount is the log's, never the
//! call's: a token may take a fee.

use alloy::primitives::{U256, hex};

use super::answers::{Hash, Info, Log};
use super::spelling;
use crate::address::owner::Owner;

/// `Transfer(address,address,uint256)`.
const TRANSFER: [u8; 32] = hex!("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");

/// A Transfer event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Transfer {
    /// Its place among the logs of its transaction, which is the same in whatever block that is.
    pub(crate) ordinal: u32,
    pub(crate) token: Owner,
    pub(crate) from: Owner,
    pub(crate) to: Owner,
    pub(crate) units: U256,
}

/// What a transaction's information says of its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    Success,
    /// No contract was called, as far as the receipt tells.
    Plain,
    Failed(String),
    /// Success and failure at once, or a word that is not known.
    Contradictory,
}

impl Info {
    /// `result` is left out on success; the receipt has a word of its own for contracts.
    pub(crate) fn ending(&self) -> Ending {
        // java-tron has these two, and leaves the first out. A word that is not known says nothing.
        let has_failed = match self.result.as_deref() {
            None | Some("" | "SUCESS" | "SUCCESS") => false,
            Some("FAILED") => true,
            Some(_) => return Ending::Contradictory,
        };
        match (has_failed, self.receipt.result.as_deref()) {
            (false, Some("SUCCESS")) => Ending::Success,
            (false, None) => Ending::Plain,
            (true, Some("SUCCESS")) | (false, Some(_)) => Ending::Contradictory,
            (true, word) => Ending::Failed(word.unwrap_or("FAILED").to_owned()),
        }
    }

    /// The Transfer events among its logs, whatever contract emitted them.
    pub(crate) fn transfers(&self) -> impl Iterator<Item = Transfer> {
        let numbered = (0..).zip(&self.log);
        numbered.filter_map(|(ordinal, log)| transfer(ordinal, log))
    }

    /// Whether a Transfer event of this token cannot be read as one: then the node is not to be
    /// believed.
    pub(crate) fn is_garbled(&self, token: Owner) -> bool {
        let is_event = |log: &&Log| {
            let event = log.topics.first().is_some_and(|topic| topic.0 == TRANSFER);
            event && emitter(&log.address.0) == Some(token)
        };
        self.log.iter().filter(is_event).any(|log| transfer(0, log).is_none())
    }

    pub(crate) fn is_of(&self, id: &Hash) -> bool {
        self.id.as_ref() == Some(id)
    }
}

fn transfer(ordinal: u32, log: &Log) -> Option<Transfer> {
    let [event, from, to] = log.topics.as_slice() else { return None };
    if event.0 != TRANSFER {
        return None;
    }
    Some(Transfer {
        ordinal,
        token: emitter(&log.address.0)?,
        from: address(&from.0)?,
        to: address(&to.0)?,
        units: U256::from_be_bytes(<[u8; 32]>::try_from(log.data.0.as_slice()).ok()?),
    })
}

/// 20 bytes; some nodes write the version before them.
fn emitter(bytes: &[u8]) -> Option<Owner> {
    Owner::try_from(bytes).ok().or_else(|| spelling::of_prefixed(bytes))
}

fn address(topic: &[u8]) -> Option<Owner> {
    spelling::of_word(topic.try_into().ok()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn info(value: serde_json::Value) -> Info {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_receipt_ends_well_only_when_both_words_agree() {
        let rows = [
            (json!({ "receipt": { "result": "SUCCESS" } }), Ending::Success),
            (json!({ "receipt": {} }), Ending::Plain),
            (json!({}), Ending::Plain),
            (
                json!({ "result": "FAILED", "receipt": { "result": "OUT_OF_ENERGY" } }),
                Ending::Failed("OUT_OF_ENERGY".to_owned()),
            ),
            (json!({ "result": "FAILED" }), Ending::Failed("FAILED".to_owned())),
            (
                json!({ "result": "FAILED", "receipt": { "result": "SUCCESS" } }),
                Ending::Contradictory,
            ),
            (json!({ "receipt": { "result": "REVERT" } }), Ending::Contradictory),
            (json!({ "result": "PENDING" }), Ending::Contradictory),
            (json!({ "result": "?", "receipt": { "result": "REVERT" } }), Ending::Contradictory),
        ];
        for (value, ending) in rows {
            assert_eq!(info(value.clone()).ending(), ending, "{value}");
        }
    }

    #[test]
    fn transfers_keep_their_place_among_all_logs() {
        let event = hex::encode(TRANSFER);
        let word = |last: &str| format!("{last:0>64}");
        let log = |topics: serde_json::Value, data: &str| {
            json!({ "address": "eca9bc828a3005b9a3b909f2cc5c2a54794de05f",
                    "topics": topics, "data": data })
        };
        let whole = log(json!([event, word("a1"), word("b2")]), &word("64"));
        let logs = json!([
            log(json!([word("01")]), ""),
            log(json!([event, word("a1")]), &word("64")),
            whole,
            log(json!([event, word("a1"), word("b2"), word("07")]), ""),
            log(json!([event, format!("1{:0>63}", "a1"), word("b2")]), &word("64")),
            log(json!([event, word("a1"), word("b2")]), "64"),
            json!({ "address": "eca9" }),
            log(json!([event, word("a1"), word("b2")]), &"f".repeat(64)),
        ]);
        let found: Vec<Transfer> = info(json!({ "log": logs })).transfers().collect();
        assert_eq!(found.iter().map(|one| one.ordinal).collect::<Vec<_>>(), [2, 7]);
        assert_eq!(found[0].units, U256::from(100));
        assert_eq!(found[0].to[19], 0xb2);
        assert_eq!(found[1].units, U256::MAX);
        let whole = info(json!({ "log": [logs[2], logs[6]] }));
        assert!(!whole.is_garbled(found[0].token));
        assert!(info(json!({ "log": logs })).is_garbled(found[0].token));
        assert!(!info(json!({ "log": logs })).is_garbled([0; 20]));
    }
}
