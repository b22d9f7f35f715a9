//! What the rails have told of an order: receipts, hashes, deposits. Only ever added to, and every
//! piece has an identity, so that a fact told twice is known to be the same.

mod deliveries;
mod deposits;
mod failures;

pub use deposits::confirmations;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::effect::Effect;
use super::event::{OrderEvent, RefundOf};
use super::last_error::{AttemptError, Leg};
use crate::address::Network;
use crate::ids::CollectionId;
use crate::money::{Crypto, Fiat};
use crate::party::Msisdn;

/// Daraja's names for an accepted STK prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionRefs {
    pub collection: CollectionId,
    pub merchant_request_id: String,
    pub checkout_request_id: String,
}

/// A confirmed M-Pesa credit, known by its receipt number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub receipt: String,
    pub amount: Fiat,
    pub phone: Msisdn,
}

/// A payout as the rail knows it; the receipt comes with its confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payout {
    pub conversation_id: Option<String>,
    pub receipt: Option<String>,
}

/// The transfer to the customer's wallet. A fee bump may replace it until it is final.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub tx_hash: String,
    pub is_final: bool,
}

/// The identity of a deposit: its place *within* its chain transaction, which no re-org changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositId {
    pub network: Network,
    pub tx_hash: String,
    pub ordinal: u32,
}

impl DepositId {
    /// Names the deposit where it is the cause of a refund.
    pub fn cause(&self) -> String {
        format!("{}:{}", self.tx_hash, self.ordinal)
    }
}

/// The cause of the refund of what deposits sum up to beyond the order's amount.
pub(crate) const EXCESS: &str = "excess";

/// How sure a deposit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DepositStage {
    Seen,
    Final,
    /// Seen, then gone in a re-org.
    Orphaned,
    /// Final, and gone all the same: below what the chain calls final.
    Reverted,
}

impl DepositStage {
    pub const ALL: [Self; 4] = [Self::Seen, Self::Final, Self::Orphaned, Self::Reverted];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Final => "final",
            Self::Orphaned => "orphaned",
            Self::Reverted => "reverted",
        }
    }
}

/// A transfer to the order's escrow address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deposit {
    pub id: DepositId,
    pub amount: Crypto,
    #[serde(with = "time::serde::rfc3339")]
    pub block_time: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub detected_at: OffsetDateTime,
    /// As they were when it was told last.
    pub confirmations: u32,
    /// The height of the block that it is in; what was stored long ago does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
    pub stage: DepositStage,
}

/// All that is known of an order's legs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collection: Option<CollectionRefs>,
    /// Who the last collection attempt asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payer_phone: Option<Msisdn>,
    /// What stands on the M-Pesa message of whoever the last collection attempt asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_reference: Option<String>,
    /// Why the last attempt did not work; none while one is under way, or when it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<AttemptError>,
    /// All attempts that did not work, oldest first, as far back as is kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<AttemptError>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<Payment>,
    /// The delivery may have been signed: until that is proven dead, nothing else may be done with the
    /// money.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub delivery_started: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Delivery>,
    /// What was broadcast of the living signature: fee bumps of one nonce. Any of them may be the one
    /// that becomes final.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub delivery_variants: Vec<String>,
    /// Deliveries that were signed once and can never execute.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub delivery_dead: Vec<String>,
    /// Final transfers to the customer beside `delivery`. There should be none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub delivered_beside: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deposits: Vec<Deposit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout: Option<Payout>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<String>,
    /// The receipt that the order's own refund gives back: once chosen, it stays that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refunding: Option<String>,
    /// How much coin the order's own refund gives back: once asked for, it stays that much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refunding_coin: Option<Crypto>,
    /// Which refunds those were.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refunds_done: Vec<RefundOf>,
    /// The causes of refunds beside the order's own: receipts and deposits that go back by themselves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub returned: Vec<String>,
    /// How much of the counted deposits goes back by itself, being more than the order's amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excess: Option<Crypto>,
}

