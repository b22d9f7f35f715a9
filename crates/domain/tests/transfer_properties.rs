//! What holds of a transfer whatever it is told, in whatever order: never two signatures that could both
//! execute, no end without evidence.

use std::collections::BTreeSet;

use domain::address::Network;
use domain::chain::transfer::{
    AttemptState, Consequence, Death, Fault, Observation, Outcome, Plan, Purpose, Signed, Terms,
    TransferFact, TransferState, TransferStep, Wallet,
};
use domain::chain::{BlockRef, ChainTempo, Transfer, Value};
use domain::ids::OrderId;
use domain::order::{Order, OrderEvent, OrderState, RefundOf, Transition, transition};
use domain::testing::matrix::facts::paid;
use domain::testing::samples::{self, NOW, fiat};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use time::Duration;
use uuid::Uuid;

/// What the treasurer might come across; `which` picks one of the signatures.
#[derive(Debug, Clone, Copy)]
enum Move {
    /// Whatever the step asks for: a signature or a broadcast.
    Go,
    /// A signature that nobody asked for, under the living sequence or another.
    Sign {
        same: bool,
    },
    See(usize, u8),
    Die(u8),
    Unsendable,
    Blocked,
}

fn moves() -> impl Strategy<Value = (bool, bool, Vec<Move>)> {
    let one = prop_oneof![
        5 => Just(Move::Go),
        1 => any::<bool>().prop_map(|same| Move::Sign { same }),
        4 => (0..6_usize, 0..7_u8).prop_map(|(which, what)| Move::See(which, what)),
        2 => (0..4_u8).prop_map(Move::Die),
        1 => Just(Move::Unsendable),
        1 => Just(Move::Blocked),
    ];
    (any::<bool>(), any::<bool>(), prop::collection::vec(one, 0..40))
}

fn transfer(is_tron: bool, is_delivery: bool) -> Transfer {
    let purpose =
        if is_delivery { Purpose::Delivery } else { Purpose::Refund { refund: RefundOf::Order } };
    let network = if is_tron { Network::Tron } else { Network::Ethereum };
    let plan = Plan {
        key: "key".into(),
        order_id: OrderId(Uuid::from_u128(1)),
        purpose,
        network,
        wallet: Wallet::Hot,
        from: "hot".into(),
        to: "customer".into(),
        value: Value::Native { units: 1 },
    };
    Transfer::planned(plan, NOW)
}

fn signed(transfer: &Transfer, sequence: u64) -> Signed {
    let terms = match transfer.plan.network {
        Network::Tron => {
            Terms::Tron { ref_height: 1, ref_hash: "r".into(), expiration_ms: 1, fee_limit: 1 }
        }
        Network::Ethereum => Terms::Ethereum { gas_limit: 1, max_fee: 1, max_tip: 1 },
    };
    let tx_hash = format!("0x{}", transfer.attempts.len());
    Signed { tx_hash, raw: vec![], sequence, terms }
}

fn observation(what: u8) -> Observation {
    let block = BlockRef { height: 1, hash: "b".into() };
    let failed = |fault| Outcome::Failed { fault, detail: "reverted".into() };
    let ended = |outcome| Observation::Final { block: block.clone(), outcome, fee: 1 };
    match what {
        0 => Observation::Unseen,
        1 => Observation::Pending,
        2 => Observation::Included(block),
        3 => ended(Outcome::Done),
        4 => ended(failed(Fault::Sender)),
        5 => ended(failed(Fault::Receiver)),
        _ => ended(Outcome::Unclear("no log".into())),
    }
}

