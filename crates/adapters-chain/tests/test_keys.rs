//! The test keys are recognised by what they derive, however they are written.

use adapters_chain::test_keys::{ETHEREUM_XPUB, TRON_XPUB, is_test_key};

/// Test vector 1 of BIP-32: well known too, but not one of ours.
const OTHER_XPUB: &str = "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8";

const CHAIN_CODE: usize = 13;
const PUBLIC_KEY: usize = 45;

/// First bytes of a public key (SEC 1). The Ethereum test key has an even y.
const ODD_Y: u8 = 3;
const EVEN_Y_COMPACT: u8 = 5;

/// The xpub with one byte of its 78 written over, and a checksum that fits.
fn with_byte(xpub: &str, at: usize, byte: u8) -> String {
    let mut payload = bs58::decode(xpub).with_check(None).into_vec().expect("an xpub");
    payload[at] = byte;
    bs58::encode(payload).with_check().into_string()
}

#[test]
fn the_test_keys_are_recognised() {
    assert!(is_test_key(TRON_XPUB));
    assert!(is_test_key(ETHEREUM_XPUB));
}

#[test]
fn another_depth_parent_or_index_does_not_hide_a_test_key() {
    for at in 4..CHAIN_CODE {
        let relabelled = with_byte(TRON_XPUB, at, 0x5a);
        assert_ne!(relabelled, TRON_XPUB);
        assert!(is_test_key(&relabelled), "byte {at}");
    }
}

#[test]
fn the_compact_form_of_a_point_does_not_hide_a_test_key() {
    assert!(is_test_key(&with_byte(ETHEREUM_XPUB, PUBLIC_KEY, EVEN_Y_COMPACT)));
}

#[test]
fn another_chain_code_or_public_key_makes_another_key() {
    assert!(!is_test_key(&with_byte(ETHEREUM_XPUB, CHAIN_CODE, 0x5a)));
    assert!(!is_test_key(&with_byte(ETHEREUM_XPUB, PUBLIC_KEY, ODD_Y)));
}

#[test]
fn other_keys_and_other_texts_are_not_test_keys() {
    for text in [OTHER_XPUB, "", "xpub", &TRON_XPUB[..110]] {
        assert!(!is_test_key(text));
    }
}
