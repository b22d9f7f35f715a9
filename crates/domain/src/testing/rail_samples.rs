//! Samples of what the rail's machines keep, to be varied by tests.

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::rail::push_refs;
use super::samples::{NOW, phone};
use crate::ids::{CollectionId, OrderId, time_ordered};
use crate::money::Fiat;
use crate::order::{Effect, Order, RefundOf};
use crate::rail::collection::{Claim, CollectionEvidence, CollectionState, account_reference};
use crate::rail::disbursement::{DisbursementEvidence, DisbursementState, Purpose, reference};
use crate::rail::{Collection, Disbursement, Fault, NotDone, WhyNot};

/// The receipt of the sample payments.
pub const RECEIPT: &str = "NLJ7RT61SV";

/// An attempt that nobody has sent, asking for what the order costs; `entropy` tells attempts apart.
pub fn collection(order: &Order, entropy: u64) -> Collection {
    Collection {
        id: CollectionId(time_ordered(NOW, entropy)),
        order_id: order.id,
        phone: phone(),
        amount: order.collection_due(),
        account_reference: account_reference(entropy),
        state: CollectionState::Created,
        refs: None,
        receipt: None,
        evidence: CollectionEvidence::default(),
        created_at: NOW,
        sent_at: None,
        updated_at: NOW,
    }
}

/// The claim of what was asked, by the phone that was asked.
pub fn claim(amount: Fiat) -> Claim {
    Claim { receipt: RECEIPT.into(), amount, phone: Some(phone()) }
}

/// The attempt in `state`, with a word from every source. `number` tells its names apart.
pub fn eventful(collection: Collection, state: CollectionState, number: usize) -> Collection {
    if state == CollectionState::Created {
        return collection;
    }
    let claim = || Some(claim(collection.amount));
    let evidence = CollectionEvidence {
        refs_are_ours: true,
        not_done: Some(NotDone { why: WhyNot::Throttled, detail: "spike arrest".into() }),
        told: claim(),
        told_not: Some("1032".into()),
        billed: Some(Claim { phone: None, ..self::claim(collection.amount) }),
        pulled: claim(),
        stated: claim(),
        denied: true,
        query_paid: true,
        query_not: Some(("1037".into(), after(20), after(40))),
        absent: true,
        proofs_asked: 3,
        statuses_asked: 2,
    };
    Collection {
        state,
        evidence,
        refs: Some(push_refs(number)),
        receipt: (state == CollectionState::Paid).then(|| format!("NLJ7RT61{number}")),
        sent_at: Some(after(1)),
        updated_at: after(60),
        ..collection
    }
}

/// Money out that nobody has sent, as `effect` asks for it.
pub fn disbursement(order: OrderId, effect: &Effect, generation: i32) -> Disbursement {
    let key = effect.idempotency_key(order);
    let (purpose, amount) = match effect {
        Effect::RefundFiat { refund, amount, receipt, .. } => {
            (Purpose::Refund { refund: refund.clone(), receipt: receipt.clone() }, *amount)
        }
        Effect::PayOut { amount, .. } | Effect::RequestCollection { amount, .. } => {
            (Purpose::Payout, *amount)
        }
        Effect::Deliver { .. }
        | Effect::RefundCrypto { .. }
        | Effect::Sweep { .. }
        | Effect::FundGas { .. }
        | Effect::ReturnNative { .. }
        | Effect::OpenReview { .. } => (Purpose::Payout, Fiat::ZERO),
    };
    Disbursement {
        id: reference(&key, generation),
        key,
        generation,
        order_id: order,
        purpose,
        phone: phone(),
        amount,
        state: DisbursementState::Created,
        conversation_id: None,
        receipt: None,
        evidence: DisbursementEvidence::default(),
        created_at: NOW,
        sent_at: None,
        updated_at: NOW,
    }
}

/// The effect that asks for the disbursement.
pub fn effect_of(disbursement: &Disbursement) -> Effect {
    let (phone, amount) = (disbursement.phone.clone(), disbursement.amount);
    match disbursement.purpose.clone() {
        Purpose::Payout => Effect::PayOut { phone, amount },
        Purpose::Refund { refund, receipt } => {
            Effect::RefundFiat { refund, phone, amount, receipt }
        }
    }
}

/// The payout of `amount`, not sent.
pub fn payout(order: OrderId, amount: Fiat, generation: i32) -> Disbursement {
    disbursement(order, &Effect::PayOut { phone: phone(), amount }, generation)
}

/// The refund of the payment that an order lives on, not sent.
pub fn refund(order: OrderId, amount: Fiat, generation: i32) -> Disbursement {
    let (refund, receipt) = (RefundOf::Order, RECEIPT.to_owned());
    let effect = Effect::RefundFiat { refund, phone: phone(), amount, receipt };
    disbursement(order, &effect, generation)
}

/// The disbursement in `state`, with everything that can be known of it.
pub fn known(disbursement: Disbursement, state: DisbursementState) -> Disbursement {
    if state == DisbursementState::Created {
        return disbursement;
    }
    let evidence = DisbursementEvidence {
        told_failed: Some(("2001".into(), Fault::Credentials, after(30))),
        told_well: true,
        opposed: true,
        stated_failed: Some("Declined".into()),
        is_known: true,
        turned_away: 4,
        charge: Some(Fiat::ZERO),
        asked: 5,
        reviewed: true,
    };
    Disbursement {
        state,
        evidence,
        conversation_id: Some(format!("AG_{}", disbursement.id)),
        receipt: (state == DisbursementState::Paid).then(|| "QKA81LK5CY".to_owned()),
        sent_at: Some(after(1)),
        updated_at: after(60),
        ..disbursement
    }
}

/// `seconds` after [`NOW`].
pub fn after(seconds: i64) -> OffsetDateTime {
    NOW.saturating_add(Duration::seconds(seconds))
}

/// A reference that no sample has.
pub fn stranger() -> Uuid {
    Uuid::from_u128(0xdead)
}
