//! Where an order's coin is, event by event, in 10⁻⁸.

use domain::address::{ChainAddress, Network};
use domain::ids::PartyId;
use domain::ledger::Account::{
    CustomerPayable, EthereumEscrow, EthereumHot, Parked, Residue, TronEscrow, TronHot,
    VendorPayable,
};
use domain::ledger::{Account, AccountKey, Balances, LedgerAsset, entry, position};
use domain::offer::Asset;
use domain::order::{
    Deposit, DepositId, Order, OrderEvent, PayoutFailure, RefundOf, Transition, transition,
};
use domain::testing::matrix::facts::*;
use domain::testing::samples::{self, BUYING_VENDOR, SELLER, VENDOR, crypto, fiat};

fn told(order: Order, events: &[OrderEvent]) -> Order {
    events.iter().fold(order, |order, event| match transition(order, event) {
        Ok(Transition::Applied { order, .. }) => *order,
        other => panic!("{event:?} was not applied: {other:?}"),
    })
}

/// Sells 1200.12345678, of which a chain moves 1200.123456.
fn on_ramp(events: &[OrderEvent]) -> Order {
    let order = samples::order(&samples::place_buy(), 1);
    let order = Order { crypto: crypto("1200.12345678"), ..order };
    told(told(order, &[paid("PAID", fiat("175200"))]), events)
}

/// Buys 799.98765432, of which 799.987655 is expected.
fn off_ramp(events: &[OrderEvent]) -> Order {
    let order = samples::order(&samples::place_sell(), 2);
    told(Order { crypto: crypto("799.98765432"), ..order }, events)
}

fn coin(hash: &str, amount: &str) -> OrderEvent {
    arrived(deposit(hash, crypto(amount)))
}

fn whole() -> OrderEvent {
    coin("whole", "799.987655")
}

fn unpayable() -> OrderEvent {
    payout_failed(PayoutFailure::Receiver)
}

fn order_back() -> OrderEvent {
    refunded(RefundOf::Order, "BACK")
}

type Stand = (Account, Option<PartyId>, i64);

fn balances(asset: Asset, expected: &[Stand]) -> Balances {
    let key = |account, party| AccountKey { account, asset: asset.into(), party };
    expected.iter().map(|(account, party, minor)| (key(*account, *party), *minor)).collect()
}

fn coins(order: &Order) -> Balances {
    let mut stands = position(order);
    stands.retain(|key, _| key.asset != LedgerAsset::Kes);
    stands
}

fn assert_stands(order: &Order, expected: &[Stand]) {
    assert_eq!(coins(order), balances(Asset::Usdt, expected), "{:?}", order.state);
}

const ARRIVED: i64 = 79_998_765_500;
const BOUGHT: i64 = 79_998_765_432;
const DELIVERED: i64 = 120_012_345_600;
const SOLD: i64 = 120_012_345_678;

fn customers(amount: i64) -> [Stand; 2] {
    [(TronEscrow, None, amount), (CustomerPayable, Some(SELLER), -amount)]
}

fn vendors() -> [Stand; 3] {
    [
        (TronEscrow, None, ARRIVED),
        (VendorPayable, Some(BUYING_VENDOR), -BOUGHT),
        (Residue, None, BOUGHT - ARRIVED),
    ]
}

/// Back to the customer: still at the escrow address, and gone from the hot wallet.
fn swept_later(amount: i64) -> [Stand; 2] {
    [(TronEscrow, None, amount), (TronHot, None, -amount)]
}

#[test]
fn nothing_of_a_delivery_counts_until_it_is_final() {
    let started = || OrderEvent::DeliveryStarted;
    assert_stands(&on_ramp(&[]), &[]);
    assert_stands(&on_ramp(&[started(), broadcast("0xa"), broadcast("0xb")]), &[]);
    assert_stands(&on_ramp(&[started(), broadcast("0xa"), delivery_stopped("0xa")]), &[]);
    assert_stands(&on_ramp(&[started(), broadcast("0xa"), delivery_failed("0xa")]), &[]);
    let sold = [
        (TronHot, None, -DELIVERED),
        (VendorPayable, Some(VENDOR), SOLD),
        (Residue, None, DELIVERED - SOLD),
    ];
    let completed = on_ramp(&[started(), broadcast("0xa"), delivered("0xa")]);
    assert_stands(&completed, &sold);
    assert_stands(&on_ramp(&[OrderEvent::Hold, delivered("0xa")]), &sold);
    let twice = told(completed, &[delivered("0xb")]);
    let lost = [
        (TronHot, None, -2 * DELIVERED),
        (VendorPayable, Some(VENDOR), SOLD),
        (Residue, None, DELIVERED - SOLD),
        (Parked, None, DELIVERED),
    ];
    assert_stands(&twice, &lost);
}

