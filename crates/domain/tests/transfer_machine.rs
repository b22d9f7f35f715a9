//! What every fact makes of a transfer, however its signatures stand; written from the rules.

use domain::address::Network;
use domain::chain::transfer::{
    AttemptState as A, Consequence, Death, Fault, Observation, Outcome, Plan, Purpose, Remedy,
    Signed, Terms, TransferFact as F, TransferState as T, TransferStep, Wallet,
};
use domain::chain::{BlockRef, ChainTempo, Transfer, Value};
use domain::offer::Asset;
use domain::order::{OrderEvent, RefundOf};
use domain::rail::RailReview;
use domain::testing::matrix::facts::{
    broadcast, delivered, delivery_failed, delivery_stopped, refund_failed, refunded,
};
use domain::testing::samples::{self, NOW, crypto};
use time::{Duration, OffsetDateTime};

fn plan(purpose: Purpose) -> Plan {
    let order = samples::order(&samples::place_buy(), 1);
    Plan {
        key: "key".into(),
        order_id: order.id,
        purpose,
        network: Network::Ethereum,
        wallet: Wallet::Hot,
        from: "0xhot".into(),
        to: "0xcustomer".into(),
        value: Value::Coin { asset: Asset::Usdt, amount: crypto("5") },
    }
}

fn delivery() -> Transfer {
    Transfer::planned(plan(Purpose::Delivery), NOW)
}

fn refund() -> Transfer {
    Transfer::planned(plan(Purpose::Refund { refund: RefundOf::Order }), NOW)
}

fn ethereum(tx_hash: &str, sequence: u64) -> F {
    let terms = Terms::Ethereum { gas_limit: 90_000, max_fee: 20, max_tip: 1 };
    F::Signed(Signed { tx_hash: tx_hash.into(), raw: vec![1], sequence, terms })
}

fn tron(tx_hash: &str, sequence: u64) -> F {
    let terms = Terms::Tron {
        ref_height: 9,
        ref_hash: "r".into(),
        expiration_ms: expiration_ms(),
        fee_limit: 1,
    };
    F::Signed(Signed { tx_hash: tx_hash.into(), raw: vec![1], sequence, terms })
}

/// Two minutes from the samples' now.
fn expiration_ms() -> u64 {
    u64::try_from((after(120) - OffsetDateTime::UNIX_EPOCH).whole_milliseconds()).expect("a time")
}

fn sending(tx_hash: &str) -> F {
    F::Sending { tx_hash: tx_hash.into() }
}

fn block() -> BlockRef {
    BlockRef { height: 7, hash: "0xblock".into() }
}

fn observed(tx_hash: &str, observation: Observation) -> F {
    F::Observed { tx_hash: tx_hash.into(), observation }
}

fn included(tx_hash: &str) -> F {
    observed(tx_hash, Observation::Included(block()))
}

fn ended(tx_hash: &str, outcome: Outcome) -> F {
    observed(tx_hash, Observation::Final { block: block(), outcome, fee: 3 })
}

fn done(tx_hash: &str) -> F {
    ended(tx_hash, Outcome::Done)
}

fn failed(tx_hash: &str, fault: Fault) -> F {
    ended(tx_hash, Outcome::Failed { fault, detail: "reverted".into() })
}

fn unclear(tx_hash: &str) -> F {
    ended(tx_hash, Outcome::Unclear("no log".into()))
}

fn died(death: Death) -> F {
    F::Died(death)
}

fn expired() -> Death {
    Death::Expired { solid_height: 99 }
}

fn taken(by: Option<&str>) -> Death {
    Death::NonceTaken { by: by.map(str::to_owned) }
}

fn after(seconds: i64) -> OffsetDateTime {
    NOW + Duration::seconds(seconds)
}

fn learn(transfer: &mut Transfer, fact: F) -> Vec<Consequence> {
    transfer.learn(fact, &ChainTempo::default(), NOW)
}

fn told(mut transfer: Transfer, facts: Vec<F>) -> Transfer {
    for fact in facts {
        learn(&mut transfer, fact);
    }
    transfer
}

fn tell(event: OrderEvent) -> Vec<Consequence> {
    vec![Consequence::Tell(event)]
}

fn states(transfer: &Transfer) -> Vec<A> {
    transfer.attempts.iter().map(|attempt| attempt.state).collect()
}

fn numbers(transfer: &Transfer) -> Vec<(i32, i32)> {
    transfer.attempts.iter().map(|attempt| (attempt.generation, attempt.variant)).collect()
}

