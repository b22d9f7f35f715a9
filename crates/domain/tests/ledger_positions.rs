//! Where an order's shillings are, event by event, in cents.

use domain::ids::PartyId;
use domain::ledger::Account::{
    CustomerPayable, MpesaCollection, MpesaUtility, Parked, Residue, VendorPayable,
};
use domain::ledger::{Account, AccountKey, Balances, LedgerAsset, entry, position};
use domain::order::{
    Order, OrderEvent, OrderState, PayoutFailure, RefundOf, Transition, transition,
};
use domain::testing::matrix::facts::*;
use domain::testing::samples::{self, BUYING_VENDOR, CUSTOMER, NOW, SELLER, VENDOR, crypto, fiat};

/// Tells the order one thing after the other; it refuses none of them.
fn told(order: Order, events: &[OrderEvent]) -> Order {
    events.iter().fold(order, |order, event| match transition(order, event) {
        Ok(Transition::Applied { order, .. }) => *order,
        other => panic!("{event:?} was not applied: {other:?}"),
    })
}

/// Costs 175,218.03 shillings: 175,219 are collected.
fn on_ramp(events: &[OrderEvent]) -> Order {
    let order = samples::order(&samples::place_buy(), 1);
    told(Order { fiat: fiat("175218.03"), ..order }, events)
}

/// Pays 112,798.59 shillings: 112,798 go out.
fn off_ramp(events: &[OrderEvent]) -> Order {
    told(samples::order(&samples::place_sell(), 2), events)
}

fn exact() -> OrderEvent {
    paid("PAID", fiat("175219"))
}

fn whole() -> OrderEvent {
    arrived(deposit("whole", crypto("799.99")))
}

fn balances(expected: &[(Account, Option<PartyId>, i64)]) -> Balances {
    let key = |account, party| AccountKey { account, asset: LedgerAsset::Kes, party };
    expected.iter().map(|(account, party, minor)| (key(*account, *party), *minor)).collect()
}

/// Of its shillings alone: its coin stands in a test of its own.
fn assert_stands(order: &Order, expected: &[(Account, Option<PartyId>, i64)]) {
    assert_eq!(shillings(position(order)), balances(expected), "{:?}", order.state);
}

fn shillings(mut balances: Balances) -> Balances {
    balances.retain(|key, _| key.asset == LedgerAsset::Kes);
    balances
}

#[test]
fn an_order_that_has_moved_no_shillings_stands_at_nothing() {
    let orders = [
        on_ramp(&[]),
        on_ramp(&[start_payment(ATTEMPT, NOW)]),
        off_ramp(&[]),
        off_ramp(&[seen(deposit("whole", crypto("799.99")))]),
        off_ramp(&[deadline(due())]),
    ];
    for order in orders {
        assert_stands(&order, &[]);
    }
}

#[test]
fn what_is_collected_is_the_customers_and_then_the_vendors() {
    let paid = on_ramp(&[exact()]);
    let customers = [
        (MpesaCollection, None, 17_521_900),
        (CustomerPayable, Some(CUSTOMER), -17_521_803),
        (Residue, None, -97),
    ];
    assert_stands(&paid, &customers);
    let confirming = told(paid, &[broadcast("0xsent")]);
    assert_stands(&confirming, &customers);
    let completed = told(confirming, &[delivered("0xsent")]);
    let vendors = [
        (MpesaCollection, None, 17_521_900),
        (VendorPayable, Some(VENDOR), -17_521_803),
        (Residue, None, -97),
    ];
    assert_stands(&completed, &vendors);
}

#[test]
fn a_payout_leaves_the_float_and_what_rounding_leaves() {
    let promised = [
        (VendorPayable, Some(BUYING_VENDOR), 11_279_859),
        (CustomerPayable, Some(SELLER), -11_279_859),
    ];
    let paying = off_ramp(&[whole()]);
    assert_stands(&paying, &promised);
    let accepted = told(paying, &[OrderEvent::PayoutStarted, payout_accepted("AG_1")]);
    assert_stands(&accepted, &promised);
    let completed = told(accepted, &[paid_out("PAYOUT")]);
    let made = [
        (VendorPayable, Some(BUYING_VENDOR), 11_279_859),
        (MpesaUtility, None, -11_279_800),
        (Residue, None, -59),
    ];
    assert_stands(&completed, &made);
}

#[test]
fn a_wrong_amount_is_parked_until_it_is_back() {
    let held = on_ramp(&[paid("WRONG", fiat("175000"))]);
    let parked = [(MpesaCollection, None, 17_500_000), (Parked, None, -17_500_000)];
    assert_stands(&held, &parked);
    let refunding = told(held, &[OrderEvent::Refund, refund_started(RefundOf::Order)]);
    assert_stands(&refunding, &parked);
    assert_stands(&told(refunding, &[refunded(RefundOf::Order, "BACK")]), &[]);
}

