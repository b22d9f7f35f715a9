//! The tokens every node starts with, always at the same addresses.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::{interval, timeout};

use super::abi::{Argument, encoded};
use super::contracts::{FALSE_RETURN, TEST_USDC, TEST_USDT, bytecode};
use super::rpc::{CallError, Rpc};
use super::words::Address;

/// What the owner holds of each token at the start: a thousand million.
const SUPPLY: u128 = 1_000_000_000_000_000;
const GAS: &str = "0x4c4b40";
const LOOK_EVERY: Duration = Duration::from_millis(5);
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Token {
    /// `contracts/src/TestUsdt.sol`: no return values, and all that Tether's owner can do.
    Usdt,
    /// `contracts/src/TestUsdc.sol`: returns a bool, blacklists senders and recipients.
    Usdc,
    /// The code, the name and the symbol of [`Token::Usdt`] at an address that is not its own.
    LookAlike,
    /// `contracts/src/FalseReturn.sol`: says `false` to what succeeded.
    FalseReturn,
}

impl Token {
    pub const ALL: [Self; 4] = [Self::Usdt, Self::Usdc, Self::LookAlike, Self::FalseReturn];

    /// What creates it: the bytecode with the constructor's arguments behind it.
    fn creation(self) -> Result<String, CallError> {
        let supply = Argument::Number(SUPPLY);
        let tether = [Argument::Text("Tether USD"), Argument::Text("USDT"), supply.clone()];
        let (compiled, arguments) = match self {
            Self::Usdt | Self::LookAlike => (TEST_USDT, encoded(&tether)),
            Self::Usdc => (TEST_USDC, encoded(&[supply])),
            Self::FalseReturn => (FALSE_RETURN, encoded(&[supply])),
        };
        Ok(bytecode(compiled)? + &arguments)
    }
}

/// Where each token is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Deployed(Vec<(Token, Address)>);

impl Deployed {
    /// Deploys every token from `owner`, all in one block.
    pub(super) async fn deploy(rpc: &Rpc, owner: Address) -> Result<Self, CallError> {
        let mut sent = Vec::new();
        for token in Token::ALL {
            let creation =
                json!({"from": owner.to_string(), "gas": GAS, "data": token.creation()?});
            sent.push((token, rpc.call("eth_sendTransaction", json!([creation])).await?));
        }
        rpc.call("evm_mine", json!([])).await?;
        let mut deployed = Vec::new();
        for (token, hash) in sent {
            let receipt = receipt_in_time(rpc, &hash).await?;
            let address = receipt["contractAddress"].as_str().unwrap_or_default().parse()?;
            deployed.push((token, address));
        }
        Ok(Self(deployed))
    }

    /// Every token is deployed, or the node does not start.
    pub(super) fn address_of(&self, token: Token) -> Address {
        let found = self.0.iter().find(|(known, _)| *known == token);
        found.map_or(Address([0; 20]), |(_, address)| *address)
    }

    pub(super) fn token_at(&self, address: Address) -> Option<Token> {
        self.0.iter().find(|(_, known)| *known == address).map(|(token, _)| *token)
    }
}

/// The receipt of a transaction that is about to be mined.
pub(super) async fn receipt_in_time(rpc: &Rpc, hash: &Value) -> Result<Value, CallError> {
    let look = async {
        let mut looks = interval(LOOK_EVERY);
        loop {
            looks.tick().await;
            let receipt = rpc.call("eth_getTransactionReceipt", json!([hash])).await?;
            if !receipt.is_null() {
                return Ok(receipt);
            }
        }
    };
    let late = |_| CallError::strange(format!("{hash} is not mined after {PATIENCE:?}"));
    timeout(PATIENCE, look).await.map_err(late)?
}
