//! What arrives at an address of ours, and where it ends: every transfer in exactly one disposition.

use Disposition as D;
use domain::address::Network;
use domain::chain::arrival::{Arrival, Disposition, Nature, Return};
use domain::chain::{BlockRef, Sighting};
use domain::offer::Asset;
use domain::order::{
    Deposit, DepositStage as Stage, Order, OrderEvent, PayoutFailure, RefundOf, Transition,
    transition,
};
use domain::testing::matrix::facts::*;
use domain::testing::samples::{self, NOW, crypto};
use time::{Duration, OffsetDateTime};

fn order() -> Order {
    samples::order(&samples::place_sell(), 2)
}

fn told(order: Order, events: &[OrderEvent]) -> Order {
    events.iter().fold(order, |order, event| match transition(order, event) {
        Ok(Transition::Applied { order, .. }) => *order,
        other => panic!("{event:?} was not applied: {other:?}"),
    })
}

fn at(hash: &str, amount: &str, stage: Stage, block_time: OffsetDateTime) -> Arrival {
    let sighting = Sighting {
        id: deposit_id(hash),
        token: "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t".into(),
        asset: Some(Asset::Usdt),
        from: "TSender".into(),
        to: "T-escrow-2".into(),
        units: "0".into(),
        amount: Some(crypto(amount)),
        block: BlockRef { height: 100, hash: "block".into() },
        block_time,
    };
    let told = Some(stage);
    Arrival {
        sighting,
        order_id: order().id,
        stage,
        told,
        detected_at: NOW,
        troubles: 0,
        returned: None,
    }
}

fn arrival(hash: &str, amount: &str, stage: Stage) -> Arrival {
    at(hash, amount, stage, due())
}

/// The order is told of the arrivals, one after the other, each as it stands.
fn hears(order: Order, arrivals: &[&Arrival]) -> Order {
    arrivals.iter().fold(order, |order, arrival| {
        let Nature::Deposit(amount) = arrival.nature(&order) else { return order };
        told(order, &[arrival.event(amount, 120)])
    })
}

#[test]
fn only_the_orders_own_coin_is_a_deposit() {
    let plain = || arrival("a", "5", Stage::Seen);
    let with = |asset, amount: Option<&str>| {
        let mut arrival = plain();
        arrival.sighting.asset = asset;
        arrival.sighting.amount = amount.map(crypto);
        arrival.nature(&order())
    };
    let usdt = Some(Asset::Usdt);
    assert_eq!(with(usdt, Some("5")), Nature::Deposit(crypto("5")));
    assert_eq!(with(usdt, Some("0.01")), Nature::Deposit(crypto("0.01")));
    assert_eq!(with(usdt, Some("0.009999")), Nature::Dust(crypto("0.009999")));
    assert_eq!(with(usdt, Some("0")), Nature::Dust(crypto("0")));
    assert_eq!(with(Some(Asset::Usdc), Some("5")), Nature::WrongToken(crypto("5")));
    assert_eq!(with(Some(Asset::Usdc), Some("0.001")), Nature::Dust(crypto("0.001")));
    assert_eq!(with(usdt, None), Nature::Unreadable);
    assert_eq!(with(None, Some("5")), Nature::LookAlike);
    let native = |network, coin: &str, units: &str| {
        let mut arrival = arrival("a", "1", Stage::Final);
        arrival.sighting.asset = None;
        arrival.sighting.amount = None;
        arrival.sighting.id.network = network;
        arrival.sighting.token = coin.to_owned();
        arrival.sighting.units = units.to_owned();
        arrival.nature(&order())
    };
    assert_eq!(native(Network::Tron, "TRX", "1000000"), Nature::Native(1_000_000));
    assert_eq!(native(Network::Tron, "TRX", "999999"), Nature::NativeDust(999_999));
    let (least, wei) = ("100000000000000", 100_000_000_000_000);
    assert_eq!(native(Network::Ethereum, "ETH", least), Nature::Native(wei));
    assert_eq!(native(Network::Ethereum, "ETH", "99999999999999"), Nature::NativeDust(wei - 1));
    assert_eq!(native(Network::Ethereum, "ETH", &"9".repeat(30)), Nature::Unreadable);
    assert_eq!(native(Network::Tron, "ETH", "1000000"), Nature::LookAlike, "not that chain's");
    assert_eq!(with(None, None), Nature::LookAlike);
}