#[test]
fn a_delivery_that_comes_to_pass_after_all_has_left_the_hot_wallet() {
    let lost = [(TronHot, None, -DELIVERED), (Parked, None, DELIVERED)];
    let failed = on_ramp(&[broadcast("0xa"), delivery_failed("0xa"), delivered("0xa")]);
    assert_stands(&failed, &lost);
    let back = [broadcast("0xa"), delivery_failed("0xa"), order_back(), delivered("0xa")];
    assert_stands(&on_ramp(&back), &lost);
}

#[test]
fn a_deposit_is_the_customers_until_it_pays_and_the_vendors_from_then_on() {
    let part = || coin("part", "300");
    assert_stands(&off_ramp(&[]), &[]);
    assert_stands(&off_ramp(&[seen(deposit("whole", crypto("799.987655")))]), &[]);
    assert_stands(&off_ramp(&[part()]), &customers(30_000_000_000));
    let rest = seen(deposit("rest", crypto("499.987655")));
    assert_stands(&off_ramp(&[part(), rest]), &customers(30_000_000_000));
    assert_stands(&off_ramp(&[part(), coin("rest", "499.987655")]), &vendors());
    assert_stands(&off_ramp(&[whole()]), &vendors());
    assert_stands(&off_ramp(&[whole(), paid_out("PAYOUT")]), &vendors());
    assert_stands(&off_ramp(&[OrderEvent::Hold, whole()]), &vendors());
}

#[test]
fn what_is_short_within_the_tolerance_is_residue() {
    let short = [
        (TronEscrow, None, 79_997_765_500),
        (VendorPayable, Some(BUYING_VENDOR), -BOUGHT),
        (Residue, None, BOUGHT - 79_997_765_500),
    ];
    assert_stands(&off_ramp(&[coin("whole", "799.977655")]), &short);
}

#[test]
fn the_orders_own_refund_is_the_customers_until_it_is_back() {
    let refunding = off_ramp(&[whole(), unpayable()]);
    assert_stands(&refunding, &customers(ARRIVED));
    assert_stands(&told(refunding.clone(), &[refund_failed(RefundOf::Order)]), &customers(ARRIVED));
    let held = told(refunding.clone(), &[OrderEvent::Hold, order_back()]);
    assert_stands(&held, &swept_later(ARRIVED));
    assert_stands(&told(held, &[OrderEvent::Resume]), &swept_later(ARRIVED));
    assert_stands(&told(refunding, &[order_back()]), &swept_later(ARRIVED));
    let underpaid = off_ramp(&[coin("part", "300"), deadline(due())]);
    assert_stands(&underpaid, &customers(30_000_000_000));
    assert_stands(&told(underpaid, &[order_back()]), &swept_later(30_000_000_000));
}

#[test]
fn what_goes_back_by_itself_is_parked_until_it_is_back() {
    let second = off_ramp(&[whole(), coin("second", "5")]);
    let [_, vendor, residue] = vendors();
    let escrow = (TronEscrow, None, ARRIVED + 500_000_000);
    assert_stands(&second, &[escrow, vendor, residue, (Parked, None, -500_000_000)]);
    let back = told(second, &[refunded(extra("second:0"), "B")]);
    assert_stands(&back, &[escrow, vendor, residue, (TronHot, None, -500_000_000)]);
    let late = off_ramp(&[arrived(late(deposit("late", crypto("5"))))]);
    let parked = [(TronEscrow, None, 500_000_000), (Parked, None, -500_000_000)];
    assert_stands(&late, &parked);
    assert_stands(&told(late, &[refunded(extra("late:0"), "B")]), &swept_later(500_000_000));
    let expired = off_ramp(&[deadline(due()), coin("late", "5")]);
    assert_stands(&expired, &parked);
    let held = off_ramp(&[whole(), OrderEvent::Hold, coin("second", "5")]);
    assert_stands(&held, &[escrow, vendor, residue, (Parked, None, -500_000_000)]);
}