fn kinds(consequences: &[Consequence]) -> Vec<&str> {
    let kind = |consequence: &Consequence| match consequence {
        Consequence::Tell(event) => event.kind(),
        Consequence::Review { kind, .. } => kind.as_str(),
    };
    consequences.iter().map(kind).collect()
}

fn due(transfer: &Transfer) -> Option<Duration> {
    transfer.due_again(&ChainTempo::default(), NOW).map(|due| due - NOW)
}

/// One signature `0xa` in each state that it can be in.
fn single(state: A) -> Transfer {
    let mut facts = vec![ethereum("0xa", 1)];
    if state != A::Signed {
        facts.push(sending("0xa"));
    }
    facts.extend(match state {
        A::Signed | A::Sent => vec![],
        A::Included => vec![included("0xa")],
        A::Done => vec![done("0xa")],
        A::Failed => vec![failed("0xa", Fault::Sender)],
        A::Dead => vec![died(taken(Some("0xelse")))],
    });
    told(delivery(), facts)
}

/// The attempt's state and the transfer's, and who hears of it.
type Row = (A, A, T, Vec<&'static str>);

fn check(name: &str, fact: &F, rows: [Row; 6]) {
    assert_eq!(rows.each_ref().map(|row| row.0), A::ALL, "{name}: every state has its row");
    for (from, attempt, state, hear) in rows {
        let mut transfer = single(from);
        assert_eq!(states(&transfer), [from], "{name}");
        let said = learn(&mut transfer, fact.clone());
        let now = (transfer.attempts[0].state, transfer.state, kinds(&said));
        assert_eq!(now, (attempt, state, hear), "{name}, {from:?}");
    }
}

/// Nothing comes of the fact in the states that a transfer never leaves, or in which nothing lives.
fn unmoved() -> [Row; 3] {
    [
        (A::Done, A::Done, T::Done, vec![]),
        (A::Failed, A::Failed, T::Planned, vec![]),
        (A::Dead, A::Dead, T::Planned, vec![]),
    ]
}

fn rows(living: [Row; 3]) -> [Row; 6] {
    let [signed, sent, included] = living;
    let [done, failed, dead] = unmoved();
    [signed, sent, included, done, failed, dead]
}

#[test]
#[rustfmt::skip] // It is a table: keep it a table.
fn what_a_single_signature_makes_of_its_broadcast_and_its_block() {
    use A::{Dead, Done, Failed, Included, Sent, Signed};
    use T::{InFlight, Planned};
    let stop = || vec!["delivery_stopped"];
    let alarm = || vec!["rail_contradiction"];
    check("sending", &sending("0xa"), rows([
        (Signed, Sent, InFlight, vec!["delivery_broadcast"]),
        (Sent, Sent, InFlight, vec![]),
        (Included, Included, InFlight, vec![]),
    ]));
    for (name, observation) in [("unseen", Observation::Unseen), ("pending", Observation::Pending)] {
        check(name, &observed("0xa", observation), rows([
            (Signed, Signed, InFlight, vec![]),
            (Sent, Sent, InFlight, vec![]),
            (Included, Sent, InFlight, vec![]),
        ]));
    }
    check("included", &included("0xa"), rows([
        (Signed, Included, InFlight, vec![]),
        (Sent, Included, InFlight, vec![]),
        (Included, Included, InFlight, vec![]),
    ]));
    let risen = || vec!["delivery_final", "rail_contradiction"];
    check("done", &done("0xa"), [
        (Signed, Done, T::Done, vec!["delivery_final"]),
        (Sent, Done, T::Done, vec!["delivery_final"]),
        (Included, Done, T::Done, vec!["delivery_final"]),
        (Done, Done, T::Done, vec![]),
        (Failed, Done, T::Done, risen()),
        (Dead, Done, T::Done, risen()),
    ]);
    check("failed, ours", &failed("0xa", Fault::Sender), rows([
        (Signed, Failed, Planned, stop()),
        (Sent, Failed, Planned, stop()),
        (Included, Failed, Planned, stop()),
    ]));
    check("failed, the receiver's", &failed("0xa", Fault::Receiver), rows([
        (Signed, Failed, T::Failed, vec!["delivery_failed"]),
        (Sent, Failed, T::Failed, vec!["delivery_failed"]),
        (Included, Failed, T::Failed, vec!["delivery_failed"]),
    ]));
    check("unclear", &unclear("0xa"), rows([
        (Signed, Included, InFlight, alarm()),
        (Sent, Included, InFlight, alarm()),
        (Included, Included, InFlight, alarm()),
    ]));
    check("another transaction", &done("0xstranger"), rows([
        (Signed, Signed, InFlight, vec![]),
        (Sent, Sent, InFlight, vec![]),
        (Included, Included, InFlight, vec![]),
    ]));
}

#[test]
#[rustfmt::skip] // It is a table: keep it a table.
fn what_a_single_signature_makes_of_proofs_and_obstacles() {
    use A::{Dead, Done, Failed, Included, Sent, Signed};
    use T::{InFlight, Planned};
    let stop = || vec!["delivery_stopped"];
    let alarm = || vec!["rail_contradiction"];
    check("nonce taken by a transfer of ours", &died(taken(Some("0xelse"))), rows([
        (Signed, Dead, Planned, stop()),
        (Sent, Dead, Planned, stop()),
        (Included, Dead, Planned, stop()),
    ]));
    check("nonce taken by a stranger", &died(taken(None)), rows([
        (Signed, Dead, Planned, alarm()),
        (Sent, Dead, Planned, alarm()),
        (Included, Dead, Planned, alarm()),
    ]));
    check("nonce taken by itself", &died(taken(Some("0xa"))), rows([
        (Signed, Signed, InFlight, vec![]),
        (Sent, Sent, InFlight, vec![]),
        (Included, Included, InFlight, vec![]),
    ]));
    check("a nonce does not expire", &died(expired()), rows([
        (Signed, Signed, InFlight, alarm()),
        (Sent, Sent, InFlight, alarm()),
        (Included, Included, InFlight, alarm()),
    ]));
    let blocked = |detail: &str| F::Blocked { detail: detail.into() };
    check("blocked", &blocked("paused"), [
        (Signed, Signed, InFlight, vec!["blocked"]),
        (Sent, Sent, InFlight, vec!["blocked"]),
        (Included, Included, InFlight, vec!["blocked"]),
        (Done, Done, T::Done, vec![]),
        (Failed, Failed, Planned, vec!["blocked"]),
        (Dead, Dead, Planned, vec!["blocked"]),
    ]);
    check("unsendable", &F::Unsendable { detail: "blacklisted".into() }, [
        (Signed, Signed, InFlight, vec!["blocked"]),
        (Sent, Sent, InFlight, vec!["blocked"]),
        (Included, Included, InFlight, vec!["blocked"]),
        (Done, Done, T::Done, vec![]),
        (Failed, Failed, T::Failed, vec!["delivery_failed"]),
        (Dead, Dead, T::Failed, vec!["delivery_failed"]),
    ]);
}

#[test]
fn the_next_step_follows_the_signature() {
    let steps = [
        (A::Signed, TransferStep::Send { tx_hash: "0xa".into() }, Some(0)),
        (A::Sent, TransferStep::Look, Some(3)),
        (A::Included, TransferStep::Look, Some(3)),
        (A::Done, TransferStep::Finish, None),
        (A::Failed, TransferStep::Sign, Some(0)),
        (A::Dead, TransferStep::Sign, Some(0)),
    ];
    for (state, step, seconds) in steps {
        let transfer = single(state);
        assert_eq!(transfer.next_step(), step, "{state:?}");
        assert_eq!(due(&transfer), seconds.map(Duration::seconds), "{state:?}");
    }
    assert_eq!(
        (delivery().next_step(), due(&delivery())),
        (TransferStep::Sign, Some(Duration::ZERO))
    );
}

#[test]
fn variants_share_a_nonce_and_the_first_that_is_final_wins() {
    let facts = vec![ethereum("0xa", 1), sending("0xa"), ethereum("0xb", 1)];
    let mut bumped = told(delivery(), facts);
    assert_eq!(numbers(&bumped), [(1, 0), (1, 1)]);
    assert_eq!(learn(&mut bumped, sending("0xb")), tell(broadcast("0xb")));
    let mut first = bumped.clone();
    assert_eq!(learn(&mut first, done("0xa")), tell(delivered("0xa")));
    assert_eq!((states(&first), first.state), (vec![A::Done, A::Dead], T::Done));
    assert_eq!(first.attempts[1].death, Some(taken(Some("0xa"))));
    assert_eq!(learn(&mut first, unclear("0xb")), [], "what is dead is not asked for");
    let mut reverted = bumped;
    assert_eq!(learn(&mut reverted, failed("0xa", Fault::Sender)), tell(delivery_stopped("0xa")));
    assert_eq!((states(&reverted), reverted.state), (vec![A::Failed, A::Dead], T::Planned));
    let anew = told(reverted, vec![ethereum("0xc", 2)]);
    assert_eq!(numbers(&anew), [(1, 0), (1, 1), (2, 0)]);
}

#[test]
fn what_is_in_a_block_is_not_outbid() {
    let facts = vec![ethereum("0xa", 1), sending("0xa"), ethereum("0xb", 1), included("0xa")];
    let mut transfer = told(delivery(), facts);
    assert_eq!(transfer.next_step(), TransferStep::Look);
    learn(&mut transfer, observed("0xa", Observation::Unseen));
    assert_eq!(transfer.next_step(), TransferStep::Send { tx_hash: "0xb".into() });
}

/// The order knows a group by what was broadcast of it.
#[test]
fn the_death_of_a_group_is_told_by_a_variant_that_was_sent() {
    let facts = vec![ethereum("0xa", 1), sending("0xa"), ethereum("0xb", 1)];
    let mut transfer = told(delivery(), facts);
    let said = learn(&mut transfer, died(taken(Some("0xelse"))));
    assert_eq!(said, tell(delivery_stopped("0xa")));
    let mut unsent = told(delivery(), vec![tron("t1", 1)]);
    assert_eq!(learn(&mut unsent, died(expired())), tell(delivery_stopped("t1")));
}

/// Beside what lives only the same nonce may be signed, and on Tron nothing.
#[test]
fn a_signature_that_nothing_made_room_for_is_not_kept() {
    let other_nonce = (vec![ethereum("0xa", 1)], ethereum("0xb", 2));
    let tron_twice = (vec![tron("t1", 1)], tron("t2", 1));
    let mixed = (vec![tron("t1", 1)], ethereum("0xb", 1));
    let frozen = (vec![ethereum("0xa", 1), died(taken(None))], ethereum("0xb", 2));
    for (before, signed) in [other_nonce, tron_twice, mixed, frozen] {
        let before = told(delivery(), before);
        let mut transfer = before.clone();
        assert_eq!(kinds(&learn(&mut transfer, signed)), ["rail_contradiction"]);
        assert_eq!((transfer.attempts, transfer.state), (before.attempts, before.state));
    }
    for state in [A::Done, A::Failed] {
        let over = match state {
            A::Done => single(A::Done),
            _ => told(single(A::Sent), vec![failed("0xa", Fault::Receiver)]),
        };
        let mut transfer = over.clone();
        assert_eq!(learn(&mut transfer, ethereum("0xb", 2)), []);
        assert_eq!(transfer, over, "what is over is not signed for");
    }
    let again = single(A::Sent);
    assert_eq!(told(again.clone(), vec![ethereum("0xa", 1)]), again, "told twice is told once");
}

#[test]
fn three_generations_then_an_operator() {
    let mut transfer = delivery();
    for (generation, hash) in [(1, "0xa"), (2, "0xb"), (3, "0xc")] {
        assert_eq!(transfer.next_step(), TransferStep::Sign, "{generation}");
        let sequence = u64::try_from(generation).expect("small");
        learn(&mut transfer, ethereum(hash, sequence));
        learn(&mut transfer, sending(hash));
        let said = learn(&mut transfer, failed(hash, Fault::Sender));
        let last = if generation == 3 {
            vec!["delivery_stopped", "blocked"]
        } else {
            vec!["delivery_stopped"]
        };
        assert_eq!(kinds(&said), last);
    }
    assert_eq!((transfer.next_step(), transfer.state), (TransferStep::Wait, T::Planned));
    assert_eq!(due(&transfer), Some(Duration::seconds(300)));
    let unsendable = F::Unsendable { detail: "late".into() };
    assert_eq!(learn(&mut transfer, unsendable), [], "an operator has it");
    assert_eq!(transfer.state, T::Planned);
}

#[test]
fn a_stranger_with_our_key_freezes_the_transfer() {
    let transfer = told(single(A::Sent), vec![died(taken(None))]);
    assert_eq!(transfer.next_step(), TransferStep::Wait);
    assert_eq!(due(&transfer), Some(Duration::seconds(300)));
}

/// It moved something or it did not: whoever says so, it is not signed again before.
#[test]
fn what_is_unclear_is_looked_at_slowly_and_never_signed_anew() {
    let mut transfer = told(single(A::Sent), vec![unclear("0xa")]);
    let late = after(10_000);
    let proofs = [died(taken(Some("0xelse"))), died(taken(None))];
    let facts = [unclear("0xa"), observed("0xa", Observation::Unseen), included("0xa")];
    for fact in facts.into_iter().chain(proofs) {
        assert_eq!(learn(&mut transfer, fact), [], "an operator was called once");
        assert_eq!((transfer.state, transfer.next_step()), (T::InFlight, TransferStep::Look));
        assert_eq!(transfer.remedy(&ChainTempo::default(), late), Remedy::Patience);
        assert_eq!(due(&transfer), Some(Duration::seconds(300)));
    }
    assert_eq!(learn(&mut transfer, done("0xa")), tell(delivered("0xa")), "a better answer");
    assert_eq!(transfer.state, T::Done);
}

#[test]
fn who_hears_depends_on_the_purpose() {
    let sent = || vec![ethereum("0xa", 1), sending("0xa")];
    let purposes = [
        (delivery(), tell(delivered("0xa")), tell(delivery_failed("0xa"))),
        (refund(), tell(refunded(RefundOf::Order, "0xa")), tell(refund_failed(RefundOf::Order))),
    ];
    for (transfer, finished, given_up) in purposes {
        let transfer = told(transfer, sent());
        assert_eq!(learn(&mut transfer.clone(), done("0xa")), finished);
        assert_eq!(learn(&mut transfer.clone(), failed("0xa", Fault::Receiver)), given_up);
    }
    for purpose in [Purpose::Sweep, Purpose::Gas] {
        let transfer = told(Transfer::planned(plan(purpose), NOW), sent());
        assert_eq!(learn(&mut transfer.clone(), done("0xa")), []);
        let said = learn(&mut transfer.clone(), failed("0xa", Fault::Receiver));
        assert_eq!(kinds(&said), ["blocked"]);
        assert_eq!(learn(&mut transfer.clone(), failed("0xa", Fault::Sender)), []);
    }
    let mut stopped = told(refund(), sent());
    assert_eq!(learn(&mut stopped, failed("0xa", Fault::Sender)), []);
    assert_eq!(stopped.next_step(), TransferStep::Sign);
}

#[test]
fn what_cannot_be_sent_is_given_up_before_it_is_signed() {
    let unsendable = || F::Unsendable { detail: "blacklisted".into() };
    let mut transfer = delivery();
    assert_eq!(learn(&mut transfer, unsendable()), tell(delivery_failed("unsent:key")));
    assert_eq!((transfer.state, due(&transfer)), (T::Failed, None));
    let said = learn(&mut refund(), unsendable());
    assert_eq!(said, tell(refund_failed(RefundOf::Order)));
}

/// Time passes, and nothing comes of it but an operator.
#[test]
fn no_clock_ends_what_is_unknown() {
    let mut transfer = single(A::Sent);
    let later = after(3_601);
    let unseen = || observed("0xa", Observation::Unseen);
    let said = transfer.learn(unseen(), &ChainTempo::default(), later);
    assert_eq!(kinds(&said), [RailReview::UnknownExpired.as_str()]);
    assert_eq!((states(&transfer), transfer.state), (vec![A::Sent], T::InFlight));
    let said = transfer.learn(unseen(), &ChainTempo::default(), after(99_999));
    assert_eq!(said, [], "called once");
    assert_eq!(transfer.next_step(), TransferStep::Look);
}

#[test]
fn an_operator_is_called_anew_for_a_new_signature() {
    let blocked = || F::Blocked { detail: "no coin".into() };
    let mut transfer = delivery();
    assert_eq!(kinds(&learn(&mut transfer, blocked())), ["blocked"]);
    assert_eq!(learn(&mut transfer, blocked()), []);
    let mut signed = told(transfer, vec![ethereum("0xa", 1), sending("0xa")]);
    let unseen = observed("0xa", Observation::Unseen);
    let said = signed.learn(unseen, &ChainTempo::default(), after(3_601));
    assert_eq!(kinds(&said), ["unknown_expired"]);
}

#[test]
fn remedies_come_in_their_time() {
    let tempo = ChainTempo::default();
    let resend = |hash: &str| Remedy::Resend { tx_hash: hash.into() };
    let sent = single(A::Sent);
    assert_eq!(sent.remedy(&tempo, after(19)), Remedy::Patience);
    assert_eq!(sent.remedy(&tempo, after(20)), resend("0xa"));
    assert_eq!(sent.remedy(&tempo, after(90)), Remedy::Bump);
    assert_eq!(single(A::Included).remedy(&tempo, after(900)), Remedy::Patience);
    assert_eq!(delivery().remedy(&tempo, after(900)), Remedy::Patience);
    let on_tron = told(delivery(), vec![tron("t1", 1), sending("t1")]);
    assert_eq!(on_tron.remedy(&tempo, after(119)), resend("t1"));
    assert_eq!(on_tron.remedy(&tempo, after(120)), Remedy::ProveDeath);
    let mut most = sent;
    for variant in 1..=10 {
        let hash = format!("0xb{variant}");
        most = told(most, vec![ethereum(&hash, 1), sending(&hash)]);
    }
    assert_eq!(most.remedy(&tempo, after(900)), resend("0xb10"), "no more than ten");
}