#[test]
fn native_coin_waits_for_an_operator_and_then_goes_back() {
    let mut arrival = arrival("a", "1", Stage::Seen);
    arrival.sighting.asset = None;
    arrival.sighting.token = "TRX".to_owned();
    arrival.sighting.units = "500000000".to_owned();
    assert_eq!(arrival.disposition(&order()), D::Confirming);
    arrival.stage = Stage::Final;
    let rows = [
        (None, D::NativeCoin),
        (Some(Return::Asked), D::Returning),
        (Some(Return::Done), D::Returned),
    ];
    for (returned, wanted) in rows {
        arrival.returned = returned;
        assert_eq!(arrival.disposition(&order()), wanted);
    }
}

#[test]
fn an_arrival_is_told_as_it_stands() {
    let amount = crypto("5");
    let deposit = |stage| Deposit {
        id: deposit_id("a"),
        amount,
        block_time: due(),
        detected_at: NOW,
        confirmations: 21,
        height: Some(100),
        stage,
    };
    let told = |stage| arrival("a", "5", stage).event(amount, 120);
    assert_eq!(told(Stage::Seen), OrderEvent::DepositSeen { deposit: deposit(Stage::Seen) });
    assert_eq!(told(Stage::Final), OrderEvent::DepositFinal { deposit: deposit(Stage::Final) });
    for gone in [Stage::Orphaned, Stage::Reverted] {
        assert_eq!(told(gone), OrderEvent::DepositOrphaned { id: deposit_id("a") });
    }
    let OrderEvent::DepositSeen { deposit } = arrival("a", "5", Stage::Seen).event(amount, 3)
    else {
        panic!("seen")
    };
    assert_eq!(deposit.confirmations, 1, "a head below its block is one that lags");
}

#[test]
fn what_is_not_the_orders_coin_ends_where_it_is() {
    let order = order();
    let usual = || arrival("a", "5", Stage::Final);
    let mut wrong = usual();
    wrong.sighting.asset = Some(Asset::Usdc);
    let mut unreadable = usual();
    unreadable.sighting.amount = None;
    let mut look_alike = usual();
    look_alike.sighting.asset = None;
    let dust = arrival("a", "0.001", Stage::Final);
    assert_eq!(wrong.disposition(&order), D::WrongToken);
    assert_eq!(unreadable.disposition(&order), D::Unreadable);
    assert_eq!(look_alike.disposition(&order), D::LookAlike);
    assert_eq!(dust.disposition(&order), D::Dust);
    for (stage, gone) in [(Stage::Orphaned, D::Orphaned), (Stage::Reverted, D::Reverted)] {
        for mut arrival in [wrong.clone(), dust.clone(), usual()] {
            arrival.stage = stage;
            assert_eq!(arrival.disposition(&order), gone);
        }
        look_alike.stage = stage;
        assert_eq!(look_alike.disposition(&order), D::LookAlike, "never worth anything");
    }
}

#[test]
fn a_deposit_is_confirming_until_the_order_has_heard_that_it_is_final() {
    let seen = arrival("a", "799.99", Stage::Seen);
    let order = hears(order(), &[&seen]);
    assert_eq!(seen.disposition(&order), D::Confirming);
    let untold = Arrival { told: Some(Stage::Seen), ..arrival("a", "799.99", Stage::Final) };
    assert_eq!(untold.disposition(&order), D::Confirming);
    let never = Arrival { told: None, ..untold };
    assert_eq!(never.disposition(&order), D::Confirming);
}

