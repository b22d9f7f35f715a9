//! What the owner of a token does: the first account, which deployed them all. Each call sends one
//! transaction and returns its hash.

use super::abi::{Argument, call};
use super::chain::Chain;
use super::rpc::CallError;
use super::tokens::Token;
use super::transfers::Sender;
use super::words::{Address, Hash};

impl Chain {
    /// New tokens. Only [`Token::Usdc`] leaves a Transfer log (from nobody) when it mints; the
    /// others leave a balance that no log explains, as Tether's do.
    pub async fn mint(&self, token: Token, to: Address, units: u128) -> Result<Hash, CallError> {
        let arguments = [Argument::Address(to), Argument::Number(units)];
        self.rule(token, "mint(address,uint256)", &arguments).await
    }

    /// While a token is paused every transfer of it reverts; not of [`Token::FalseReturn`].
    pub async fn pause(&self, token: Token, paused: bool) -> Result<Hash, CallError> {
        self.rule(token, "setPaused(bool)", &[Argument::Flag(paused)]).await
    }

    /// Tether's blacklist stops senders only, Circle's recipients as well.
    pub async fn blacklist(
        &self,
        token: Token,
        address: Address,
        listed: bool,
    ) -> Result<Hash, CallError> {
        let address = Argument::Address(address);
        match (token, listed) {
            (Token::Usdc, _) => {
                let arguments = [address, Argument::Flag(listed)];
                self.rule(token, "setBlacklisted(address,bool)", &arguments).await
            }
            (_, true) => self.rule(token, "addBlackList(address)", &[address]).await,
            (_, false) => self.rule(token, "removeBlackList(address)", &[address]).await,
        }
    }

    /// Takes all that a blacklisted address has. The log is no Transfer.
    pub async fn destroy_black_funds(
        &self,
        token: Token,
        address: Address,
    ) -> Result<Hash, CallError> {
        self.rule(token, "destroyBlackFunds(address)", &[Argument::Address(address)]).await
    }

    /// From now on `basis_points` of each transfer go to the owner, `most` units at most, and the
    /// recipient gets the rest. Logged after the recipient's part unless [`Chain::log_fee_first`].
    pub async fn set_fee(
        &self,
        token: Token,
        basis_points: u128,
        most: u128,
    ) -> Result<Hash, CallError> {
        let arguments = [Argument::Number(basis_points), Argument::Number(most)];
        self.rule(token, "setParams(uint256,uint256)", &arguments).await
    }

    pub async fn log_fee_first(&self, token: Token, first: bool) -> Result<Hash, CallError> {
        self.rule(token, "setFeeFirst(bool)", &[Argument::Flag(first)]).await
    }

    /// Whether an overdraft burns all the gas it was given, as Tether's real code does.
    pub async fn burn_gas(&self, token: Token, burns: bool) -> Result<Hash, CallError> {
        self.rule(token, "setBurnsGas(bool)", &[Argument::Flag(burns)]).await
    }

    async fn rule(
        &self,
        token: Token,
        signature: &str,
        arguments: &[Argument],
    ) -> Result<Hash, CallError> {
        self.send(token, Sender::Account(0), &call(signature, arguments)).await
    }
}
