//! The chain as a node sees it that is behind, or whose `finalized` stands still.

use serde_json::{Value, json};

use super::plan::{refusal, result_of};
use crate::anvil::rpc::{CallError, Rpc};
use crate::anvil::words::{height, quantity};

#[derive(Debug, Default)]
pub(super) struct View {
    /// So many blocks behind.
    pub(super) lag: u64,
    pub(super) finalized: Option<u64>,
}

/// The heights as this node would tell them.
#[derive(Debug)]
struct Heights {
    head: u64,
    safe: u64,
    finalized: u64,
}

/// Where a method takes a height or a tag; a missing one means the head.
fn place_of_tag(method: &str) -> Option<usize> {
    match method {
        "eth_getBlockByNumber"
        | "eth_getBlockReceipts"
        | "eth_getBlockTransactionCountByNumber"
        | "eth_getTransactionByBlockNumberAndIndex" => Some(0),
        "eth_getBalance"
        | "eth_call"
        | "eth_getTransactionCount"
        | "eth_getCode"
        | "eth_estimateGas"
        | "eth_feeHistory" => Some(1),
        "eth_getStorageAt" => Some(2),
        _ => None,
    }
}

impl View {
    /// Puts a call to the node and answers as this view has it.
    pub(super) async fn ask(&self, node: &Rpc, call: &Value) -> Result<Value, CallError> {
        if self.lag == 0 && self.finalized.is_none() {
            return node.post(call).await;
        }
        let heights = self.heights(node).await?;
        let id = call.get("id").unwrap_or(&Value::Null);
        let (asked, mut call) = (method(call), call.clone());
        match asked {
            "eth_blockNumber" => return Ok(result_of(id, &json!(quantity(heights.head)))),
            "eth_getLogs" if !self.narrow(&mut call, &heights) => {
                return Ok(result_of(id, &json!([])));
            }
            "eth_getBlockByNumber" if self.is_ahead(&call, &heights) => {
                return Ok(result_of(id, &Value::Null));
            }
            _ if self.is_ahead(&call, &heights) => {
                return Ok(refusal(id, -32000, "header not found"));
            }
            _ => self.rewrite_tag(&mut call, &heights),
        }
        let said = node.post(&call).await?;
        Ok(if self.knows(&said["result"], &heights) { said } else { unknown(id, asked) })
    }

    async fn heights(&self, node: &Rpc) -> Result<Heights, CallError> {
        let head = height(&node.call("eth_blockNumber", json!([])).await?)?;
        let mut tagged = Vec::new();
        for tag in ["safe", "finalized"] {
            let block = node.call("eth_getBlockByNumber", json!([tag, false])).await?;
            tagged.push(height(&block["number"])?.saturating_sub(self.lag));
        }
        let finalized = self.finalized.unwrap_or(tagged[1]);
        Ok(Heights { head: head.saturating_sub(self.lag), safe: tagged[0], finalized })
    }

    /// The height a tag stands for; none for what needs no translation.
    fn translated(&self, tag: Option<&str>, heights: &Heights) -> Option<u64> {
        match tag {
            Some("finalized") => Some(heights.finalized),
            Some("safe") => Some(heights.safe),
            None | Some("latest" | "pending") if self.lag > 0 => Some(heights.head),
            _ => None,
        }
    }

    fn rewrite_tag(&self, call: &mut Value, heights: &Heights) {
        let Some(place) = place_of_tag(method(call)) else { return };
        let given = call["params"].get(place).cloned();
        if given.as_ref().is_some_and(|tag| !tag.is_string()) {
            return; // a block's hash
        }
        let translated = self.translated(given.as_ref().and_then(Value::as_str), heights);
        if let (Some(height), Some(params)) = (translated, call["params"].as_array_mut()) {
            params.truncate(params.len().max(place));
            let told = json!(quantity(height));
            match params.get_mut(place) {
                Some(tag) => *tag = told,
                None => params.push(told),
            }
        }
    }

    /// Whether the call names a height that this node does not know of.
    fn is_ahead(&self, call: &Value, heights: &Heights) -> bool {
        let place = place_of_tag(method(call));
        let named = place.and_then(|place| height(&call["params"][place]).ok());
        self.lag > 0 && named.is_some_and(|named| named > heights.head)
    }

    /// Ends a search for logs at this node's head; whether anything is left to search. A node
    /// that is behind says nothing of what it has not seen, and this is the danger of it.
    fn narrow(&self, call: &mut Value, heights: &Heights) -> bool {
        let filter = call.pointer_mut("/params/0").filter(|filter| filter.is_object());
        let Some(filter) = filter.filter(|filter| filter.get("blockHash").is_none()) else {
            return true;
        };
        for end in ["fromBlock", "toBlock"] {
            if let Some(height) = self.translated(filter[end].as_str(), heights) {
                filter[end] = json!(quantity(height));
            }
        }
        if self.lag > 0 && height(&filter["toBlock"]).is_ok_and(|to| to > heights.head) {
            filter["toBlock"] = json!(quantity(heights.head));
        }
        let from = height(&filter["fromBlock"]).unwrap_or(0);
        self.lag == 0 || from <= heights.head
    }

    /// Whether what was found by its hash is in a block that this node has seen.
    fn knows(&self, found: &Value, heights: &Heights) -> bool {
        let first = if found.is_array() { &found[0] } else { found };
        let named = first.get("blockNumber").or_else(|| first.get("number"));
        let block = named.and_then(|number| height(number).ok());
        self.lag == 0 || block.is_none_or(|block| block <= heights.head)
    }
}

fn method(call: &Value) -> &str {
    call["method"].as_str().unwrap_or_default()
}

fn unknown(id: &Value, method: &str) -> Value {
    match method {
        "eth_getLogs" => refusal(id, -32000, "unknown block"),
        _ => result_of(id, &Value::Null),
    }
}
