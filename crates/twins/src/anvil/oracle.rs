//! What really happened: every transfer of a known token on the canonical chain.

use serde_json::{Value, json};

use super::chain::Chain;
use super::rpc::CallError;
use super::tokens::Token;
use super::words::{Address, Hash, height, number};

const TRANSFER: &str = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";

/// A Transfer log of a token. Fees are transfers of their own; what [`Token::Usdc`] mints comes
/// from the zero address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenTransfer {
    pub tx_hash: Hash,
    /// Which of its transaction's logs it is, of whatever kind, counted from 0.
    pub log_in_tx: u64,
    /// Which of its block's logs it is; a reorganisation can change that.
    pub log_in_block: u64,
    pub token: Token,
    pub from: Address,
    pub to: Address,
    pub units: u128,
    pub block: u64,
}

impl Chain {
    /// All transfers, oldest first.
    pub async fn transfers(&self) -> Result<Vec<TokenTransfer>, CallError> {
        // Of every contract and of every kind: the place within a transaction counts them all.
        let asked = json!([{"fromBlock": "0x0", "toBlock": "latest"}]);
        let logs = self.rpc.call("eth_getLogs", asked).await?;
        let logs = logs.as_array().map(Vec::as_slice).unwrap_or_default();
        let mut transfers = Vec::new();
        let mut first_of_tx = (Hash([0; 32]), 0);
        for log in logs {
            let (tx_hash, place) =
                (text(&log["transactionHash"]).parse()?, height(&log["logIndex"])?);
            if first_of_tx.0 != tx_hash {
                first_of_tx = (tx_hash, place);
            }
            let token = self.tokens.token_at(text(&log["address"]).parse()?);
            if let Some(token) = token.filter(|_| log["topics"][0] == TRANSFER) {
                transfers.push(TokenTransfer {
                    tx_hash,
                    log_in_tx: place - first_of_tx.1,
                    log_in_block: place,
                    token,
                    from: party(&log["topics"][1])?,
                    to: party(&log["topics"][2])?,
                    units: number(&log["data"])?,
                    block: height(&log["blockNumber"])?,
                });
            }
        }
        Ok(transfers)
    }

    pub async fn transfers_to(&self, to: Address) -> Result<Vec<TokenTransfer>, CallError> {
        let all = self.transfers().await?;
        Ok(all.into_iter().filter(|transfer| transfer.to == to).collect())
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// An address, padded to a word in front.
fn party(topic: &Value) -> Result<Address, CallError> {
    text(topic).get(26..).unwrap_or_default().parse()
}