#[test]
fn a_refund_returns_to_nothing() {
    let failed = on_ramp(&[exact(), delivery_failed("0xsent")]);
    let parked = [(MpesaCollection, None, 17_521_900), (Parked, None, -17_521_900)];
    assert_stands(&failed, &parked);
    assert_stands(&told(failed.clone(), &[refund_failed(RefundOf::Order)]), &parked);
    assert_stands(&told(failed, &[refunded(RefundOf::Order, "BACK")]), &[]);
    let unpayable = [whole(), payout_failed(PayoutFailure::Receiver)];
    assert_stands(&off_ramp(&unpayable), &[]);
}

#[test]
fn an_extra_payment_is_parked_and_goes_back_alone() {
    let customers = [
        (MpesaCollection, None, 17_521_900),
        (CustomerPayable, Some(CUSTOMER), -17_521_803),
        (Residue, None, -97),
    ];
    let twice = on_ramp(&[exact(), paid("MORE", fiat("10"))]);
    let both = [
        (MpesaCollection, None, 17_522_900),
        (CustomerPayable, Some(CUSTOMER), -17_521_803),
        (Residue, None, -97),
        (Parked, None, -1_000),
    ];
    assert_stands(&twice, &both);
    assert_stands(&told(twice, &[refunded(extra("MORE"), "BACK")]), &customers);
    let late = on_ramp(&[deadline(due()), exact()]);
    assert_stands(&late, &[(MpesaCollection, None, 17_521_900), (Parked, None, -17_521_900)]);
    assert_stands(&told(late, &[refunded(extra("PAID"), "BACK")]), &[]);
    let off = off_ramp(&[paid("STRAY", fiat("10"))]);
    assert_stands(&off, &[(MpesaCollection, None, 1_000), (Parked, None, -1_000)]);
}

#[test]
fn a_hold_changes_nothing() {
    let held = |order: &Order| told(order.clone(), &[OrderEvent::Hold]);
    let orders = [
        on_ramp(&[]),
        on_ramp(&[exact()]),
        on_ramp(&[exact(), broadcast("0xsent")]),
        on_ramp(&[exact(), delivery_failed("0xsent")]),
        off_ramp(&[whole()]),
        off_ramp(&[whole(), payout_failed(PayoutFailure::Receiver)]),
    ];
    for order in orders {
        let stopped = held(&order);
        assert!(matches!(stopped.state, OrderState::OnHold { .. }));
        assert_eq!(position(&stopped), position(&order));
        assert_eq!(entry(&order, &stopped), None);
        assert_eq!(position(&told(stopped, &[OrderEvent::Resume])), position(&order));
    }
}

#[test]
fn facts_move_money_behind_a_hold() {
    let order = off_ramp(&[whole(), OrderEvent::Hold, paid_out("PAYOUT")]);
    assert_eq!(position(&order), position(&off_ramp(&[whole(), paid_out("PAYOUT")])));
}

/// The rail says that it paid although the order had given the payout up: the float is less all the
/// same.
#[test]
fn a_payout_that_comes_to_pass_after_all_has_left_the_float() {
    let failed = [whole(), payout_failed(PayoutFailure::Receiver), paid_out("PAYOUT")];
    let lost = [(MpesaUtility, None, -11_279_800), (Parked, None, 11_279_800)];
    assert_stands(&off_ramp(&failed), &lost);
    let refunded = [
        whole(),
        payout_failed(PayoutFailure::Receiver),
        refunded(RefundOf::Order, "BACK"),
        paid_out("PAYOUT"),
    ];
    assert_stands(&off_ramp(&refunded), &lost);
}

#[test]
fn an_entry_is_the_difference_and_is_named_by_its_event() {
    let before = off_ramp(&[whole()]);
    let paid = told(before.clone(), &[paid_out("PAYOUT")]);
    let after = Order { version: 7, updated_at: due(), ..paid };
    let posted = entry(&before, &after).expect("shillings moved");
    assert_eq!(posted.cause, format!("{}:7", after.id));
    assert_eq!((posted.order_id, posted.at), (Some(after.id), due()));
    let change = [
        (CustomerPayable, Some(SELLER), 11_279_859),
        (MpesaUtility, None, -11_279_800),
        (Residue, None, -59),
    ];
    assert_eq!(shillings(posted.postings), balances(&change));
    assert_eq!(entry(&after, &after), None);
}

#[test]
fn accounts_and_assets_have_names() {
    for account in Account::ALL {
        assert_eq!(Account::parse(account.as_str()), Some(account));
    }
    for asset in LedgerAsset::ALL {
        assert_eq!(LedgerAsset::parse(asset.as_str()), Some(asset));
    }
    assert_eq!((Account::parse("pocket"), LedgerAsset::parse("BTC")), (None, None));
}
