//! Calls of contracts that change nothing, answered from solid state.

use alloy::primitives::{U256, hex};
use serde_json::json;

use super::answers::{ConstantAnswer, clip, words};
use super::node::{Answer, Node};
use super::spelling;
use crate::address::owner::Owner;

const PATH: &str = "walletsolidity/triggerconstantcontract";

/// What a call would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Called {
    Returned {
        data: Vec<u8>,
        energy: u64,
    },
    /// The contract refuses, or has no such function.
    Reverted(String),
}

impl Node {
    /// Calls `contract` as `owner` would; `selector` such as `balanceOf(address)`.
    pub(crate) async fn call(
        &self,
        owner: Owner,
        contract: Owner,
        selector: &str,
        parameter: &[u8],
    ) -> Answer<Called> {
        let question = json!({
            "owner_address": spelling::hex21(owner),
            "contract_address": spelling::hex21(contract),
            "function_selector": selector,
            "parameter": hex::encode(parameter),
        });
        self.judge(self.ask(PATH, &question).await?)
    }

    /// A revert has `result: true` too: only what has neither a message nor a failure is a value.
    fn judge(&self, answer: ConstantAnswer) -> Answer<Called> {
        let ConstantAnswer { result, energy_used: energy, constant_result, transaction } = answer;
        if !result.result {
            let why = result.code.as_deref().map_or_else(|| "no result".to_owned(), clip);
            return Err(self.away(PATH, &why));
        }
        let has_failed = transaction.ret.iter().any(|one| one.ret.as_deref() == Some("FAILED"));
        if result.message.is_some() || has_failed {
            let message = result.message.as_deref().map_or_else(|| "FAILED".to_owned(), words);
            return Ok(Called::Reverted(message));
        }
        let data = constant_result.into_iter().next().unwrap_or_default().0;
        Ok(Called::Returned { data, energy })
    }

    pub(crate) async fn token_balance(&self, token: Owner, holder: Owner) -> Answer<U256> {
        let word = spelling::word(holder);
        match self.call(holder, token, "balanceOf(address)", &word).await? {
            Called::Returned { data, .. } => {
                let units: Result<[u8; 32], _> = data.as_slice().try_into();
                let units = units.map_err(|_| self.away(PATH, "a balance that is no number"))?;
                Ok(U256::from_be_bytes(units))
            }
            Called::Reverted(why) => Err(self.away(PATH, &format!("balanceOf reverts: {why}"))),
        }
    }

    /// A question answered with yes or no; `None` where the contract does not know it.
    pub(crate) async fn flag(
        &self,
        owner: Owner,
        token: Owner,
        selector: &str,
        parameter: &[u8],
    ) -> Answer<Option<bool>> {
        match self.call(owner, token, selector, parameter).await? {
            Called::Returned { data, .. } if data.len() == 32 => {
                Ok(Some(data.iter().any(|byte| *byte != 0)))
            }
            Called::Returned { .. } | Called::Reverted(_) => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::tron::config::TronConfig;

    fn judge(answer: Value) -> Answer<Called> {
        let usdt = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t".to_owned();
        let config = TronConfig::new(vec!["http://node".to_owned()], 1, usdt.clone(), usdt);
        let nodes = Node::try_all(&config).unwrap();
        nodes[0].judge(serde_json::from_value(answer).unwrap())
    }

    #[test]
    fn a_revert_is_no_value_although_it_says_true() {
        let word = "00".repeat(32);
        let value = judge(json!({
            "result": { "result": true }, "energy_used": 935,
            "constant_result": [word], "transaction": { "ret": [{}] },
        }));
        assert_eq!(value, Ok(Called::Returned { data: vec![0; 32], energy: 935 }));
        let message = hex::encode("REVERT opcode executed");
        let reverted = json!({
            "result": { "result": true, "message": message }, "constant_result": [""],
            "transaction": { "ret": [{ "ret": "FAILED" }] },
        });
        let words = Called::Reverted("REVERT opcode executed".to_owned());
        assert_eq!(judge(reverted), Ok(words));
        let silent = json!({
            "result": { "result": true }, "constant_result": [word],
            "transaction": { "ret": [{ "ret": "FAILED" }] },
        });
        assert_eq!(judge(silent), Ok(Called::Reverted("FAILED".to_owned())));
        let refused = json!({ "result": { "code": "CONTRACT_VALIDATE_ERROR", "message": "00" } });
        assert!(judge(refused).is_err());
    }
}
