//! Broadcasts, whose answers are hints, and what really became of the bytes.

use domain::chain::transfer::{Observation, Outcome};
use domain::ports::{ChainSender as _, SendHint};
use twins::tron::{BroadcastCode, Endpoint, Fault, FaultKind};

use super::world::{UNIT, World, delivery, stranger};
use crate::support::slots::{at, hot};

#[tokio::test]
async fn a_delivery_is_pending_until_its_block_is_solid() {
    let world = World::new().await;
    let plan = delivery(&stranger(1).to_string(), UNIT);
    let signed = world.sign(&plan).await;
    let look = || world.tron.observe(&plan, &signed.tx_hash);
    assert_eq!(look().await, Ok(Observation::Unseen));
    assert_eq!(world.tron.broadcast(&signed, 0).await, SendHint::Accepted);
    assert_eq!(look().await, Ok(Observation::Pending));
    let height = world.control.produce_block();
    assert_eq!(look().await, Ok(Observation::Pending), "its block may still go");
    world.control.solidify();
    let Ok(Observation::Final { block, outcome, fee }) = look().await else { panic!("final") };
    assert_eq!(outcome, Outcome::Done);
    assert_eq!((block.height, block.hash), (height, world.control.block(height).unwrap().id));
    let oracle = world.control.oracle();
    let execution = oracle.execution(&signed.tx_hash).unwrap();
    assert_eq!(i64::try_from(fee).unwrap(), execution.fee_sun);
    assert_eq!(oracle.transfers_between(at(&hot()), stranger(1)).len(), 1);
}

#[tokio::test]
async fn lost_replies_pay_once() {
    let lost = [
        FaultKind::Drop { done: true },
        FaultKind::Truncated { done: true },
        FaultKind::Html { done: true },
        FaultKind::Hang { done: true },
    ];
    for kind in lost {
        let world = World::new().await;
        let tron = world.adapter(|config| config.timeouts.answer = 3_000);
        let plan = delivery(&stranger(1).to_string(), UNIT);
        let signed = world.sign(&plan).await;
        world.control.add_fault(Fault::once(Endpoint::BroadcastHex, kind.clone()));
        let hint = tron.broadcast(&signed, 0).await;
        assert!(matches!(hint, SendHint::NoAnswer(_)), "{kind:?}: {hint:?}");
        for nth in 0..4 {
            let hint = tron.broadcast(&signed, nth).await;
            assert!(matches!(hint, SendHint::Known | SendHint::Accepted), "{kind:?}: {hint:?}");
        }
        world.control.solidify();
        assert_eq!(tron.broadcast(&signed, 1).await, SendHint::Known);
        assert_eq!(world.control.oracle().transfers_of(&signed.tx_hash).len(), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn a_node_that_forgets_what_it_took_is_no_obstacle() {
    let world = World::new().await;
    let plan = delivery(&stranger(1).to_string(), UNIT);
    let signed = world.sign(&plan).await;
    let forgets = Fault::always(Endpoint::BroadcastHex, FaultKind::AcceptThenDrop);
    world.control.add_fault(forgets.on_node(0));
    assert_eq!(world.tron.broadcast(&signed, 0).await, SendHint::Accepted);
    // It remembers the id, and has nothing to show.
    assert_eq!(world.tron.broadcast(&signed, 2).await, SendHint::Known);
    world.control.solidify();
    assert_eq!(world.tron.observe(&plan, &signed.tx_hash).await, Ok(Observation::Unseen));
    assert_eq!(world.tron.broadcast(&signed, 1).await, SendHint::Accepted);
    world.control.solidify();
    let seen = world.tron.observe(&plan, &signed.tx_hash).await.unwrap();
    assert!(matches!(seen, Observation::Final { outcome: Outcome::Done, .. }), "{seen:?}");
}

#[tokio::test]
async fn the_words_of_nodes_become_hints() {
    use BroadcastCode as Code;
    let world = World::new().await;
    let plan = delivery(&stranger(1).to_string(), UNIT);
    let signed = world.sign(&plan).await;
    let rows = [
        (Code::DupTransactionError, "Known"),
        (Code::TransactionExpirationError, "Expired"),
        (Code::ServerBusy, "NoAnswer"),
        (Code::NoConnection, "NoAnswer"),
        (Code::NotEnoughEffectiveConnection, "NoAnswer"),
        (Code::BlockUnsolidified, "NoAnswer"),
        (Code::OtherError, "NoAnswer"),
        (Code::TaposError, "Refused"),
        (Code::SigError, "Refused"),
        (Code::TooBigTransactionError, "Refused"),
        (Code::ContractValidateError, "Refused"),
        (Code::BandwithError, "Refused"),
    ];
    for (code, word) in rows {
        world.control.clear_faults();
        world.fault(Endpoint::BroadcastHex, FaultKind::Refuse(code));
        let hint = world.tron.broadcast(&signed, 0).await;
        assert!(format!("{hint:?}").starts_with(word), "{code:?}: {hint:?}");
    }
    for kind in [FaultKind::Forbidden, FaultKind::Unavailable, FaultKind::Error("e".to_owned())] {
        world.control.clear_faults();
        world.fault(Endpoint::BroadcastHex, kind);
        assert!(matches!(world.tron.broadcast(&signed, 0).await, SendHint::NoAnswer(_)));
    }
    world.control.clear_faults();
    world.fault(Endpoint::BroadcastHex, FaultKind::WrongTxid);
    assert!(matches!(world.tron.broadcast(&signed, 0).await, SendHint::Refused(_)));
}

#[tokio::test]
async fn bytes_past_their_time_are_told_so() {
    let world = World::new().await;
    let plan = delivery(&stranger(1).to_string(), UNIT);
    let signed = world.sign(&plan).await;
    world.control.produce_empty_blocks(230);
    assert!(matches!(world.tron.broadcast(&signed, 0).await, SendHint::Expired(_)));
}

#[tokio::test]
async fn equal_transfers_differ_by_their_sequence() {
    let world = World::new().await;
    let plan = delivery(&stranger(1).to_string(), UNIT);
    let prepared = world.tron.prepare(&plan, None).await.unwrap();
    let one = world.signed(&plan, prepared.terms.clone(), prepared.sequence);
    let same = world.signed(&plan, prepared.terms.clone(), prepared.sequence);
    let two = world.signed(&plan, prepared.terms, prepared.sequence + 1);
    assert_eq!(one, same);
    assert_ne!(one.tx_hash, two.tx_hash);
    for signed in [&one, &two] {
        assert_eq!(world.tron.broadcast(signed, 0).await, SendHint::Accepted);
    }
    world.control.solidify();
    assert_eq!(world.control.oracle().transfers_between(at(&hot()), stranger(1)).len(), 2);
}
