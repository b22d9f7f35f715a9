//! The books, whatever is told: they balance, they are what was posted, and they say where the money is.

use std::collections::BTreeMap;

use domain::ledger::{Account, Balances, LedgerAsset, entry, position};
use domain::money::Crypto;
use domain::order::{DepositStage, Effect, Order, OrderEvent, OrderState, Ramp, RefundOf};
use domain::testing::matrix::facts::{extra, refunded};
use domain::testing::matrix::lives::{Life, Trade, live, straight_way, told_to_any};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

fn sequences() -> impl Strategy<Value = (Trade, Vec<OrderEvent>)> {
    (select(Trade::ALL.to_vec()), 0..=5_usize).prop_flat_map(|(trade, straight)| {
        let random = prop::collection::vec(select(told_to_any(trade)), 0..=55);
        random.prop_map(move |random| {
            let way = straight_way(trade).into_iter().take(straight);
            (trade, way.chain(random).collect())
        })
    })
}

fn sums(balances: &Balances) -> BTreeMap<LedgerAsset, i64> {
    let mut sums = BTreeMap::new();
    for (key, amount) in balances {
        *sums.entry(key.asset).or_default() += amount;
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

/// What an account holds of an asset, whosever it is.
fn held(order: &Order, asset: LedgerAsset, account: Account) -> i64 {
    let stands = position(order).into_iter();
    stands.filter(|(key, _)| key.account == account && key.asset == asset).map(|(_, n)| n).sum()
}

fn coin(order: &Order, account: Account) -> i64 {
    held(order, order.asset.into(), account)
}

fn final_deposits(order: &Order) -> Vec<(String, i64)> {
    let here = order.evidence.deposits.iter().filter(|d| d.stage == DepositStage::Final);
    here.map(|d| (d.id.cause(), d.amount.minor())).collect()
}

fn all_deposits(order: &Order) -> i64 {
    final_deposits(order).iter().map(|(_, amount)| amount).sum()
}

/// What each confirmed refund of coin was asked to be; `None` when one was never asked for.
fn coin_given_back(life: &Life) -> Option<i64> {
    let asked = |refund: &RefundOf| {
        let key = match refund {
            RefundOf::Order => format!("{}:refund", life.end.id),
            RefundOf::Extra(cause) => format!("{}:refund:{cause}", life.end.id),
        };
        match life.asked.get(&key)? {
            Effect::RefundCrypto { amount, .. } => Some(amount.minor()),
            _ => Some(0),
        }
    };
    life.end.evidence.refunds_done.iter().map(asked).sum()
}

/// What goes back by itself and is not back yet.
fn coin_on_its_way_back(order: &Order) -> i64 {
    let evidence = &order.evidence;
    let is_back = |cause: &str| evidence.refunds_done.contains(&extra(cause));
    let open = |cause: &String| evidence.returned.contains(cause) && !is_back(cause);
    let deposits = final_deposits(order).into_iter().filter(|(cause, _)| open(cause));
    let excess = evidence.excess.filter(|_| !is_back("excess")).map_or(0, Crypto::minor);
    deposits.map(|(_, amount)| amount).sum::<i64>() + excess
}

/// Off-ramp lives in which the chain takes nothing final back, and nothing is sent back that was not
/// asked for; of what is asked for, some is confirmed.
fn plain_lives() -> impl Strategy<Value = Life> {
    (sequences(), any::<u8>()).prop_map(|((trade, events), confirmed)| {
        let trade = Trade { ramp: Ramp::Off, ..trade };
        let way = straight_way(trade).into_iter().take(2);
        let way = way.filter(|_| confirmed % 2 == 0);
        let events: Vec<_> = way.chain(events.into_iter().filter(is_plain)).collect();
        let asked = live(trade, &events).asked.into_values();
        let refunds = asked.filter_map(|effect| match effect {
            Effect::RefundCrypto { refund, .. } => Some(refund),
            _ => None,
        });
        let chosen = refunds.zip(0..8).filter(|(_, nth)| confirmed & (1 << nth) != 0);
        let back = chosen.map(|(refund, nth)| refunded(refund, &format!("BACK{nth}")));
        let events: Vec<_> = events.iter().cloned().chain(back).collect();
        live(trade, &events)
    })
}

fn is_plain(event: &OrderEvent) -> bool {
    !matches!(
        event,
        OrderEvent::DepositOrphaned { .. }
            | OrderEvent::RefundConfirmed { .. }
            | OrderEvent::DeliveryFinal { .. }
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn an_orders_books_balance_and_every_event_posts_what_it_changes((trade, events) in sequences()) {
        let mut posted = Balances::new();
        for step in live(trade, &events).steps {
            let Some(after) = step.after else { continue };
            let stands = position(&after);
            prop_assert_eq!(sums(&stands), BTreeMap::new(), "{:?}", step.event);
            if let Some(entry) = entry(&step.before, &after) {
                prop_assert!(entry.postings.values().all(|amount| *amount != 0));
                prop_assert_eq!(sums(&entry.postings), BTreeMap::new(), "{:?}", step.event);
                for (key, amount) in entry.postings {
                    *posted.entry(key).or_default() += amount;
                }
                posted.retain(|_, amount| *amount != 0);
            }
            prop_assert_eq!(&posted, &stands, "{:?}", step.event);
        }
    }

    /// What is on our short code is what was paid, less what the rail says that it gave back.
    #[test]
    fn the_short_code_holds_what_was_paid_and_not_given_back((trade, events) in sequences()) {
        let end = live(trade, &events).end;
        let held = |account| held(&end, LedgerAsset::Kes, account);
        let paid: i64 = end.evidence.payments.iter().map(|p| p.amount.minor()).sum();
        prop_assert!((0..=paid).contains(&held(Account::MpesaCollection)));
        let out = end.evidence.payout.as_ref().is_some_and(|payout| payout.receipt.is_some());
        let due = if out && trade.ramp == Ramp::Off { end.payout_due().minor() } else { 0 };
        prop_assert_eq!(held(Account::MpesaUtility), -due);
    }

    #[test]
    fn coin_is_at_the_escrow_of_its_network_while_a_deposit_is_final((trade, events) in sequences()) {
        for step in live(trade, &events).steps {
            let Some(after) = step.after else { continue };
            prop_assert_eq!(coin(&after, Account::escrow(trade.network)), all_deposits(&after));
            for (key, _) in position(&after) {
                let is_shillings = key.asset == LedgerAsset::Kes;
                prop_assert!(is_shillings || key.asset == trade.asset.into(), "{key:?}");
                let elsewhere = [Account::TronEscrow, Account::TronHot, Account::EthereumEscrow, Account::EthereumHot]
                    .into_iter()
                    .filter(|it| *it != Account::hot(trade.network) && *it != Account::escrow(trade.network));
                prop_assert!(elsewhere.into_iter().all(|it| it != key.account), "{key:?}");
            }
        }
    }

    /// Out of the hot wallet go final deliveries and the refunds that were asked for, and nothing else.
    #[test]
    fn the_hot_wallet_is_less_by_what_has_left_it((trade, events) in sequences()) {
        let life = live(trade, &events);
        let evidence = &life.end.evidence;
        let first = usize::from(evidence.delivery.as_ref().is_some_and(|delivery| delivery.is_final));
        let count = i64::try_from(first + evidence.delivered_beside.len()).unwrap();
        let delivered = count * life.end.delivery_due().minor();
        if let Some(back) = coin_given_back(&life) {
            prop_assert_eq!(coin(&life.end, Account::hot(trade.network)), -delivered - back);
        }
    }

    /// The sum of dispositions: what arrived is somebody's, parked for its return, or was returned.
    #[test]
    fn every_final_deposit_has_one_owner(life in plain_lives()) {
        let order = &life.end;
        let parked = coin_on_its_way_back(order);
        let rest = all_deposits(order) + coin(order, Account::hot(order.wallet.network())) - parked;
        let owed = |account| -coin(order, account);
        let owners = (owed(Account::CustomerPayable), owed(Account::VendorPayable), owed(Account::Residue));
        prop_assert_eq!(owed(Account::Parked), parked, "{:?}", order.state);
        match order.state.behind_hold() {
            OrderState::PayingOut | OrderState::Completed => {
                let bought = order.crypto.minor();
                prop_assert_eq!(owners, (0, bought, rest - bought));
            }
            OrderState::AwaitingDeposit | OrderState::DepositConfirming | OrderState::Refunding { .. } => {
                prop_assert_eq!(owners, (rest, 0, 0));
            }
            _ => prop_assert_eq!((owners, rest), ((0, 0, 0), 0), "{:?}", order.state),
        }
    }

    /// A vendor has sold only what was delivered.
    #[test]
    fn a_vendors_coin_is_sold_by_a_delivery_that_completes((trade, events) in sequences()) {
        if trade.ramp == Ramp::On {
            let end = live(trade, &events).end;
            let is_sold = *end.state.behind_hold() == OrderState::Completed;
            let sold = if is_sold { end.crypto.minor() } else { 0 };
            prop_assert_eq!(coin(&end, Account::VendorPayable), sold);
            let left = if is_sold { end.delivery_due().minor() - sold } else { 0 };
            prop_assert_eq!(coin(&end, Account::Residue), left);
        }
    }
}

/// The property of owners says nothing if the lives go nowhere.
#[test]
fn plain_lives_take_coin_in_and_give_it_back() {
    let mut runner = TestRunner::deterministic();
    let mut owners = BTreeMap::<&str, u32>::new();
    for _ in 0..300 {
        let life = plain_lives().new_tree(&mut runner).unwrap().current();
        let moved = [
            ("arrived", all_deposits(&life.end) > 0),
            ("given back", coin_given_back(&life) > Some(0)),
            ("on its way back", coin_on_its_way_back(&life.end) > 0),
            ("the customer's", coin(&life.end, Account::CustomerPayable) < 0),
            ("the vendor's", coin(&life.end, Account::VendorPayable) < 0),
        ];
        for (name, is_so) in moved {
            *owners.entry(name).or_default() += u32::from(is_so);
        }
    }
    assert!(owners.values().all(|count| *count >= 15), "{owners:?}");
}
