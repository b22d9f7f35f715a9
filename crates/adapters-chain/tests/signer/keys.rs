//! Where keys come from, whose addresses they have, and that they stay unseen.

use std::fs;

use adapters_chain::XpubBook;
use adapters_chain::signer::{KeyError, KeySource, LocalSigner};
use adapters_chain::test_keys;
use alloy::primitives::{U256, hex};
use alloy::signers::k256::elliptic_curve::rand_core::OsRng;
use alloy::signers::local::PrivateKeySigner;
use domain::address::{AddressBook as _, Network};
use domain::chain::transfer::Wallet;
use domain::offer::Asset;
use domain::ports::Signer as _;

use super::support::{ESCROW, Folder, HOT, JUNK, Scene, What, config, open_with, phrase, set_mode};

/// The first account of every development node.
const ANVIL_0: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/// The key 1, encrypted with `pass` by PBKDF2 with few rounds: opening it takes no time.
const LIGHT_KEYSTORE: &str = include_str!("keystore.json");

fn with_keys(folder: &Folder, hot: KeySource, escrow: KeySource) -> Result<LocalSigner, KeyError> {
    let mut config = config(folder);
    (config.hot, config.escrow) = (hot, escrow);
    open_with(&config)
}

#[test]
fn addresses_are_those_of_other_wallets() {
    let folder = Folder::new();
    let signer = with_keys(&folder, phrase(JUNK), phrase(JUNK)).unwrap();
    let rows = [
        (Network::Tron, Wallet::Hot, "TWer2Ygk5TEheHp3TPuYeqxmB6SsGZmaL6"),
        (Network::Tron, Wallet::Escrow(1), "TPjjvMwjPoDC32V2dGDYTkLH4E5LAtBZ6C"),
        (Network::Tron, Wallet::Escrow(1000), "TRg66w9cUD4xiH6DVpySEZt6i4FUKWSsc2"),
        (Network::Ethereum, Wallet::Hot, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
        (Network::Ethereum, Wallet::Escrow(1000), "0x6D58073AeeB28068c5925D618DA9f4c4F35727b3"),
    ];
    for (network, wallet, expected) in rows {
        assert_eq!(signer.address(network, wallet).unwrap(), expected);
    }
    let xpubs = signer.account_xpubs();
    assert_eq!((&*xpubs.tron, &*xpubs.ethereum), (test_keys::TRON_XPUB, test_keys::ETHEREUM_XPUB));
}

#[test]
fn escrow_keys_are_those_of_the_addresses_given_out() {
    let scene = Scene::new();
    let xpubs = scene.signer.account_xpubs();
    let book = XpubBook::try_new(&xpubs.tron, &xpubs.ethereum).unwrap();
    for network in [Network::Tron, Network::Ethereum] {
        for index in [0, 1, 2, 41, 1000, 0x7fff_ffff] {
            let given_out = book.escrow(network, index).unwrap();
            assert_eq!(scene.address(network, Wallet::Escrow(index)), given_out.as_str());
        }
        let beyond = scene.signer.address(network, Wallet::Escrow(0x8000_0000));
        assert!(matches!(beyond, Err(KeyError::IndexOutOfRange)), "{beyond:?}");
    }
}

#[test]
fn a_mnemonic_is_read_from_a_file_whatever_its_line_breaks() {
    let folder = Folder::new();
    let broken = ESCROW.replacen(' ', "\n  ", 3) + "\n";
    let file = folder.secret("escrow", &broken);
    let from_file = KeySource::Mnemonic { file: file.clone(), password: None };
    let signer = with_keys(&folder, phrase(HOT), from_file).unwrap();
    let plain = with_keys(&folder, phrase(HOT), phrase(ESCROW)).unwrap();
    assert_eq!(signer.account_xpubs(), plain.account_xpubs());
    let password = Some("another seed".to_owned().into());
    let other = with_keys(&folder, phrase(HOT), KeySource::Mnemonic { file, password }).unwrap();
    assert_ne!(other.account_xpubs(), plain.account_xpubs(), "the password is part of the seed");
}

#[tokio::test]
async fn a_keystore_is_one_owner_on_both_networks_and_signs() {
    let folder = Folder::new();
    let key = hex::decode(ANVIL_0).unwrap();
    let name = Some("hot.json");
    let mut rng = OsRng;
    PrivateKeySigner::encrypt_keystore(folder.path(""), &mut rng, key, "pass", name).unwrap();
    set_mode(&folder.path("hot.json"), 0o600);
    let keystore = KeySource::Keystore {
        file: folder.path("hot.json"),
        passphrase_file: folder.secret("pass", "pass\n"),
    };
    let signer = with_keys(&folder, keystore, phrase(ESCROW)).unwrap();
    let scene = Scene { folder, signer };
    let tron = scene.address(Network::Tron, Wallet::Hot);
    let ethereum = scene.address(Network::Ethereum, Wallet::Hot);
    assert_eq!(tron, "TYBNgWfhGuNzdLtjKtxXTfskAhTbMcqbaG");
    assert_eq!(ethereum, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    let request = scene.request(Network::Tron, What::Delivery(Asset::Usdt));
    assert!(scene.signer.sign(&request).await.is_ok());
}

#[test]
fn a_keystore_of_another_maker_opens_and_a_wrong_one_says_why() {
    let folder = Folder::new();
    let keystore = |text: &str, passphrase: &str| KeySource::Keystore {
        file: folder.secret("hot.json", text),
        passphrase_file: folder.secret("pass", passphrase),
    };
    let open = |text: &str, passphrase: &str| {
        with_keys(&folder, keystore(text, passphrase), phrase(ESCROW))
    };
    let signer = open(LIGHT_KEYSTORE, "pass").unwrap();
    let one = PrivateKeySigner::from_slice(&U256::from(1).to_be_bytes::<32>()).unwrap();
    let address = signer.address(Network::Ethereum, Wallet::Hot).unwrap();
    assert_eq!(address, one.address().to_string());
    let wrong = open(LIGHT_KEYSTORE, "word");
    assert!(matches!(wrong, Err(KeyError::WrongPassphrase(_))), "{wrong:?}");
    for (from, to) in [
        ("aes-128-ctr", "aes-256-gcm"),
        ("\"version\": 3", "\"version\": 4"),
        ("\"dklen\": 32", "\"dklen\": 8"),
        ("\"iv\": \"00", "\"iv\": \""),
        ("{", "["),
    ] {
        let refused = open(&LIGHT_KEYSTORE.replace(from, to), "pass");
        assert!(matches!(refused, Err(KeyError::NotAKeystore(_))), "{to}: {refused:?}");
    }
}

#[test]
fn escrow_addresses_are_many_and_a_keystore_has_one_key() {
    let folder = Folder::new();
    let file = folder.secret("hot.json", LIGHT_KEYSTORE);
    let keystore = KeySource::Keystore { passphrase_file: folder.secret("pass", "pass"), file };
    let refused = with_keys(&folder, phrase(HOT), keystore);
    assert!(matches!(refused, Err(KeyError::EscrowKeystore)), "{refused:?}");
}

#[test]
fn a_secret_that_others_can_read_is_refused_with_what_to_do() {
    let folder = Folder::new();
    for mode in [0o640, 0o604, 0o644, 0o660, 0o610] {
        let file = folder.secret("escrow", ESCROW);
        set_mode(&file, mode);
        let escrow = KeySource::Mnemonic { file: file.clone(), password: None };
        let refused = with_keys(&folder, phrase(HOT), escrow).unwrap_err();
        assert!(matches!(refused, KeyError::Exposed { .. }), "{mode:o}");
        assert!(refused.to_string().contains("chmod 600"), "{refused}");
        set_mode(&file, 0o400);
        let escrow = KeySource::Mnemonic { file, password: None };
        assert!(with_keys(&folder, phrase(HOT), escrow).is_ok(), "read-only is fine");
        fs::remove_file(folder.path("escrow")).unwrap();
    }
    for exposed in ["hot.json", "pass"] {
        let file = folder.secret("hot.json", LIGHT_KEYSTORE);
        let passphrase_file = folder.secret("pass", "pass");
        set_mode(&folder.path(exposed), 0o644);
        let keystore = KeySource::Keystore { file, passphrase_file };
        let refused = with_keys(&folder, keystore, phrase(ESCROW));
        assert!(matches!(refused, Err(KeyError::Exposed { .. })), "{exposed}: {refused:?}");
    }
}

#[test]
fn what_is_no_mnemonic_is_refused_and_not_repeated() {
    let folder = Folder::new();
    let one_word_wrong = ESCROW.replace("second", "secret");
    let no_word = ESCROW.replace("second", "sesquipedalian");
    let short = ESCROW.rsplit_once(' ').unwrap().0;
    let long = [ESCROW, ESCROW, ESCROW].join(" ");
    for words in [one_word_wrong.as_str(), &no_word, short, &long, "", " ", "crowd"] {
        let refused = with_keys(&folder, phrase(HOT), phrase(words)).unwrap_err();
        assert!(matches!(refused, KeyError::NotAMnemonic("escrow")), "{refused:?}");
        let said = format!("{refused} {refused:?}");
        assert!(!said.contains("crowd") && !said.contains("sesqui"), "{said}");
    }
    let missing = KeySource::Mnemonic { file: folder.path("nowhere"), password: None };
    let refused = with_keys(&folder, missing, phrase(ESCROW));
    assert!(matches!(refused, Err(KeyError::File { .. })), "{refused:?}");
    let large = folder.secret("large", &"word ".repeat(20_000));
    let refused =
        with_keys(&folder, KeySource::Mnemonic { file: large, password: None }, phrase(ESCROW));
    assert!(matches!(refused, Err(KeyError::File { .. })), "{refused:?}");
}

#[test]
fn nothing_that_is_printed_shows_a_secret() {
    let folder = Folder::new();
    let mut config = config(&folder);
    config.hot = KeySource::Mnemonic {
        file: folder.secret("hot", HOT),
        password: Some("hush".to_owned().into()),
    };
    let signer = open_with(&config).unwrap();
    let said = format!("{config:?} {config:#?} {signer:?} {signer:#?}");
    for secret in HOT.split(' ').chain(ESCROW.split(' ')).chain(["hush", "xprv"]) {
        assert!(!said.contains(secret), "{secret} in {said}");
    }
    assert!(said.contains("LocalSigner") && said.contains("[redacted]"));
}
