//! Placing an order: read the terms, judge, store in one act; read again if the terms moved.

use super::{Answer, Engine, ServiceError};
use crate::access::Caller;
use crate::ids::OrderId;
use crate::order::{Actor, Escrow, HistoryEntry, Order, Ramp};
use crate::party::Role;
use crate::placement::closed_type;
use crate::placement::{
    IdempotencyClaim, PlaceOrder, Placed, Placement, Proposal, StoredAnswer, Terms,
};
use crate::ports::{ClaimOutcome, StoreError};

/// How a result is written for the caller; the text is stored beside an idempotency key.
pub type Render<'a, T> = &'a (dyn Fn(&T) -> StoredAnswer + Send + Sync);

/// Who asks, and under which idempotency key.
#[derive(Debug, Clone)]
pub struct Request {
    pub caller: Caller,
    pub claim: Option<IdempotencyClaim>,
}

/// How often terms may move under one request before it is told to come back.
const ATTEMPTS: u8 = 5;

impl Engine {
    /// Places an order for the caller.
    ///
    /// # Errors
    /// `Forbidden` for somebody else's trade, `Breaches` with every broken policy, `KeyReused`, or
    /// the store's own.
    pub async fn place_order(
        &self,
        request: &Request,
        command: &PlaceOrder,
        render: Render<'_, Order>,
    ) -> Result<Answer, ServiceError> {
        if let Some(answer) = self.earlier_answer(request).await? {
            return Ok(answer);
        }
        // Nobody may place these yet: whose the order would be does not matter.
        if let Some(closed) = closed_type(command) {
            return Err(ServiceError::Breaches(vec![closed]));
        }
        if !request.caller.may_place(command.customer_id, command.vendor_id) {
            return Err(ServiceError::Forbidden(
                "orders can only be placed for yourself, on somebody else's offer",
            ));
        }
        let owner = self.addresses.owner(&command.wallet);
        for _ in 0..ATTEMPTS {
            let terms = self.store.terms(command.offer_id, command.customer_id, &owner).await?;
            let (placement, answer) = self.propose(request, command, &terms, render).await?;
            match self.store.place(&placement).await? {
                Placed::Done => return Ok(Answer::fresh(answer)),
                Placed::Stale => {}
                Placed::KeyTaken => {
                    let earlier = self.earlier_answer(request).await?;
                    return earlier.ok_or(ServiceError::Store(StoreError::Busy));
                }
            }
        }
        Err(ServiceError::Store(StoreError::Busy))
    }

    pub(super) async fn earlier_answer(
        &self,
        request: &Request,
    ) -> Result<Option<Answer>, ServiceError> {
        let Some(claim) = &request.claim else {
            return Ok(None);
        };
        match self.store.find_answer(claim).await? {
            Some(ClaimOutcome::Replay(stored)) => Ok(Some(Answer::replayed(stored))),
            Some(ClaimOutcome::Reused) => Err(ServiceError::KeyReused),
            Some(ClaimOutcome::Fresh) | None => Ok(None),
        }
    }

    /// Judges the command by the terms and makes the order ready to be stored.
    async fn propose(
        &self,
        request: &Request,
        command: &PlaceOrder,
        terms: &Terms,
        render: Render<'_, Order>,
    ) -> Result<(Placement, StoredAnswer), ServiceError> {
        let now = self.clock.now();
        let proposal = Proposal { command, terms, rules: &self.rules, now };
        let offer = proposal.judge().map_err(ServiceError::Breaches)?;
        let escrow = self.allocate_escrow(command).await?;
        let order = proposal.order(offer, OrderId(self.new_id(now)), escrow);
        let (order, entry) = begin_history(order, placed_by(request.caller, command));
        let answer = render(&order);
        let claim = request.claim.clone().map(|claim| (claim, answer.clone()));
        Ok((Placement { order, entry, terms_version: offer.terms_version, claim }, answer))
    }

    /// Off-ramp orders get an address of their own on the wallet's network.
    async fn allocate_escrow(&self, command: &PlaceOrder) -> Result<Option<Escrow>, ServiceError> {
        if command.order_type.ramp() == Ramp::On {
            return Ok(None);
        }
        let network = command.wallet.network();
        let index = self.store.next_escrow_index(&self.addresses.account(network)).await?;
        let address = self.addresses.escrow(network, index);
        let address = address.map_err(|error| StoreError::Corrupt(error.to_string()))?;
        Ok(Some(Escrow { address, index, reference: self.new_id(self.clock.now()) }))
    }
}

/// An admin places for somebody; anybody else is the customer.
fn placed_by(caller: Caller, command: &PlaceOrder) -> Actor {
    match caller.role {
        Role::Admin => Actor::Operator(caller.id),
        Role::Customer | Role::Vendor => Actor::Customer(command.customer_id),
    }
}

fn begin_history(order: Order, actor: Actor) -> (Order, HistoryEntry) {
    let order = Order { version: 1, ..order };
    let payload = format!(
        r#"{{"event":"place","crypto_amount":"{}","fiat_amount":"{}","rate":"{}"}}"#,
        order.crypto, order.fiat, order.rate
    );
    let entry = HistoryEntry::seal(&order, actor, HistoryEntry::PLACE, payload);
    (Order { head: entry.hash, ..order }, entry)
}
