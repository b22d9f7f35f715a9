//! What follows from what was learned, in the same unit of work: the order is told, operators are
//! called, the breaker opens.

use super::Cashier;
use crate::ids::{CollectionId, OrderId};
use crate::ledger::{Account, AccountKey, Balances, Entry, LedgerAsset};
use crate::money::Fiat;
use crate::order::{Actor, AttemptError, ErrorCode, Leg, Order, OrderEvent};
use crate::ports::{StoreError, UnitOfWork};
use crate::rail::{CIRCUIT, Circuit, Consequence, Disbursement, RailReview, Review};
use crate::service::ServiceError;

/// Whose learning it was.
#[derive(Debug, Clone)]
pub(super) struct About {
    pub(super) order: OrderId,
    pub(super) collection: Option<CollectionId>,
    /// Makes reviews of it unique.
    pub(super) cause: String,
}

impl Cashier {
    /// Does what the machines ask for.
    pub(super) async fn follow(
        &self,
        uow: &mut dyn UnitOfWork,
        mut order: Order,
        about: &About,
        consequences: Vec<Consequence>,
    ) -> Result<Order, ServiceError> {
        for consequence in consequences {
            match consequence {
                Consequence::Tell(event) => {
                    order = self.tell(uow, order, about, &event).await?;
                }
                Consequence::Review { kind, detail } => {
                    self.review(uow, about, kind, &detail).await?;
                }
                Consequence::OpenCircuit(reason) => self.open_circuit(uow, &reason).await?,
                Consequence::CredentialsWork => self.prove_circuit(uow).await?,
                Consequence::FloatShort(amount) => {
                    let mut gate = self.gate(uow).await?;
                    gate.now.float.note_refused(amount, self.now());
                    self.keep_circuit(uow, gate).await?;
                }
                Consequence::RefundShort(amount) => self.review_refunds(uow, amount).await?,
            }
        }
        Ok(order)
    }

    async fn tell(
        &self,
        uow: &mut dyn UnitOfWork,
        order: Order,
        about: &About,
        event: &OrderEvent,
    ) -> Result<Order, ServiceError> {
        if let OrderEvent::PaymentConfirmed { payment, .. } = event
            && !uow.claim_receipt(&payment.receipt, about.collection, self.now()).await?
        {
            let detail = "the receipt was credited to another collection";
            self.review(uow, about, RailReview::Contradiction, detail).await?;
            return Ok(order);
        }
        let event = self.explained(event);
        let recorded = self.engine.apply(uow, order, Actor::System, &event).await?;
        Ok(recorded.into_order())
    }

    /// The event with the meaning of the rail's own code beside it: codes are the adapter's to read.
    fn explained(&self, event: &OrderEvent) -> OrderEvent {
        let mut event = event.clone();
        if let Some(error) = event.error_mut()
            && error.code == ErrorCode::Unknown
            && let Some(told) = &error.rail_code
        {
            error.code = self.rail.explain(error.leg, told);
        }
        event
    }

    /// Tells the order that nobody says how its attempt ended: for longer than anything takes.
    pub(super) async fn tell_unknown(
        &self,
        uow: &mut dyn UnitOfWork,
        order: Order,
        leg: Leg,
    ) -> Result<Order, ServiceError> {
        let error = AttemptError::new(leg, ErrorCode::OutcomeUnknown, self.now());
        let event = OrderEvent::AttemptFailed { error };
        Ok(self.engine.apply(uow, order, Actor::System, &event).await?.into_order())
    }

    pub(super) async fn review(
        &self,
        uow: &mut dyn UnitOfWork,
        about: &About,
        kind: RailReview,
        detail: &str,
    ) -> Result<(), StoreError> {
        let subject = format!("{}:{}", about.cause, kind.as_str());
        let cause = format!("{subject}:{detail}");
        let review = Review::new(kind, subject, cause, detail, self.now()).about(about.order);
        self.call(uow, &review).await
    }

    /// Puts something before an operator, once.
    pub(super) async fn call(
        &self,
        uow: &mut dyn UnitOfWork,
        review: &Review,
    ) -> Result<(), StoreError> {
        self.engine.call_operator(uow, review).await.map(drop)
    }

    /// Stops all money going out because the rail refuses us, and calls an operator.
    pub(super) async fn open_circuit(
        &self,
        uow: &mut dyn UnitOfWork,
        reason: &str,
    ) -> Result<(), StoreError> {
        let mut gate = self.gate(uow).await?;
        gate.now.refuse(reason, self.now());
        self.keep_circuit(uow, gate).await
    }

    /// The breaker has opened by itself: only an operator closes it, so one is called.
    pub(super) async fn review_circuit(
        &self,
        uow: &mut dyn UnitOfWork,
        circuit: &Circuit,
    ) -> Result<(), StoreError> {
        let reason = circuit.reason.clone().unwrap_or_default();
        let review = Review::condition(RailReview::Blocked, CIRCUIT, reason, circuit.since);
        self.call(uow, &review).await
    }

    pub(super) async fn prove_circuit(&self, uow: &mut dyn UnitOfWork) -> Result<(), StoreError> {
        let mut gate = self.gate(uow).await?;
        gate.now.prove(self.now());
        self.keep_circuit(uow, gate).await
    }

    /// Posts what the rail charged for a disbursement, once it is known.
    pub(super) async fn post_charge(
        &self,
        uow: &mut dyn UnitOfWork,
        disbursement: &Disbursement,
    ) -> Result<(), StoreError> {
        let Some(charge) = disbursement.evidence.charge.filter(|charge| !charge.is_zero()) else {
            return Ok(());
        };
        let entry = Entry {
            order_id: Some(disbursement.order_id),
            cause: format!("charge:{}", disbursement.id),
            postings: transfer(Account::MpesaUtility, Account::Fees, charge),
            at: self.now(),
        };
        uow.post(&entry).await.map(drop)
    }
}

/// Shillings out of one account of ours into another.
pub(super) fn transfer(from: Account, to: Account, amount: Fiat) -> Balances {
    let key = |account| AccountKey { account, asset: LedgerAsset::Kes, party: None };
    let minor = amount.minor();
    [(key(from), minor.saturating_neg()), (key(to), minor)].into()
}
