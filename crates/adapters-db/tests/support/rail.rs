//! Sets the stage on the rail: money that comes in and goes out for an order, and what is told of it.

use adapters_db::PgStore;
use domain::address::AddressUse;
use domain::chain::Transfer;
use domain::chain::transfer::TransferState;
use domain::ledger::{Account, AccountKey, Entry, LedgerAsset};
use domain::order::{Effect, Order, RefundOf, ReviewKind};
use domain::ports::{OwnAddress, OwnAddresses as _, RailStore, Received, Store, UnitOfWork};
use domain::rail::{Disbursement, Hook, Review, Subject};
use domain::testing::contract::chain_samples::{self, HOT};
use domain::testing::rail_samples::{self, RECEIPT};
use domain::testing::samples::{self, NOW};
use time::Duration;

/// Does `work` in a unit of work of its own and commits it.
pub(crate) async fn commit<T>(
    store: &PgStore,
    work: impl AsyncFnOnce(&mut dyn UnitOfWork) -> T,
) -> T {
    let mut uow = store.begin().await.expect("a unit of work");
    let done = work(&mut *uow).await;
    uow.commit().await.expect("a commit");
    done
}

pub(crate) fn pay_out() -> Effect {
    Effect::PayOut { phone: samples::phone(), amount: samples::fiat("10") }
}

/// The return of a payment that came on top, under a cause of its own.
pub(crate) fn refund(cause: &str, receipt: &str) -> Effect {
    let refund = RefundOf::Extra(cause.into());
    let (phone, amount) = (samples::phone(), samples::fiat("10"));
    Effect::RefundFiat { refund, phone, amount, receipt: receipt.into() }
}

pub(crate) fn look(cause: &str) -> Effect {
    Effect::OpenReview { kind: ReviewKind::Held, cause: cause.into() }
}

/// The body of a callback to the same door as all others.
pub(crate) fn told(body: &str) -> Received {
    Received {
        hook: Hook::Payout,
        token_hash: [7; 32],
        source: "196.201.214.200".into(),
        from_rail: true,
        body: body.into(),
        at: NOW,
    }
}

/// An entry that moves a shilling into the float.
pub(crate) fn shilling(cause: &str) -> Entry {
    let key = |account| AccountKey { account, asset: LedgerAsset::Kes, party: None };
    let postings = [(key(Account::MpesaUtility), 100), (key(Account::Capital), -100)];
    Entry { order_id: None, cause: cause.into(), postings: postings.into(), at: NOW }
}

/// Asks for `effect` and stores the first try of it.
pub(crate) async fn ask_for(store: &PgStore, order: &Order, effect: &Effect) -> Disbursement {
    let first = rail_samples::disbursement(order.id, effect, 1);
    commit(store, async |uow| {
        uow.enqueue(order.id, std::slice::from_ref(effect), NOW).await.expect("a new effect");
        uow.insert_disbursement(&first).await.expect("the first of its key");
    })
    .await;
    first
}

/// The try after `disbursement`.
pub(crate) fn next_try(disbursement: &Disbursement) -> Disbursement {
    let generation = disbursement.generation + 1;
    let id = domain::rail::disbursement::reference(&disbursement.key, generation);
    Disbursement { id, generation, ..disbursement.clone() }
}

/// Coin that comes in for an off-ramp order, and is to be gathered in the hot wallet.
pub(crate) async fn fill_chain(store: &PgStore, order: &Order) {
    let address_use = AddressUse::HotWallet;
    let own = OwnAddress { network: order.wallet.network(), address: HOT.to_owned(), address_use };
    store.note_own_addresses(&[own], NOW).await.expect("it works");
    let sweep = chain_samples::sweep_effect(order, order.asset, samples::crypto("1"), 0);
    let (deliver, delivery) = chain_samples::delivery(order);
    let coin = chain_samples::sighting(order, "tx-1", 5, samples::crypto("1"));
    let (network, block) = (order.wallet.network(), chain_samples::block(5, 0));
    let gathered = Transfer::planned(chain_samples::plan(order, &sweep), NOW);
    let signed = |transfer: Transfer, sequence| Transfer {
        attempts: vec![chain_samples::attempt(1, 0, sequence)],
        state: TransferState::InFlight,
        ..transfer
    };
    commit(store, async |uow| {
        uow.save_cursor(&chain_samples::cursor(network, 5)).await.expect("a new cursor");
        uow.add_blocks(network, &[block]).await.expect("a new block");
        assert_eq!(uow.note_sightings(network, &[coin], 5, NOW).await.expect("it works"), 1);
        uow.enqueue(order.id, &[deliver, sweep], NOW).await.expect("new effects");
        uow.insert_transfer(&signed(delivery, 7)).await.expect("a new transfer");
        uow.insert_transfer(&signed(gathered, 8)).await.expect("a new transfer");
        uow.save_sequence(network, HOT, 7).await.expect("it works");
    })
    .await;
}

/// A row in every table of the M-Pesa rail, about `order`.
pub(crate) async fn fill(store: &PgStore, order: &Order) {
    ask_for(store, order, &pay_out()).await;
    ask_for(store, order, &refund("extra", RECEIPT)).await;
    store.store_callback(&told("{}")).await.expect("a new callback");
    assert!(store.claim_turn("sweep", Duration::MINUTE, NOW).await.expect("it works"));
    let collection = rail_samples::collection(order, 1);
    let review = Review::of_order(order.id, ReviewKind::Held, "a case", NOW);
    commit(store, async |uow| {
        uow.insert_collection(&collection).await.expect("a new collection");
        uow.claim_phone(&samples::phone(), NOW, NOW).await.expect("it works");
        uow.claim_receipt(RECEIPT, Some(collection.id), NOW).await.expect("it works");
        let subject = Subject::Collection(collection.id);
        uow.add_token(&[1; 32], Hook::Collection, subject, NOW).await.expect("a new token");
        uow.open_review(&review).await.expect("it works");
        uow.post(&shilling("a case")).await.expect("it works");
    })
    .await;
}