/// A story: what happens, and where each arrival of it ends.
type Story = (&'static str, Order, Vec<(Arrival, Disposition)>);

#[test]
#[rustfmt::skip] // It is a table: keep it a table.
fn every_deposit_ends_in_its_declared_disposition() {
    let after = due() + Duration::SECOND;
    let whole = || arrival("whole", "799.99", Stage::Final);
    let part = || arrival("part", "300", Stage::Final);
    let late = || at("late", "799.99", Stage::Final, after);
    let second = || arrival("second", "5", Stage::Final);
    let paying = || hears(order(), &[&whole()]);
    let unpayable = || payout_failed(PayoutFailure::Receiver);
    let back = |of| refunded(of, "BACK");
    let with_second = || hears(paying(), &[&second()]);
    let underpaid = || told(hears(order(), &[&part()]), &[deadline(due())]);
    let over = arrival("over", "900", Stage::Final);
    let short = arrival("short", "799.98", Stage::Final);
    let stories: Vec<Story> = vec![
        ("exact", paying(), vec![(whole(), D::Applied)]),
        ("paid out", told(paying(), &[paid_out("P")]), vec![(whole(), D::Applied)]),
        ("within the tolerance", hears(order(), &[&short]), vec![(short, D::Applied)]),
        ("over", hears(order(), &[&over]), vec![(over, D::Applied)]),
        ("short", hears(order(), &[&part()]), vec![(part(), D::Counted)]),
        ("short, then all", hears(order(), &[&part(), &whole()]), vec![(part(), D::Applied), (whole(), D::Applied)]),
        ("short at the deadline", underpaid(), vec![(part(), D::Refunding)]),
        ("short and back", told(underpaid(), &[back(RefundOf::Order)]), vec![(part(), D::Refunded)]),
        ("late", hears(order(), &[&late()]), vec![(late(), D::Returning)]),
        ("late, on hold", hears(told(order(), &[OrderEvent::Hold]), &[&late()]), vec![(late(), D::Returning)]),
        ("late and back", told(hears(order(), &[&late()]), &[back(extra("late:0"))]), vec![(late(), D::Returned)]),
        ("second", with_second(), vec![(whole(), D::Applied), (second(), D::Returning)]),
        ("second and back", told(with_second(), &[back(extra("second:0"))]), vec![(second(), D::Returned)]),
        ("second, then unpayable", told(with_second(), &[unpayable()]), vec![(whole(), D::Refunding), (second(), D::Returning)]),
        ("second during a hold", hears(told(paying(), &[OrderEvent::Hold]), &[&second()]), vec![(whole(), D::Applied), (second(), D::Returning)]),
        ("after a cancellation", hears(told(order(), &[deadline(due())]), &[&second()]), vec![(second(), D::Returning)]),
        ("unpayable, held", told(paying(), &[OrderEvent::Hold, unpayable()]), vec![(whole(), D::Refunding)]),
        ("unpayable and back", told(paying(), &[unpayable(), back(RefundOf::Order)]), vec![(whole(), D::Refunded)]),
    ];
    for (name, order, arrivals) in stories {
        for (arrival, want) in arrivals {
            assert_eq!(
                arrival.disposition(&order),
                want,
                "{name}: {}",
                arrival.sighting.id.tx_hash
            );
        }
    }
}

#[test]
fn a_re_org_takes_an_arrival_away_whatever_the_order_does() {
    let seen = arrival("a", "799.99", Stage::Seen);
    let gone = Arrival { stage: Stage::Orphaned, ..seen.clone() };
    let waiting = hears(order(), &[&seen, &gone]);
    assert_eq!(gone.disposition(&waiting), D::Orphaned);
    let whole = arrival("a", "799.99", Stage::Final);
    let reverted = Arrival { stage: Stage::Reverted, ..whole.clone() };
    let held = hears(order(), &[&whole, &reverted]);
    assert_eq!(reverted.disposition(&held), D::Reverted);
}

#[test]
fn dispositions_have_names_and_explanations_of_their_own() {
    let names: std::collections::BTreeSet<_> = D::ALL.iter().map(|it| it.as_str()).collect();
    let words: std::collections::BTreeSet<_> = D::ALL.iter().map(|it| it.explanation()).collect();
    assert_eq!((names.len(), words.len()), (D::ALL.len(), D::ALL.len()));
}

#[test]
fn a_deposit_belongs_to_the_network_that_it_was_seen_on() {
    let mut arrival = arrival("a", "5", Stage::Final);
    arrival.sighting.id.network = Network::Ethereum;
    let OrderEvent::DepositFinal { deposit } = arrival.event(crypto("5"), 120) else {
        panic!("final")
    };
    assert_eq!(deposit.id.network, Network::Ethereum);
}
