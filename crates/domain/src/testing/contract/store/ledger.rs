//! The ledger: whole entries, once per cause, that sum to zero; and what it says of the float.

use time::OffsetDateTime;

use super::stage::{WORKS, commit, place_sample, seed};
use crate::ids::OrderId;
use crate::ledger::{Account, AccountKey, Entry, LedgerAsset};
use crate::order::{Effect, RefundOf};
use crate::placement::PlaceOrder;
use crate::ports::{FloatBooks, Store, StoreError};
use crate::rail::disbursement::DisbursementState;
use crate::testing::rail_samples::{after, disbursement, effect_of, known, payout};
use crate::testing::samples::{self, BUYING_VENDOR, NOW, crypto, fiat, phone};

fn key(account: Account, asset: LedgerAsset) -> AccountKey {
    AccountKey { account, asset, party: None }
}

fn entry(cause: &str, order_id: Option<OrderId>, postings: &[(AccountKey, i64)]) -> Entry {
    let postings = postings.iter().copied().collect();
    Entry { order_id, cause: cause.into(), postings, at: NOW }
}

/// Shillings that come into the float from somewhere else.
fn into_float(cause: &str, cents: i64) -> Entry {
    let kes = LedgerAsset::Kes;
    let (float, capital) = (key(Account::MpesaUtility, kes), key(Account::Capital, kes));
    entry(cause, None, &[(float, cents), (capital, cents.saturating_neg())])
}

async fn post(store: &dyn Store, entry: &Entry) -> bool {
    commit(store, async |uow| uow.post(entry).await.expect(WORKS)).await
}

pub(super) async fn float_books(store: &dyn Store, since: OffsetDateTime) -> FloatBooks {
    commit(store, async |uow| uow.float_books(since).await.expect(WORKS)).await
}

async fn float(store: &dyn Store) -> (i64, bool) {
    let books = float_books(store, NOW).await;
    (books.utility, books.is_opened)
}

pub async fn a_cause_is_posted_once(store: &dyn Store) {
    assert!(post(store, &into_float("one", 100)).await);
    assert!(!post(store, &into_float("one", 100)).await);
    assert!(!post(store, &into_float("one", 999)).await, "the first stands");
    assert!(post(store, &into_float("two", 10)).await);
    assert_eq!(float(store).await, (110, false));
}

pub async fn an_uncommitted_entry_is_not_posted(store: &dyn Store) {
    let mut uow = store.begin().await.expect(WORKS);
    assert!(uow.post(&into_float("one", 100)).await.expect(WORKS));
    uow.rollback().await.expect(WORKS);
    assert_eq!(float(store).await, (0, false));
    assert!(post(store, &into_float("one", 100)).await);
}

pub async fn an_entry_sums_to_zero_in_each_asset(store: &dyn Store) {
    let kes = |account| key(account, LedgerAsset::Kes);
    let usdt = |account| key(account, LedgerAsset::Usdt);
    let refused: [&[(AccountKey, i64)]; 5] = [
        &[],
        &[(kes(Account::MpesaUtility), 0), (kes(Account::Capital), 0)],
        &[(kes(Account::MpesaUtility), 1)],
        &[(kes(Account::MpesaUtility), 2), (kes(Account::Capital), -1)],
        &[(kes(Account::MpesaUtility), 1), (usdt(Account::Capital), -1)],
    ];
    for postings in refused {
        let mut uow = store.begin().await.expect(WORKS);
        let posted = uow.post(&entry("cause", None, postings)).await;
        assert!(matches!(posted, Err(StoreError::Rejected(_))), "{postings:?}: {posted:?}");
    }
    let both = [
        (kes(Account::MpesaUtility), 7),
        (kes(Account::Capital), -7),
        (usdt(Account::MpesaUtility), 1_000),
        (usdt(Account::Capital), -1_000),
    ];
    assert!(post(store, &entry("cause", None, &both)).await);
    assert_eq!(float(store).await, (7, false), "shillings, not coins");
}

pub async fn every_account_can_be_posted_to(store: &dyn Store) {
    seed(store).await;
    let order = place_sample(store, &samples::place_sell(), 1).await;
    for asset in LedgerAsset::ALL {
        let with = |account| AccountKey { account, asset, party: Some(BUYING_VENDOR) };
        let vendor = [(key(Account::VendorPayable, asset), -5), (with(Account::VendorPayable), 5)];
        let cause = format!("parties, {asset:?}");
        assert!(post(store, &entry(&cause, Some(order.id), &vendor)).await);
        for account in Account::ALL.into_iter().filter(|it| *it != Account::Capital) {
            let postings =
                [(key(account, asset), i64::MAX), (key(Account::Capital, asset), -i64::MAX)];
            let cause = format!("{account:?}, {asset:?}");
            assert!(post(store, &entry(&cause, Some(order.id), &postings)).await);
        }
    }
}

pub async fn the_float_is_what_was_posted_to_it(store: &dyn Store) {
    assert_eq!(float(store).await, (0, false));
    assert!(post(store, &into_float("opening:2026-11-21", 5_000_000)).await);
    assert!(post(store, &into_float("top-up", 100_001)).await);
    assert!(post(store, &into_float("drawn", -1)).await);
    assert_eq!(float(store).await, (5_100_000, true));
}

pub async fn the_float_knows_which_payouts_are_under_way(store: &dyn Store) {
    seed(store).await;
    let sell = PlaceOrder { crypto: crypto("100"), fiat: fiat("14100"), ..samples::place_sell() };
    let (mut under_way, mut paid, mut shillings) = (0_i64, 0_i64, 1_i64);
    let mut uncharged = 0_i64;
    for (state, entropy) in DisbursementState::ALL.into_iter().zip(1..) {
        let order = place_sample(store, &sell, entropy).await;
        shillings = shillings.saturating_mul(10);
        let amount = fiat(&shillings.to_string());
        let back = Effect::RefundFiat {
            refund: RefundOf::Order,
            phone: phone(),
            amount: fiat("9"),
            receipt: format!("RECEIPT{entropy}"),
        };
        for fresh in [payout(order.id, amount, 1), disbursement(order.id, &back, 1)] {
            let moved = known(fresh.clone(), state);
            commit(store, async |uow| {
                uow.enqueue(order.id, &[effect_of(&fresh)], NOW).await.expect(WORKS);
                uow.insert_disbursement(&fresh).await.expect(WORKS);
                uow.save_disbursement(&moved).await.expect(WORKS);
            })
            .await;
        }
        let cents = |counts| if counts { amount.minor() } else { 0 };
        under_way = under_way.saturating_add(cents(state.is_under_way()));
        paid = paid.saturating_add(cents(state == DisbursementState::Paid));
        uncharged = uncharged.saturating_add(i64::from(state.is_under_way()));
    }
    let is = float_books(store, after(60)).await;
    let books = FloatBooks { utility: 0, is_opened: false, under_way, recent: 0, uncharged };
    assert_eq!(is, books, "refunds are not paid from the float");
    let later = float_books(store, after(59)).await;
    assert_eq!(later.recent, paid, "changed after that");
    assert_eq!(later.uncharged, uncharged.saturating_add(1), "it may have cost something");
}
