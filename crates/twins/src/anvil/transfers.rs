//! What people do: customers who pay, and owners of tokens who meddle. Each call sends one
//! transaction and returns its hash; when it is mined is the chain's business.

use serde_json::{Value, json};

use super::abi::{Argument, call};
use super::chain::{At, Chain};
use super::rpc::CallError;
use super::tokens::Token;
use super::words::{Address, Hash, quantity};

/// Fixed, so that what must fail is mined and fails there, and is not refused by an estimate.
const GAS: u64 = 120_000;
const GAS_OF_EACH_FURTHER: u64 = 60_000;
/// What an impersonated sender without any ether is given for gas: one ether.
const POCKET_MONEY: u128 = 1_000_000_000_000_000_000;

/// Who signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// One of [`Chain::accounts`]; such a transaction has a real signature and can be re-sent raw.
    Account(usize),
    /// Anybody: the node asks for no signature, and none can be had. One that has no ether is
    /// given some for gas.
    Anybody(Address),
}

impl Chain {
    /// A customer's transfer.
    pub async fn transfer(
        &self,
        token: Token,
        from: Sender,
        to: Address,
        units: u128,
    ) -> Result<Hash, CallError> {
        self.send(token, from, &transfer_data(to, units)).await
    }

    /// What `transfer` would answer to a contract that calls it: empty, or 32 bytes.
    pub async fn transfer_answer(&self, token: Token, units: u128) -> Result<String, CallError> {
        let owner = self.address(Sender::Account(0))?;
        let data = transfer_data(Address([0x77; 20]), units);
        let to = self.token(token).to_string();
        let asked = json!([{"from": owner.to_string(), "to": to, "data": data}, "latest"]);
        let answer = self.rpc.call("eth_call", asked).await?;
        Ok(answer.as_str().unwrap_or_default().to_owned())
    }

    pub async fn approve(
        &self,
        token: Token,
        from: Sender,
        spender: Address,
        units: u128,
    ) -> Result<Hash, CallError> {
        let arguments = [Argument::Address(spender), Argument::Number(units)];
        self.send(token, from, &call("approve(address,uint256)", &arguments)).await
    }

    /// A transfer of what `owner` approved, as an exchange or a contract wallet makes it.
    pub async fn transfer_from(
        &self,
        token: Token,
        spender: Sender,
        (owner, to): (Address, Address),
        units: u128,
    ) -> Result<Hash, CallError> {
        let arguments = [Argument::Address(owner), Argument::Address(to), Argument::Number(units)];
        let data = call("transferFrom(address,address,uint256)", &arguments);
        self.send(token, spender, &data).await
    }

    /// Several transfers in one transaction; [`Token::Usdt`] and its look-alike only.
    pub async fn batch(
        &self,
        token: Token,
        from: Sender,
        transfers: &[(Address, u128)],
    ) -> Result<Hash, CallError> {
        let (to, units) = transfers.iter().copied().unzip();
        let arguments = [Argument::Addresses(to), Argument::Numbers(units)];
        self.send(token, from, &call("batch(address[],uint256[])", &arguments)).await
    }

    /// A signed transfer that is not sent. Without a `nonce` it is the sender's next.
    pub async fn signed_transfer(
        &self,
        token: Token,
        account: usize,
        (to, units): (Address, u128),
        nonce: Option<u64>,
    ) -> Result<String, CallError> {
        let from = self.address(Sender::Account(account))?;
        let nonce = match nonce {
            Some(nonce) => nonce,
            None => self.nonce(from).await?,
        };
        let mut asked = self.request(token, from, &transfer_data(to, units));
        asked["nonce"] = json!(quantity(nonce));
        asked["gasPrice"] = self.rpc.call("eth_gasPrice", json!([])).await?;
        let raw = self.rpc.call("eth_signTransaction", json!([asked])).await?;
        let raw = raw.as_str().map(str::to_owned);
        raw.ok_or_else(|| CallError::strange("the node signs nothing"))
    }

    /// Sends signed bytes.
    pub async fn send_raw(&self, raw: &str) -> Result<Hash, CallError> {
        hash_in(&self.rpc.call("eth_sendRawTransaction", json!([raw])).await?)
    }

    pub async fn send_eth(&self, from: Sender, to: Address, wei: u128) -> Result<Hash, CallError> {
        let from = self.ready(from).await?.to_string();
        let asked = json!({"from": from, "to": to.to_string(), "value": quantity(wei)});
        hash_in(&self.rpc.call("eth_sendTransaction", json!([asked])).await?)
    }

    /// Sets a balance outright, in no transaction; in wei.
    pub async fn set_eth_balance(&self, address: Address, wei: u128) -> Result<(), CallError> {
        let asked = json!([address.to_string(), quantity(wei)]);
        self.rpc.call("anvil_setBalance", asked).await.map(drop)
    }

    /// Calls a token as `from`.
    pub(super) async fn send(
        &self,
        token: Token,
        from: Sender,
        data: &str,
    ) -> Result<Hash, CallError> {
        let from = self.ready(from).await?;
        let asked = json!([self.request(token, from, data)]);
        hash_in(&self.rpc.call("eth_sendTransaction", asked).await?)
    }

    fn request(&self, token: Token, from: Address, data: &str) -> Value {
        // A word of a batch's data costs less gas than what is done with it.
        let words = u64::try_from(data.len() / 64).unwrap_or(u64::MAX);
        let gas = GAS + words.saturating_sub(2).saturating_mul(GAS_OF_EACH_FURTHER / 2);
        json!({
            "from": from.to_string(),
            "to": self.token(token).to_string(),
            "data": data,
            "gas": quantity(gas),
        })
    }

    fn address(&self, sender: Sender) -> Result<Address, CallError> {
        match sender {
            Sender::Anybody(address) => Ok(address),
            Sender::Account(index) => {
                let known = self.accounts().get(index).copied();
                known.ok_or_else(|| CallError::strange(format!("there is no account {index}")))
            }
        }
    }

    async fn ready(&self, sender: Sender) -> Result<Address, CallError> {
        let address = self.address(sender)?;
        if matches!(sender, Sender::Anybody(_)) && !self.accounts().contains(&address) {
            self.rpc.call("anvil_impersonateAccount", json!([address.to_string()])).await?;
            if self.eth_balance(address, At::Latest).await? == 0 {
                self.set_eth_balance(address, POCKET_MONEY).await?;
            }
        }
        Ok(address)
    }
}

fn transfer_data(to: Address, units: u128) -> String {
    call("transfer(address,uint256)", &[Argument::Address(to), Argument::Number(units)])
}

fn hash_in(value: &Value) -> Result<Hash, CallError> {
    value.as_str().unwrap_or_default().parse()
}
