//! What the rails have told of an order: receipts, hashes, deposits. Only ever added to, and every
//! piece has an identity, so that a fact told twice is known to be the same.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::effect::Effect;
use super::event::{OrderEvent, RefundOf};
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
    pub(super) fn cause(&self) -> String {
        format!("{}:{}", self.tx_hash, self.ordinal)
    }
}

/// The cause of the refund of what deposits sum up to beyond the order's amount.
pub(super) const EXCESS: &str = "excess";

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

/// A transfer to the order's escrow address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deposit {
    pub id: DepositId,
    pub amount: Crypto,
    #[serde(with = "time::serde::rfc3339")]
    pub block_time: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub detected_at: OffsetDateTime,
    pub confirmations: u32,
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<Payment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Delivery>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deposits: Vec<Deposit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout: Option<Payout>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<String>,
    /// The receipt that the order's own refund gives back: once chosen, it stays that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refunding: Option<String>,
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
    pub(super) fn record(&mut self, event: &OrderEvent) -> bool {
        match event {
            OrderEvent::StartPayment { phone, .. } => {
                self.payer_phone = Some(phone.clone());
                true
            }
            OrderEvent::CollectionAccepted { refs } => {
                self.collection.replace(refs.clone()) != Some(refs.clone())
            }
            OrderEvent::PaymentConfirmed { payment } => self.add_payment(payment),
            OrderEvent::DeliveryBroadcast { tx_hash } => self.note_delivery(tx_hash, false),
            OrderEvent::DeliveryFinal { tx_hash } => self.note_delivery(tx_hash, true),
            OrderEvent::DepositSeen { deposit } => self.add_deposit(deposit, DepositStage::Seen),
            OrderEvent::DepositFinal { deposit } => self.add_deposit(deposit, DepositStage::Final),
            OrderEvent::DepositOrphaned { id } => self.orphan_deposit(id),
            OrderEvent::PayoutAccepted { conversation_id } => {
                fill(&mut self.payout_mut().conversation_id, conversation_id)
            }
            OrderEvent::PayoutConfirmed { receipt } => {
                fill(&mut self.payout_mut().receipt, receipt)
            }
            OrderEvent::RefundConfirmed { refund, reference } => {
                let new = !self.refunds.contains(reference);
                self.refunds_done.extend(new.then(|| refund.clone()));
                self.refunds.extend(new.then(|| reference.clone()));
                new
            }
            OrderEvent::PayoutFailed { .. } => {
                self.payout.take_if(|payout| payout.receipt.is_none());
                true
            }
            OrderEvent::PayoutStarted => {
                self.payout_mut();
                true
            }
            OrderEvent::Cancel { .. }
            | OrderEvent::RefundStarted { .. }
            | OrderEvent::Hold
            | OrderEvent::Resume
            | OrderEvent::Refund
            | OrderEvent::DeadlinePassed { .. }
            | OrderEvent::CollectionFailed { .. }
            | OrderEvent::DeliveryFailed { .. }
            | OrderEvent::RefundFailed { .. } => true,
        }
    }

    fn payout_mut(&mut self) -> &mut Payout {
        self.payout.get_or_insert(Payout { conversation_id: None, receipt: None })
    }

    /// A final delivery is not replaced: another one beside it is a contradiction to be looked at.
    fn note_delivery(&mut self, tx_hash: &str, is_final: bool) -> bool {
        let told = Delivery { tx_hash: tx_hash.to_owned(), is_final };
        match &self.delivery {
            Some(known) if known.is_final => known.tx_hash != told.tx_hash,
            known => {
                let new = known.as_ref() != Some(&told);
                self.delivery = Some(told);
                new
            }
        }
    }

    fn add_payment(&mut self, payment: &Payment) -> bool {
        let new = self.payments.iter().all(|known| known.receipt != payment.receipt);
        self.payments.extend(new.then(|| payment.clone()));
        new
    }

    /// A deposit comes again when it gains confirmations, becomes final, or is re-mined elsewhere.
    /// What was final is not un-made by a late "seen". What was final and is gone stays so, and its
    /// coming back is news.
    fn add_deposit(&mut self, told: &Deposit, stage: DepositStage) -> bool {
        let told = Deposit { stage, ..told.clone() };
        let Some(known) = self.deposits.iter_mut().find(|known| known.id == told.id) else {
            self.deposits.push(told);
            return true;
        };
        match known.stage {
            DepositStage::Final => false,
            DepositStage::Reverted => stage == DepositStage::Final,
            DepositStage::Seen | DepositStage::Orphaned => {
                let told = Deposit { detected_at: known.detected_at, ..told };
                let is_new = *known != told;
                *known = told;
                is_new
            }
        }
    }

    fn orphan_deposit(&mut self, id: &DepositId) -> bool {
        let Some(known) = self.deposits.iter_mut().find(|known| known.id == *id) else {
            return false;
        };
        known.stage = match known.stage {
            DepositStage::Seen => DepositStage::Orphaned,
            DepositStage::Final => DepositStage::Reverted,
            DepositStage::Orphaned | DepositStage::Reverted => return false,
        };
        true
    }

    /// Remembers what goes back by itself, so that the order's own refund leaves it out.
    pub(super) fn note_returns(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::RefundCrypto { refund: RefundOf::Extra(cause), amount, .. }
                    if cause == EXCESS =>
                {
                    self.excess = Some(*amount);
                }
                Effect::RefundFiat { refund: RefundOf::Extra(cause), .. }
                | Effect::RefundCrypto { refund: RefundOf::Extra(cause), .. } => {
                    self.returned.push(cause.clone());
                }
                Effect::RefundFiat { refund: RefundOf::Order, receipt, .. } => {
                    self.refunding.get_or_insert_with(|| receipt.clone());
                }
                Effect::RequestCollection { .. }
                | Effect::Deliver { .. }
                | Effect::PayOut { .. }
                | Effect::RefundCrypto { .. }
                | Effect::OpenReview { .. } => {}
            }
        }
    }

    pub(super) fn is_returned(&self, cause: &str) -> bool {
        self.returned.iter().any(|returned| returned == cause)
    }

    pub(super) fn was_reverted(&self, id: &DepositId) -> bool {
        self.deposits.iter().any(|d| d.id == *id && d.stage == DepositStage::Reverted)
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