impl Evidence {
    /// Takes in what `event` tells; `false` when it is a fact that was known already.
    pub(in crate::order) fn record(&mut self, event: &OrderEvent) -> bool {
        match event {
            OrderEvent::StartPayment { phone, account_reference, .. } => {
                self.payer_phone = Some(phone.clone());
                self.account_reference.clone_from(account_reference);
                self.last_error = None;
                true
            }
            OrderEvent::AttemptFailed { error } => self.note_failure(error),
            OrderEvent::CollectionFailed { error, .. } | OrderEvent::RefundFailed { error, .. } => {
                self.note_end(error.as_ref());
                true
            }
            OrderEvent::CollectionAccepted { refs } => {
                self.collection.replace(refs.clone()) != Some(refs.clone())
            }
            OrderEvent::PaymentConfirmed { payment, .. } => self.add_payment(payment),
            OrderEvent::DeliveryBroadcast { tx_hash } => self.note_broadcast(tx_hash),
            OrderEvent::DeliveryFinal { tx_hash } => self.note_final(tx_hash),
            OrderEvent::DepositSeen { deposit } => self.add_deposit(deposit, DepositStage::Seen),
            OrderEvent::DepositFinal { deposit } => self.add_deposit(deposit, DepositStage::Final),
            OrderEvent::DepositOrphaned { id } => self.orphan_deposit(id),
            OrderEvent::PayoutAccepted { conversation_id } => {
                self.forget_error_of(Leg::Payout);
                fill(&mut self.payout_mut().conversation_id, conversation_id)
            }
            OrderEvent::PayoutConfirmed { receipt } => {
                self.forget_error_of(Leg::Payout);
                fill(&mut self.payout_mut().receipt, receipt)
            }
            OrderEvent::RefundConfirmed { refund, reference } => {
                self.forget_error_of(Leg::Refund);
                let new = !self.refunds.contains(reference);
                self.refunds_done.extend(new.then(|| refund.clone()));
                self.refunds.extend(new.then(|| reference.clone()));
                new
            }
            OrderEvent::PayoutFailed { error, .. } => {
                self.note_end(error.as_ref());
                self.payout.take_if(|payout| payout.receipt.is_none());
                true
            }
            OrderEvent::PayoutStarted => {
                self.payout_mut();
                true
            }
            OrderEvent::DeliveryStarted => {
                self.delivery_started = true;
                true
            }
            OrderEvent::DeliveryStopped { tx_hash } => self.stop_delivery(tx_hash),
            OrderEvent::DeliveryFailed { tx_hash } => {
                self.stop_delivery(tx_hash);
                true
            }
            OrderEvent::Cancel { .. }
            | OrderEvent::RefundStarted { .. }
            | OrderEvent::Hold
            | OrderEvent::Resume
            | OrderEvent::Refund
            | OrderEvent::DeadlinePassed { .. } => true,
        }
    }

    fn payout_mut(&mut self) -> &mut Payout {
        self.payout.get_or_insert(Payout { conversation_id: None, receipt: None })
    }

    fn add_payment(&mut self, payment: &Payment) -> bool {
        self.forget_error_of(Leg::Collection);
        let new = self.payments.iter().all(|known| known.receipt != payment.receipt);
        self.payments.extend(new.then(|| payment.clone()));
        new
    }

    /// Remembers what will go back by itself once a hold ends. The order's own refund is chosen then.
    pub(in crate::order) fn note_put_off(&mut self, effects: &[Effect]) {
        for effect in effects.iter().filter(|effect| effect.is_extra_refund()) {
            self.note_returns(std::slice::from_ref(effect));
        }
    }

    /// Remembers what goes back by itself, so that the order's own refund leaves it out.
    pub(in crate::order) fn note_returns(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::RefundCrypto { refund: RefundOf::Extra(cause), amount, .. }
                    if cause == EXCESS =>
                {
                    self.excess = Some(*amount);
                }
                Effect::RefundFiat { refund: RefundOf::Extra(cause), .. }
                | Effect::RefundCrypto { refund: RefundOf::Extra(cause), .. } => {
                    let is_new = !self.is_returned(cause);
                    self.returned.extend(is_new.then(|| cause.clone()));
                }
                Effect::RefundFiat { refund: RefundOf::Order, receipt, .. } => {
                    self.refunding.get_or_insert_with(|| receipt.clone());
                }
                Effect::RefundCrypto { refund: RefundOf::Order, amount, .. } => {
                    self.refunding_coin.get_or_insert(*amount);
                }
                Effect::RequestCollection { .. }
                | Effect::Deliver { .. }
                | Effect::PayOut { .. }
                | Effect::Sweep { .. }
                | Effect::FundGas { .. }
                | Effect::ReturnNative { .. }
                | Effect::OpenReview { .. } => {}
            }
        }
    }

    /// Its refund beside the order's own is confirmed.
    pub(crate) fn is_back(&self, cause: &str) -> bool {
        let is_it = |done: &RefundOf| matches!(done, RefundOf::Extra(of) if of == cause);
        self.refunds_done.iter().any(is_it)
    }

    pub(crate) fn is_returned(&self, cause: &str) -> bool {
        self.returned.iter().any(|returned| returned == cause)
    }

    /// Whether something of this cause goes back by itself: a whole arrival, or the excess.
    pub(in crate::order) fn goes_back(&self, cause: &str) -> bool {
        self.is_returned(cause) || (cause == EXCESS && self.excess.is_some())
    }
}

/// Fills an empty slot; `false` when it held the same already. A different value stays out.
fn fill(slot: &mut Option<String>, told: &str) -> bool {
    let known = slot.get_or_insert_with(String::new);
    if known.is_empty() {
        told.clone_into(known);
        return true;
    }
    known != told
}
