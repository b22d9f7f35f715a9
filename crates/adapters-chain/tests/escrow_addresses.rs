//! Escrow addresses against published vectors, and the keys a book is not opened with.

use adapters_chain::{XpubBook, XpubError, parse_address, test_keys};
use domain::address::{AddressBook, AddressError, DeriveError, Network};
use proptest::prelude::*;

const VECTORS: [(Network, u32, &str); 6] = [
    (Network::Tron, 0, "TWer2Ygk5TEheHp3TPuYeqxmB6SsGZmaL6"),
    (Network::Tron, 1, "TPjjvMwjPoDC32V2dGDYTkLH4E5LAtBZ6C"),
    (Network::Tron, 1000, "TRg66w9cUD4xiH6DVpySEZt6i4FUKWSsc2"),
    (Network::Ethereum, 0, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
    (Network::Ethereum, 1, "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"),
    (Network::Ethereum, 1000, "0x6D58073AeeB28068c5925D618DA9f4c4F35727b3"),
];

/// Test vector 1 of BIP-32, whose seed is published: the master key, public and private.
const MASTER_XPUB: &str = "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8";
const MASTER_XPRV: &str = "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi";

fn book() -> XpubBook {
    XpubBook::try_new(test_keys::TRON_XPUB, test_keys::ETHEREUM_XPUB).expect("the test keys")
}

/// Asks for a book with this key on either side; both sides must name the same fault.
#[track_caller]
fn assert_no_book(xpub: &str, fault: impl Fn(Network) -> XpubError) {
    let tron = XpubBook::try_new(xpub, test_keys::ETHEREUM_XPUB).map(|_| ());
    let ethereum = XpubBook::try_new(test_keys::TRON_XPUB, xpub).map(|_| ());
    assert_eq!((tron, ethereum), (Err(fault(Network::Tron)), Err(fault(Network::Ethereum))));
}

#[test]
fn escrow_addresses_are_those_of_the_vectors() {
    for (network, index, expected) in VECTORS {
        let address = book().escrow(network, index).expect("an index in range");
        assert_eq!((address.network(), address.as_str()), (network, expected));
    }
}

#[test]
fn an_index_of_a_hardened_child_is_out_of_range() {
    for network in [Network::Tron, Network::Ethereum] {
        assert!(book().escrow(network, (1 << 31) - 1).is_ok());
        for index in [1 << 31, u32::MAX] {
            assert_eq!(book().escrow(network, index), Err(DeriveError::IndexOutOfRange));
        }
    }
}

#[test]
fn the_book_parses_as_the_function_does() {
    for text in ["TWer2Ygk5TEheHp3TPuYeqxmB6SsGZmaL6", "T", ""] {
        assert_eq!(book().parse(text), parse_address(text));
    }
    assert_eq!(book().parse("?"), Err(AddressError::UnknownForm));
}

#[test]
fn a_text_that_is_no_xpub_opens_no_book() {
    let typo = test_keys::TRON_XPUB.replacen("xpub6B", "xpub6C", 1);
    let spaced = format!("{} ", test_keys::TRON_XPUB);
    let unicode = format!("xpub{}", "é".repeat(53)) + "x";
    let long = "x".repeat(1_000_000);
    let cut = &test_keys::TRON_XPUB[..110];
    for text in ["", "1", "xpub", "prv", "hello", cut, &typo, &spaced, &unicode, &long] {
        assert_no_book(text, XpubError::NotAnXpub);
    }
}

#[test]
fn the_public_keys_of_other_purposes_open_no_book() {
    let payload = bs58::decode(test_keys::TRON_XPUB).with_check(None).into_vec().expect("an xpub");
    for version in [[0x04, 0x9d, 0x7c, 0xb2], [0x04, 0xb2, 0x47, 0x46], [0x04, 0x35, 0x87, 0xcf]] {
        let relabelled = [&version, &payload[4..]].concat();
        let text = bs58::encode(relabelled).with_check().into_string();
        assert_no_book(&text, XpubError::NotAnXpub);
    }
}

#[test]
fn a_private_key_opens_no_book_not_even_with_a_typo() {
    let typo = MASTER_XPRV.replacen("xprv9s", "xprv9t", 1);
    let testnet = MASTER_XPRV.replacen('x', "t", 1);
    let spaced = format!(" {MASTER_XPRV}");
    for text in [MASTER_XPRV, &typo, &testnet, &spaced] {
        assert_no_book(text, XpubError::PrivateKey);
    }
}

#[test]
fn a_private_key_under_the_version_of_a_public_one_opens_no_book() {
    let payload = bs58::decode(MASTER_XPRV).with_check(None).into_vec().expect("an xprv");
    let relabelled = [&[0x04, 0x88, 0xb2, 0x1e], &payload[4..]].concat();
    assert_no_book(&bs58::encode(relabelled).with_check().into_string(), XpubError::NotAnXpub);
}

#[test]
fn a_key_of_another_depth_opens_no_book() {
    assert_no_book(MASTER_XPUB, |network| XpubError::WrongDepth { network, depth: 0 });
}

#[test]
fn neither_errors_nor_the_book_show_a_key() {
    let error = XpubBook::try_new(MASTER_XPRV, "").expect_err("a private key");
    assert_eq!(
        error.to_string(),
        "the tron account key is an extended private key: the process must hold no private key"
    );
    assert_eq!(format!("{:?}", book()), "XpubBook { .. }");
}

#[test]
fn networks_of_one_key_are_of_one_account() {
    let shared = XpubBook::try_new(test_keys::TRON_XPUB, test_keys::TRON_XPUB).expect("xpubs");
    let [tron, ethereum] = [Network::Tron, Network::Ethereum].map(|of| shared.account(of));
    assert_eq!(tron, ethereum);
    assert_eq!(book().account(Network::Tron), tron);
    assert_ne!(book().account(Network::Ethereum), tron);
    assert_eq!(tron.as_str().len(), 64, "a digest, which tells nobody the key");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_derived_address_parses_back(index in 0_u32..1 << 31) {
        for network in [Network::Tron, Network::Ethereum] {
            let address = book().escrow(network, index).expect("an index in range");
            prop_assert_eq!(parse_address(address.as_str()), Ok(address));
        }
    }
}

#[test]
fn an_owner_has_one_address_on_every_network_however_it_is_spelled() {
    let book = book();
    for network in [Network::Tron, Network::Ethereum] {
        let given = book.escrow(network, 7).expect("an address");
        let owner = book.owner(&given);
        assert_eq!(owner.on(network), given.as_str(), "as it was given out");
        for other in [Network::Tron, Network::Ethereum] {
            let spelled = book.parse(owner.on(other)).expect("an address");
            assert_eq!((spelled.network(), book.owner(&spelled)), (other, owner.clone()));
        }
        let lower = book.parse(&owner.ethereum.to_lowercase()).expect("an address");
        assert_eq!(book.owner(&lower), owner, "without its capitals");
    }
}
