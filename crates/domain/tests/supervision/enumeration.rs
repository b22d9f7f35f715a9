//! Every state of an order × stage of its job × lease × review × breaker × chain.

use domain::address::Network;
use domain::chain::{BlockRef, Cursor};
use domain::ids::{CollectionId, OrderId};
use domain::order::{CancelReason, HoldReason, OrderState, RefundReason};
use domain::rail::{Circuit, CircuitState};
use domain::supervision::{
    Judgement, OpenJob, OpenOrder, SupervisionSchedule, Surroundings, Tardy, judge_chains,
    judge_circuit, judge_job, judge_order,
};
use domain::testing::samples::NOW;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

const ORDER: OrderId = OrderId(Uuid::from_u128(7));

/// What moves an order in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Job(&'static str),
    Deadline,
    ChainsDeadline,
    Finality,
    Operator,
    Nobody,
}

fn states() -> Vec<(OrderState, By)> {
    let asked = OrderState::AwaitingPayment { collection: Some(CollectionId(Uuid::nil())) };
    let held = |was| OrderState::OnHold { was: Box::new(was), reason: HoldReason::ByOperator };
    let refund = RefundReason::Underpaid;
    vec![
        (OrderState::AwaitingPayment { collection: None }, By::Deadline),
        (asked, By::Job("request_collection")),
        (OrderState::Delivering, By::Job("deliver")),
        (OrderState::DeliveryConfirming, By::Job("deliver")),
        (OrderState::AwaitingDeposit, By::ChainsDeadline),
        (OrderState::DepositConfirming, By::Finality),
        (OrderState::PayingOut, By::Job("pay_out")),
        (OrderState::Refunding { reason: refund }, By::Job("refund_fiat")),
        (OrderState::Refunding { reason: refund }, By::Job("refund_crypto")),
        (held(OrderState::PayingOut), By::Operator),
        (held(OrderState::Delivering), By::Operator),
        (OrderState::Completed, By::Nobody),
        (OrderState::Cancelled { reason: CancelReason::Expired }, By::Nobody),
        (OrderState::Refunded { reason: refund }, By::Nobody),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Missing,
    OfAnotherKind,
    NotDue,
    JustDue,
    LongDue,
    Leased,
    LeaseJustOver,
    LeaseLongOver,
    /// Tried for longer than anything takes.
    Old,
}

const STAGES: [Stage; 9] = [
    Stage::Missing,
    Stage::OfAnotherKind,
    Stage::NotDue,
    Stage::JustDue,
    Stage::LongDue,
    Stage::Leased,
    Stage::LeaseJustOver,
    Stage::LeaseLongOver,
    Stage::Old,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ChainIs {
    Watched,
    Unwatched,
    Standing,
    Halted,
    /// And every block up to the deadline was read long ago.
    Past,
}

const CHAINS: [ChainIs; 5] =
    [ChainIs::Watched, ChainIs::Unwatched, ChainIs::Standing, ChainIs::Halted, ChainIs::Past];

fn ago(minutes: i64) -> OffsetDateTime {
    NOW - Duration::minutes(minutes)
}

fn job(kind: &str, stage: Stage) -> Option<OpenJob> {
    let (available, leased) = match stage {
        Stage::Missing => return None,
        Stage::NotDue | Stage::Old => (ago(-1), None),
        Stage::JustDue | Stage::OfAnotherKind => (ago(1), None),
        Stage::LongDue => (ago(6), None),
        Stage::Leased => (ago(30), Some(ago(-1))),
        Stage::LeaseJustOver => (ago(30), Some(ago(1))),
        Stage::LeaseLongOver => (ago(30), Some(ago(6))),
    };
    Some(OpenJob {
        id: 1,
        order_id: ORDER,
        kind: if stage == Stage::OfAnotherKind { "sweep" } else { kind }.to_owned(),
        key: "key".to_owned(),
        attempts: 3,
        created_at: if stage == Stage::Old { ago(60 * 24 * 3) } else { ago(40) },
        available_at: available,
        leased_until: leased,
        last_error: None,
    })
}

fn cursor(chain: ChainIs) -> Option<Cursor> {
    let block = |height| BlockRef { height, hash: "hash".to_owned() };
    let passed = if chain == ChainIs::Past { ago(0) } else { ago(400) };
    (chain != ChainIs::Unwatched).then(|| Cursor {
        network: Network::Tron,
        last: block(9),
        last_time: passed,
        finality: block(9),
        final_time: passed,
        head: 9,
        halted: (chain == ChainIs::Halted).then(|| "a deep re-org".to_owned()),
        updated_at: if chain == ChainIs::Standing { ago(11) } else { ago(1) },
    })
}

fn around(chain: ChainIs, state: CircuitState) -> Surroundings {
    Surroundings {
        now: NOW,
        circuit: Circuit::new(state, None, ago(1)),
        cursors: cursor(chain).into_iter().collect(),
        schedule: SupervisionSchedule::default(),
    }
}

/// The rule, said again: who moves the order, and is he there?
fn moves(by: By, stage: Stage, age: i64, chain: ChainIs) -> bool {
    match by {
        By::Nobody => true,
        By::Job(_) => !matches!(stage, Stage::Missing | Stage::OfAnotherKind),
        By::Operator => false,
        // The deadline is half an hour after the order is as it is.
        By::Deadline => age <= 40,
        By::ChainsDeadline => age <= 40 || chain != ChainIs::Past || age < 50,
        By::Finality => age <= 180,
    }
}

fn needs_chain(by: By) -> bool {
    matches!(by, By::Job("deliver") | By::ChainsDeadline | By::Finality)
}

/// Calls `case` for each combination, with a name for it.
fn everything(mut case: impl FnMut(&str, (By, Stage, i64, ChainIs), &OpenOrder, &Surroundings)) {
    for (state, by) in states() {
        for stage in STAGES {
            for chain in CHAINS {
                for circuit in CircuitState::ALL {
                    for (age, has_review) in
                        [(0, false), (20, false), (20, true), (60, false), (60, true), (200, false)]
                    {
                        let order = OpenOrder {
                            id: ORDER,
                            state: Some(state.clone()),
                            state_since: ago(age),
                            expires_at: ago(age) + Duration::minutes(30),
                            created_at: ago(age),
                            network: Network::Tron,
                            has_review,
                        };
                        let name =
                            format!("{state:?} {stage:?} {chain:?} {circuit:?} {age} {has_review}");
                        case(&name, (by, stage, age, chain), &order, &around(chain, circuit));
                    }
                }
            }
        }
    }
}

fn kind(by: By) -> &'static str {
    if let By::Job(kind) = by { kind } else { "fund_gas" }
}

#[test]
fn each_order_that_nothing_moves_is_found_and_none_that_something_does() {
    let (mut stuck, mut moving) = (0, 0);
    everything(|name, (by, stage, age, chain), order, around| {
        let jobs: Vec<_> = job(kind(by), stage).into_iter().collect();
        let is_settling = age == 0;
        let is_dead = !moves(by, stage, age, chain) && !order.has_review && !is_settling;
        let unwatched = chain == ChainIs::Unwatched && needs_chain(by) && age > 5;
        match judge_order(order, &jobs, around) {
            Judgement::Stuck(finding) => {
                assert!(is_dead, "{name}: {}", finding.detail);
                assert_eq!(finding.order_id, Some(ORDER), "{name}");
                assert!(finding.detail.contains(&ORDER.to_string()), "{name}: {}", finding.detail);
                stuck += 1;
            }
            Judgement::Unwatched => assert!(unwatched && !order.has_review && !is_dead, "{name}"),
            Judgement::Moves => {
                assert!(!is_dead, "{name}");
                assert!(!unwatched || order.has_review, "{name}");
                moving += 1;
            }
        }
    });
    assert!(stuck > 500 && moving > 5_000, "{stuck} {moving}");
}

#[test]
fn each_job_that_nobody_does_is_found_and_none_that_somebody_does() {
    let (mut unclaimed, mut late) = (0, 0);
    everything(|name, (by, stage, age, _), order, around| {
        let By::Job(kind) = by else { return };
        let Some(job) = job(kind, stage) else { return };
        let is_unclaimed = matches!(stage, Stage::LongDue | Stage::LeaseLongOver);
        let is_shillings = matches!(job.kind.as_str(), "pay_out" | "refund_fiat");
        // Without its order it is as old as it is; with it, no older than the order's state.
        let limit = if is_shillings { 180 } else { 120 };
        for order in [None, Some(order)] {
            let known = order.is_some_and(|order| order.has_review);
            let is_old = stage == Stage::Old && (order.is_none() || age > limit);
            // The breaker of these surroundings has changed a minute ago, and shillings wait for it.
            let is_late = is_old && !known && !is_shillings;
            match judge_job(&job, order, around) {
                Some(Tardy::Unclaimed(_)) => {
                    assert!(is_unclaimed, "{name}");
                    unclaimed += 1;
                }
                Some(Tardy::Late(finding)) => {
                    assert!(is_late, "{name}: {}", finding.detail);
                    assert!(finding.detail.contains(&job.kind), "{name}: {}", finding.detail);
                    late += 1;
                }
                None => assert!(!is_unclaimed && !is_late, "{name} {order:?}"),
            }
        }
    });
    assert!(unclaimed > 100 && late > 10, "{unclaimed} {late}");
}

#[test]
fn shillings_are_late_once_the_breaker_has_been_closed_for_that_long() {
    let mut around = around(ChainIs::Watched, CircuitState::Closed);
    let job = job("pay_out", Stage::Old).expect("a job");
    assert_eq!(judge_job(&job, None, &around), None);
    around.circuit.since = ago(60 * 24);
    assert!(matches!(judge_job(&job, None, &around), Some(Tardy::Late(_))));
}

#[test]
fn what_fails_again_and_again_is_late_before_it_is_old() {
    let around = around(ChainIs::Watched, CircuitState::Closed);
    let mut job = job("request_collection", Stage::NotDue).expect("a job");
    for (attempts, error, is_late) in
        [(60, Some("no"), false), (61, None, false), (61, Some("no"), true)]
    {
        (job.attempts, job.last_error) = (attempts, error.map(str::to_owned));
        assert_eq!(judge_job(&job, None, &around).is_some(), is_late, "{attempts} {error:?}");
    }
}

#[test]
fn a_breaker_that_is_open_or_probes_for_too_long_is_found_and_no_other() {
    for (state, minutes, is_found) in [
        (CircuitState::Closed, 999, false),
        (CircuitState::Probing, 9, false),
        (CircuitState::Probing, 11, true),
        (CircuitState::Open, 1, false),
        (CircuitState::Open, 2, true),
    ] {
        let mut around = around(ChainIs::Watched, state);
        around.circuit.since = ago(minutes);
        assert_eq!(judge_circuit(&around).is_some(), is_found, "{state:?} for {minutes} minutes");
    }
}

#[test]
fn a_chain_that_stands_is_halted_or_is_watched_by_nobody_is_found() {
    for chain in CHAINS {
        let around = around(chain, CircuitState::Closed);
        let found = judge_chains(&around, &[]);
        let is_wrong = matches!(chain, ChainIs::Standing | ChainIs::Halted);
        assert_eq!(found.len(), usize::from(is_wrong), "{chain:?}: {found:?}");
    }
}

#[test]
fn a_state_that_cannot_be_read_is_found() {
    let order = OpenOrder {
        id: ORDER,
        state: None,
        state_since: ago(1),
        expires_at: ago(-30),
        created_at: ago(1),
        network: Network::Tron,
        has_review: false,
    };
    let judged = judge_order(&order, &[], &around(ChainIs::Watched, CircuitState::Closed));
    assert!(matches!(judged, Judgement::Stuck(_)), "{judged:?}");
}
