//! The last look at the receiver before anything is signed: an order's coin never goes to an address of
//! ours or to a token's contract. Creation refuses such wallets; what it could not know (an order from
//! before, an address that became ours since) is an operator's.

use super::Treasurer;
use crate::address::AddressUse;
use crate::chain::transfer::{Plan, Purpose, Wallet};
use crate::service::ServiceError;

impl Treasurer {
    /// Why nothing may be sent to the receiver; `None` for a stranger's wallet, and for what moves
    /// between our own.
    pub(super) async fn is_not_payable(&self, plan: &Plan) -> Result<Option<String>, ServiceError> {
        match plan.purpose {
            Purpose::Delivery | Purpose::Refund { .. } | Purpose::Return { .. } => {}
            Purpose::Sweep | Purpose::Gas => return Ok(None),
        }
        let book = &self.engine.addresses;
        let receiver = match book.parse(&plan.to) {
            Ok(address) => book.owner(&address),
            Err(error) => return Ok(Some(format!("the receiver {} {error}", plan.to))),
        };
        let known = self.engine.store.find_address_use(&receiver).await?;
        let hot = self.chain(plan.network)?.sender.address(Wallet::Hot)?;
        let is_hot = book.parse(&hot).is_ok_and(|hot| book.owner(&hot) == receiver);
        let known = known.or(is_hot.then_some(AddressUse::HotWallet));
        Ok(known.map(|known| {
            format!("the receiver {} is no customer's wallet: {}", plan.to, known.as_str())
        }))
    }
}