fn fact(transfer: &Transfer, next: Move) -> Option<TransferFact> {
    let living = transfer.live().last().map(|attempt| attempt.signed.sequence);
    let fresh = u64::try_from(transfer.attempts.len()).expect("few") + 100;
    match next {
        Move::Go => match transfer.next_step() {
            TransferStep::Sign => Some(TransferFact::Signed(signed(transfer, fresh))),
            TransferStep::Send { tx_hash } => Some(TransferFact::Sending { tx_hash }),
            TransferStep::Look | TransferStep::Wait | TransferStep::Finish => None,
        },
        Move::Sign { same } => {
            let sequence = living.filter(|_| same).unwrap_or(fresh);
            Some(TransferFact::Signed(signed(transfer, sequence)))
        }
        Move::See(which, what) => {
            let attempt = transfer.attempts.get(which)?;
            let tx_hash = attempt.signed.tx_hash.clone();
            Some(TransferFact::Observed { tx_hash, observation: observation(what) })
        }
        Move::Die(how) => Some(TransferFact::Died(match how {
            0 => Death::Expired { solid_height: 1 },
            1 => Death::NonceTaken { by: None },
            2 => Death::NonceTaken { by: Some("0xelse".into()) },
            _ => Death::NonceTaken {
                by: transfer.attempts.first().map(|a| a.signed.tx_hash.clone()),
            },
        })),
        Move::Unsendable => Some(TransferFact::Unsendable { detail: "no".into() }),
        Move::Blocked => Some(TransferFact::Blocked { detail: "no".into() }),
    }
}

struct Step {
    before: Transfer,
    fact: TransferFact,
    after: Transfer,
    said: Vec<Consequence>,
}

fn live((is_tron, is_delivery, moves): (bool, bool, Vec<Move>)) -> Vec<Step> {
    let mut transfer = transfer(is_tron, is_delivery);
    let mut steps = vec![];
    for (next, second) in moves.into_iter().zip(0..) {
        let Some(fact) = fact(&transfer, next) else { continue };
        let before = transfer.clone();
        let at = NOW + Duration::seconds(second);
        let said = transfer.learn(fact.clone(), &ChainTempo::default(), at);
        steps.push(Step { before, fact, after: transfer.clone(), said });
    }
    steps
}

fn told(step: &Step) -> Vec<&OrderEvent> {
    step.said.iter().filter_map(event_of).collect()
}

fn event_of(consequence: &Consequence) -> Option<&OrderEvent> {
    if let Consequence::Tell(event) = consequence { Some(event) } else { None }
}

