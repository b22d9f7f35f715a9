//! Addresses of ours: what no order's coin may be sent to.

use super::stage::{WORKS, place_sample, seed};
use crate::address::{AddressBook as _, AddressUse, ChainAddress, Network, OwnerAddresses};
use crate::ids::OfferId;
use crate::ports::{OwnAddress, Store};
use crate::testing::PlainAddressBook;
use crate::testing::samples::{self, CUSTOMER, NOW, SELL_OFFER};

fn owner(text: &str) -> OwnerAddresses {
    let network = if text.starts_with("0x") { Network::Ethereum } else { Network::Tron };
    PlainAddressBook.owner(&ChainAddress::trusted(network, text.to_owned()))
}

async fn found(store: &dyn Store, text: &str) -> Option<AddressUse> {
    store.find_address_use(&owner(text)).await.expect(WORKS)
}

async fn note(store: &dyn Store, network: Network, address: &str, address_use: AddressUse) {
    let own = OwnAddress { network, address: address.to_owned(), address_use };
    store.note_own_addresses(&[own], NOW).await.expect(WORKS);
}

pub async fn an_escrow_address_is_ours_on_every_network(store: &dyn Store) {
    seed(store).await;
    let order = place_sample(store, &samples::place_sell(), 1).await;
    let address = order.escrow.expect("an off-ramp order").address;
    assert_eq!(found(store, address.as_str()).await, Some(AddressUse::Escrow));
    assert_eq!(found(store, "0x-escrow-1").await, Some(AddressUse::Escrow));
    assert_eq!(found(store, "T-escrow-2").await, None);
    assert_eq!(found(store, order.wallet.as_str()).await, None);
}

pub async fn noted_addresses_are_ours_and_stay_so(store: &dyn Store) {
    assert_eq!(found(store, "T-hot").await, None);
    store.note_own_addresses(&[], NOW).await.expect(WORKS);
    note(store, Network::Tron, "T-hot", AddressUse::HotWallet).await;
    note(store, Network::Ethereum, "0x-usdt", AddressUse::TokenContract).await;
    // Told again at the next start, and whatever it is called then.
    note(store, Network::Tron, "T-hot", AddressUse::TokenContract).await;
    for (text, known) in [
        ("T-hot", Some(AddressUse::HotWallet)),
        ("0x-hot", Some(AddressUse::HotWallet)),
        ("0x-usdt", Some(AddressUse::TokenContract)),
        ("T-cold", None),
    ] {
        assert_eq!(found(store, text).await, known, "{text}");
    }
}

pub async fn terms_tell_whether_the_wallet_is_ours(store: &dyn Store) {
    seed(store).await;
    place_sample(store, &samples::place_sell(), 1).await;
    note(store, Network::Ethereum, "0x-hot", AddressUse::HotWallet).await;
    let nowhere = OfferId(uuid::Uuid::from_u128(404));
    for (text, ours) in
        [("T-escrow-1", true), ("0x-escrow-1", true), ("T-hot", true), ("T-customer", false)]
    {
        for offer in [SELL_OFFER, nowhere] {
            let terms = store.terms(offer, CUSTOMER, &owner(text)).await.expect(WORKS);
            assert_eq!(terms.wallet_is_ours, ours, "{text}");
        }
    }
}