#[test]
fn an_excess_is_parked_until_it_is_back() {
    let over = off_ramp(&[coin("over", "801.987655")]);
    let [_, vendor, residue] = vendors();
    let escrow = (TronEscrow, None, ARRIVED + 200_000_000);
    assert_stands(&over, &[escrow, vendor, residue, (Parked, None, -200_000_000)]);
    let back = told(over.clone(), &[refunded(extra("excess"), "B")]);
    assert_stands(&back, &[escrow, vendor, residue, (TronHot, None, -200_000_000)]);
    let both = told(over, &[unpayable()]);
    let customer = (CustomerPayable, Some(SELLER), -ARRIVED);
    assert_stands(&both, &[escrow, customer, (Parked, None, -200_000_000)]);
    let all = told(both, &[order_back(), refunded(extra("excess"), "B")]);
    assert_stands(&all, &swept_later(ARRIVED + 200_000_000));
}

#[test]
fn what_the_chain_takes_back_is_not_there_any_more() {
    let gone = || orphaned(deposit_id("whole"));
    assert_stands(&off_ramp(&[coin("part", "300"), orphaned(deposit_id("part"))]), &[]);
    let lost = [(VendorPayable, Some(BUYING_VENDOR), -BOUGHT), (Residue, None, BOUGHT)];
    assert_stands(&off_ramp(&[whole(), gone()]), &lost);
    assert_stands(&off_ramp(&[whole(), paid_out("PAYOUT"), gone()]), &lost);
    let refunded_first = off_ramp(&[whole(), unpayable(), order_back(), gone()]);
    assert_stands(&refunded_first, &[(TronHot, None, -ARRIVED), (Parked, None, ARRIVED)]);
    let late = deposit("late", crypto("5"));
    let extra_first =
        [deadline(due()), arrived(late.clone()), refunded(extra("late:0"), "B"), orphaned(late.id)];
    let parked = [(TronHot, None, -500_000_000), (Parked, None, 500_000_000)];
    assert_stands(&off_ramp(&extra_first), &parked);
}

/// Two transfers left us for one refund: the second is an operator's to explain.
#[test]
fn a_refund_that_is_confirmed_twice_has_left_twice() {
    let twice = refunded(RefundOf::Order, "TWICE");
    let order = off_ramp(&[whole(), unpayable(), order_back(), twice]);
    let stands =
        [(TronEscrow, None, ARRIVED), (TronHot, None, -2 * ARRIVED), (Parked, None, ARRIVED)];
    assert_stands(&order, &stands);
}

#[test]
fn a_refund_of_shillings_moves_no_coin() {
    let second = paid("MORE", fiat("10"));
    let order = on_ramp(&[second, refunded(extra("MORE"), "B"), delivery_failed("unsent:key")]);
    assert_stands(&told(order, &[order_back()]), &[]);
}

#[test]
fn another_network_and_coin_have_accounts_of_their_own() {
    let order = samples::order(&samples::place_sell(), 2);
    let wallet = ChainAddress::trusted(Network::Ethereum, "0x5290".into());
    let order = Order { wallet, asset: Asset::Usdc, ..order };
    let whole = deposit("whole", crypto("799.99"));
    let id = DepositId { network: Network::Ethereum, ..whole.id.clone() };
    let refunded = [arrived(Deposit { id, ..whole }), unpayable(), order_back()];
    let stands = [(EthereumEscrow, None, 79_999_000_000), (EthereumHot, None, -79_999_000_000)];
    assert_eq!(coins(&told(order, &refunded)), balances(Asset::Usdc, &stands));
}

#[test]
fn an_entry_holds_shillings_and_coin() {
    let before = off_ramp(&[]);
    let after = told(before.clone(), &[whole()]);
    let posted = entry(&before, &after).expect("coin and shillings");
    assert_eq!(posted.postings, position(&after));
    let assets: Vec<_> = posted.postings.keys().map(|key| key.asset).collect();
    assert!(assets.contains(&LedgerAsset::Kes) && assets.contains(&LedgerAsset::Usdt));
}
