//! What start-up asks of a signer before it may sign.

use adapters_chain::signer::{KeyError, KeySource, KeyUse, LocalSigner, is_test_mnemonic};
use adapters_chain::test_keys;
use domain::address::Network;

use super::support::{ESCROW, Folder, HOT, JUNK, config, open_with, phrase};

const TRON: u64 = 728_126_428;
const NILE: u64 = 3_448_148_188;

const PUBLISHED: [&str; 6] = [
    JUNK,
    "myth like bonus scare over problem client lizard pioneer submit female collect",
    "candy maple cake sugar pudding cream honey rich smooth crumble sweet treat",
    "concert load couple harbor equip island argue ramp clarify fence smart topic",
    "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong",
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art",
];

fn with_keys(hot: KeySource, escrow: KeySource) -> LocalSigner {
    let folder = Folder::new();
    let mut config = config(&folder);
    (config.hot, config.escrow) = (hot, escrow);
    open_with(&config).unwrap()
}

#[test]
fn published_phrases_are_known_however_they_are_written() {
    for words in PUBLISHED {
        assert!(is_test_mnemonic(words), "{words}");
        assert!(is_test_mnemonic(&format!("  {}\n", words.to_uppercase().replace(' ', "\t"))));
    }
    for words in [HOT, ESCROW, "", "test", "test junk"] {
        assert!(!is_test_mnemonic(words), "{words}");
    }
}

fn network(chain_id: u64, is_test: bool) -> KeyUse {
    KeyUse { chain_id, is_test }
}

#[test]
fn published_keys_are_for_networks_that_are_configured_as_test_ones() {
    let rows = [
        ("hot", with_keys(phrase(JUNK), phrase(ESCROW))),
        ("escrow", with_keys(phrase(HOT), phrase(PUBLISHED[1]))),
        ("hot", with_keys(phrase(PUBLISHED[4]), phrase(JUNK))),
    ];
    let nile = network(NILE, true);
    for (expected, signer) in rows {
        // Main networks are none, whatever they are called; others are only if somebody says so.
        for chain_id in [1, TRON, 8_453, 137, 56] {
            for is_test in [false, true] {
                let networks = [nile, network(chain_id, is_test)];
                let refused = signer.refuse_test_keys(&networks, false);
                let Err(KeyError::TestKeys { wallet, chain_id: named }) = refused else {
                    panic!("{chain_id}: {refused:?}")
                };
                assert_eq!((wallet, named), (expected, chain_id));
            }
        }
        let unnamed = signer.refuse_test_keys(&[network(NILE, false)], false);
        assert!(matches!(unnamed, Err(KeyError::TestKeys { .. })), "{unnamed:?}");
        let tests = [nile, network(11_155_111, true), network(31_337, true)];
        signer.refuse_test_keys(&tests, false).unwrap();
        signer.refuse_test_keys(&[], false).unwrap();
        for networks in [&tests[..], &[]] {
            let refused = signer.refuse_test_keys(networks, true);
            assert!(matches!(refused, Err(KeyError::TestKeysInProduction { .. })), "{refused:?}");
        }
    }
    let own = with_keys(phrase(HOT), phrase(ESCROW));
    own.refuse_test_keys(&[network(1, false), network(TRON, false)], true).unwrap();
}

#[test]
fn a_keystore_with_a_published_key_is_refused_as_well() {
    let folder = Folder::new();
    let mut config = config(&folder);
    let keystore = |text| KeySource::Keystore {
        file: folder.secret("hot.json", text),
        passphrase_file: folder.secret("pass", "pass"),
    };
    config.hot = keystore(include_str!("keystore.published.json"));
    let refused = open_with(&config).unwrap().refuse_test_keys(&[network(1, false)], false);
    assert!(matches!(refused, Err(KeyError::TestKeys { wallet: "hot", .. })), "{refused:?}");
    config.hot = keystore(include_str!("keystore.json"));
    open_with(&config).unwrap().refuse_test_keys(&[network(1, false)], true).unwrap();
}

#[test]
fn two_wallets_have_two_mnemonics() {
    let shared = with_keys(phrase(HOT), phrase(HOT)).refuse_shared_mnemonic();
    assert!(matches!(shared, Err(KeyError::SharedMnemonic)), "{shared:?}");
    with_keys(phrase(HOT), phrase(ESCROW)).refuse_shared_mnemonic().unwrap();
}

#[test]
fn one_phrase_with_two_passwords_is_one_mnemonic() {
    let folder = Folder::new();
    let mut config = config(&folder);
    config.hot = KeySource::Mnemonic {
        file: folder.secret("hot", ESCROW),
        password: Some("password".to_owned().into()),
    };
    let shared = open_with(&config).unwrap().refuse_shared_mnemonic();
    assert!(matches!(shared, Err(KeyError::SharedMnemonic)), "{shared:?}");
}

#[test]
fn a_keystore_with_an_escrow_key_is_shared_too() {
    let folder = Folder::new();
    let mut config = config(&folder);
    config.escrow = phrase(JUNK);
    config.hot = KeySource::Keystore {
        file: folder.secret("hot.json", include_str!("keystore.published.json")),
        passphrase_file: folder.secret("pass", "pass"),
    };
    let shared = open_with(&config).unwrap().refuse_shared_mnemonic();
    assert!(matches!(shared, Err(KeyError::SharedMnemonic)), "{shared:?}");
}

#[test]
fn addresses_are_given_out_only_of_the_own_mnemonic() {
    let signer = with_keys(phrase(HOT), phrase(ESCROW));
    let own = signer.account_xpubs();
    signer.require_xpubs(&own.tron, &own.ethereum).unwrap();
    let rows = [
        (test_keys::TRON_XPUB, own.ethereum.as_str(), Network::Tron),
        (own.tron.as_str(), test_keys::ETHEREUM_XPUB, Network::Ethereum),
        // Told apart by nothing but their keys: the networks changed places.
        (own.ethereum.as_str(), own.tron.as_str(), Network::Tron),
        ("", "", Network::Tron),
    ];
    for (tron, ethereum, expected) in rows {
        let refused = signer.require_xpubs(tron, ethereum);
        let Err(KeyError::ForeignXpub(network)) = refused else { panic!("{refused:?}") };
        assert_eq!(network, expected);
    }
}

#[test]
fn a_contract_that_is_no_address_is_named() {
    let folder = Folder::new();
    let mut tron = config(&folder);
    tron.tron.usdt = "0xdAC17F958D2ee523a2206206994597C13D831ec7".to_owned();
    let refused = open_with(&tron);
    assert!(matches!(refused, Err(KeyError::Contract("Tron USDT"))), "{refused:?}");
    let mut ethereum = config(&folder);
    ethereum.ethereum.usdc = String::new();
    let refused = open_with(&ethereum);
    assert!(matches!(refused, Err(KeyError::Contract("Ethereum USDC"))), "{refused:?}");
}
