//! The contract's table of rights, cell by cell.

use domain::access::{Caller, Visibility};
use domain::ids::PartyId;
use domain::order::{CancelledBy, Order};
use domain::party::Role;
use domain::testing::samples::{self, ADMIN, BUYING_VENDOR, CUSTOMER, SELLER, VENDOR};

const fn caller(id: PartyId, role: Role) -> Caller {
    Caller { id, role }
}

const A_CUSTOMER: Caller = caller(CUSTOMER, Role::Customer);
const A_VENDOR: Caller = caller(VENDOR, Role::Vendor);
const AN_ADMIN: Caller = caller(ADMIN, Role::Admin);

#[test]
fn customers_see_what_they_buy_vendors_either_side_admins_all() {
    assert_eq!(A_CUSTOMER.sees(), Visibility::AsCustomer(CUSTOMER));
    assert_eq!(A_VENDOR.sees(), Visibility::AsEitherParty(VENDOR));
    assert_eq!(AN_ADMIN.sees(), Visibility::All);
}

#[test]
fn orders_are_placed_for_oneself_on_somebody_elses_offer() {
    let cases = [
        (A_CUSTOMER, CUSTOMER, VENDOR, true),
        (A_CUSTOMER, SELLER, VENDOR, false),
        (A_CUSTOMER, VENDOR, CUSTOMER, false),
        (A_VENDOR, VENDOR, BUYING_VENDOR, true),
        (A_VENDOR, VENDOR, VENDOR, false),
        (A_VENDOR, CUSTOMER, VENDOR, false),
        (A_VENDOR, CUSTOMER, BUYING_VENDOR, false),
        (AN_ADMIN, CUSTOMER, VENDOR, true),
        (AN_ADMIN, VENDOR, BUYING_VENDOR, true),
    ];
    for (caller, customer, vendor, allowed) in cases {
        let may = caller.may_place(customer, vendor);
        assert_eq!(may, allowed, "{caller:?} for {customer} with {vendor}");
    }
}

/// An order, who asks, whether they see it, and as whom they cancel it.
type View = (Order, Caller, Option<CancelledBy>);

fn views() -> Vec<View> {
    let buy = || samples::order(&samples::place_buy(), 1);
    let vendor_buys = || Order { customer_id: VENDOR, vendor_id: BUYING_VENDOR, ..buy() };
    vec![
        (buy(), A_CUSTOMER, Some(CancelledBy::Customer)),
        (buy(), A_VENDOR, Some(CancelledBy::Vendor)),
        (buy(), AN_ADMIN, Some(CancelledBy::Operator)),
        (buy(), caller(SELLER, Role::Customer), None),
        (buy(), caller(BUYING_VENDOR, Role::Vendor), None),
        (buy(), caller(VENDOR, Role::Customer), None),
        (vendor_buys(), A_VENDOR, Some(CancelledBy::Customer)),
        (vendor_buys(), caller(BUYING_VENDOR, Role::Vendor), Some(CancelledBy::Vendor)),
        (vendor_buys(), A_CUSTOMER, None),
        (vendor_buys(), AN_ADMIN, Some(CancelledBy::Operator)),
    ]
}

#[test]
fn whoever_sees_an_order_cancels_it_as_what_they_are_in_it() {
    for (order, caller, cancels_as) in views() {
        assert_eq!(caller.sees().covers(&order), cancels_as.is_some(), "{caller:?}");
        assert_eq!(caller.cancels_as(&order), cancels_as, "{caller:?}");
    }
}

#[test]
fn vendors_publish_their_own_offers_and_admins_any() {
    let cases = [
        (A_CUSTOMER, CUSTOMER, false),
        (A_CUSTOMER, VENDOR, false),
        (A_VENDOR, VENDOR, true),
        (A_VENDOR, BUYING_VENDOR, false),
        (AN_ADMIN, VENDOR, true),
    ];
    for (caller, vendor, allowed) in cases {
        assert_eq!(caller.may_publish_for(vendor), allowed, "{caller:?} for {vendor}");
    }
}

#[test]
fn only_admins_provision_parties() {
    for (caller, allowed) in [(A_CUSTOMER, false), (A_VENDOR, false), (AN_ADMIN, true)] {
        assert_eq!(caller.may_provision(), allowed, "{caller:?}");
    }
}