fn is_rise(step: &Step) -> bool {
    step.after.attempts.iter().zip(&step.before.attempts).any(|(after, before)| {
        after.state == AttemptState::Done && !before.state.is_live() && before.state != after.state
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn one_generation_lives_and_its_variants_share_a_nonce(moves in moves()) {
        for Step { after, .. } in live(moves) {
            let places: BTreeSet<_> = after.live().map(|a| (a.generation, a.signed.sequence)).collect();
            prop_assert!(places.len() <= 1, "{places:?}");
            let is_tron = after.plan.network == Network::Tron;
            prop_assert!(after.live().count() <= 1 || !is_tron);
            prop_assert_eq!(after.live().next().is_some(), after.state == TransferState::InFlight);
        }
    }

    #[test]
    fn a_generation_needs_the_death_of_all_before(moves in moves()) {
        for Step { before, after, .. } in live(moves) {
            for new in after.attempts.iter().skip(before.attempts.len()) {
                let older = before.attempts.iter().filter(|a| a.generation < new.generation);
                prop_assert!(older.into_iter().all(|a| a.death.is_some() && !a.state.is_live()));
                prop_assert!(new.generation <= 3);
                prop_assert!(before.state != TransferState::Done && before.state != TransferState::Failed);
            }
        }
    }

    #[test]
    fn nothing_is_signed_beside_what_lives_or_is_done(moves in moves()) {
        for Step { after, .. } in live(moves) {
            let is_done = after.attempts.iter().any(|a| a.state == AttemptState::Done);
            let may_execute = after.live().next().is_some();
            prop_assert!(after.next_step() != TransferStep::Sign || !(may_execute || is_done));
        }
    }

    /// Without a final transaction, a proof, or a receiver that cannot be sent to, nothing ends.
    #[test]
    fn only_evidence_ends_a_transfer(moves in moves()) {
        for Step { before, fact, after, .. } in live(moves) {
            let is_evidence = matches!(
                fact,
                TransferFact::Observed { observation: Observation::Final { .. }, .. }
                    | TransferFact::Died(_)
                    | TransferFact::Unsendable { .. }
            );
            let died = |t: &Transfer| t.attempts.iter().filter(|a| !a.state.is_live()).count();
            prop_assert!(died(&after) == died(&before) || is_evidence, "{fact:?}");
            let ended = after.state != before.state
                && matches!(after.state, TransferState::Done | TransferState::Failed);
            prop_assert!(!ended || is_evidence, "{fact:?}");
        }
    }

    #[test]
    fn a_job_is_done_only_when_its_transfer_is(moves in moves()) {
        for Step { after, .. } in live(moves) {
            let is_over = matches!(after.state, TransferState::Done | TransferState::Failed);
            prop_assert_eq!(after.due_again(&ChainTempo::default(), NOW).is_none(), is_over);
        }
    }

    #[test]
    fn what_is_done_stays_done(moves in moves()) {
        for step in live(moves) {
            if step.before.state == TransferState::Done {
                prop_assert_eq!(step.after.state, TransferState::Done);
                let speaks = !step.said.is_empty();
                prop_assert!(!speaks || is_rise(&step), "{:?}", step.fact);
            }
        }
    }

    /// A final word about the order is told once, unless what was proven dead executes.
    #[test]
    fn the_last_word_is_told_once(moves in moves()) {
        let mut words = 0;
        for step in live(moves) {
            let is_last = |event: &&&OrderEvent| matches!(
                event,
                OrderEvent::DeliveryFinal { .. }
                    | OrderEvent::DeliveryFailed { .. }
                    | OrderEvent::RefundConfirmed { .. }
                    | OrderEvent::RefundFailed { .. }
            );
            if is_rise(&step) {
                return Ok(());
            }
            words += told(&step).iter().filter(is_last).count();
            prop_assert!(words <= 1);
        }
    }

    /// The order and the transfer agree: told all of it, the order is never stopped by a contradiction,
    /// waits for a signature when one may be made, and is free for a refund only when nothing lives.
    #[test]
    fn the_order_keeps_up_with_its_delivery((is_tron, _, moves) in moves()) {
        let mut order = apply(samples::order(&samples::place_buy(), 1), &paid("PAID", fiat("175200")));
        for step in live((is_tron, true, moves)) {
            if is_rise(&step) {
                return Ok(());
            }
            let is_anew = step.after.next_generation() > step.before.next_generation();
            if is_anew {
                order = apply(order, &OrderEvent::DeliveryStarted);
            }
            for event in told(&step) {
                order = apply(order, event);
            }
            let frozen = step.after.next_step() == TransferStep::Wait;
            let lives = step.after.live().next().is_some();
            prop_assert!(!lives || order.evidence.delivery_started, "{:?}", step.fact);
            let state = match step.after.state {
                TransferState::Done => &OrderState::Completed,
                TransferState::InFlight if step.after.live().any(|a| a.sends > 0) => &OrderState::DeliveryConfirming,
                TransferState::Failed => {
                    prop_assert!(matches!(order.state, OrderState::Refunding { .. }), "{:?}", order.state);
                    continue;
                }
                TransferState::Planned if frozen => continue,
                TransferState::Planned | TransferState::InFlight => &OrderState::Delivering,
            };
            prop_assert_eq!(&order.state, state, "{:?}", step.fact);
            let hash = order.evidence.delivery.as_ref().map(|d| d.tx_hash.clone());
            if order.state == OrderState::DeliveryConfirming {
                let known = step.after.live().any(|a| Some(&a.signed.tx_hash) == hash.as_ref());
                prop_assert!(known, "{hash:?}");
            }
        }
    }
}

fn apply(order: Order, event: &OrderEvent) -> Order {
    match transition(order, event) {
        Ok(Transition::Applied { order, .. } | Transition::AlreadyApplied(order)) => *order,
        Err(refused) => panic!("{event:?} was refused: {refused}"),
    }
}

/// The properties say nothing if the moves go nowhere.
#[test]
fn the_moves_reach_every_state_and_step() {
    let mut runner = TestRunner::deterministic();
    let (mut states, mut attempts, mut steps) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for _ in 0..500 {
        let moves = moves().new_tree(&mut runner).unwrap().current();
        for Step { after, .. } in live(moves) {
            states.insert(after.state.as_str());
            attempts.extend(after.attempts.iter().map(|a| a.state.as_str()));
            steps.insert(format!("{:?}", std::mem::discriminant(&after.next_step())));
        }
    }
    assert_eq!((states.len(), attempts.len(), steps.len()), (4, 6, 5), "{states:?} {attempts:?}");
}
