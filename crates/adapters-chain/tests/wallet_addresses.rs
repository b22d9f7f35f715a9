//! Which texts are wallet addresses, of which network, and what is wrong with the others.

use adapters_chain::parse_address;
use domain::address::{AddressError, Network};
use proptest::prelude::*;

const TRON: &str = "TWer2Ygk5TEheHp3TPuYeqxmB6SsGZmaL6";
const ETHEREUM: &str = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

#[track_caller]
fn assert_accepted(network: Network, text: &str) {
    let address = parse_address(text).expect(text);
    assert_eq!((address.network(), address.as_str()), (network, text));
}

#[track_caller]
fn assert_refused(expected: AddressError, text: &str) {
    assert_eq!(parse_address(text), Err(expected), "{text:?}");
}

#[test]
fn tron_addresses_are_accepted() {
    for text in [
        TRON,
        "TYBNgWfhGuNzdLtjKtxXTfskAhTbMcqbaG",
        "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        "TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf",
    ] {
        assert_accepted(Network::Tron, text);
    }
}

#[test]
fn the_checksum_vectors_of_eip_55_are_accepted() {
    for text in [
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        ETHEREUM,
    ] {
        assert_accepted(Network::Ethereum, text);
    }
}

#[test]
fn an_ethereum_address_in_one_case_is_accepted_and_keeps_its_spelling() {
    let digits = &ETHEREUM[2..];
    assert_accepted(Network::Ethereum, &ETHEREUM.to_lowercase());
    assert_accepted(Network::Ethereum, &format!("0x{}", digits.to_uppercase()));
    assert_accepted(Network::Ethereum, &format!("0x{}", "1".repeat(40)));
}

#[test]
fn nothing_is_empty() {
    assert_refused(AddressError::Empty, "");
}

#[test]
fn a_text_of_neither_form_is_unknown() {
    for text in [" ", "hello", "52908400098527886E0F7030069857D2E4169EE7", "0", "\0", "+254712"] {
        assert_refused(AddressError::UnknownForm, text);
    }
}

#[test]
fn an_address_of_another_chain_is_no_lesson_in_tron() {
    for text in [
        "x",
        "z",
        "T",
        "T ",
        "TÖ",
        // Solana: an account, and two programs, one of which begins with a T.
        "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU",
        "11111111111111111111111111111111",
        "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
        // TON, friendly and raw.
        "EQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqB2N",
        "0:83dfd552e63729b472fcbcc8c45ebcc6691702558b68ec7527e1ba403a0f31a8",
    ] {
        assert_refused(AddressError::UnknownForm, text);
    }
    let said = AddressError::UnknownForm.to_string();
    assert!(said.contains("neither a Tron address") && said.contains("nor an Ethereum"), "{said}");
}

#[test]
fn a_tron_address_of_another_length_is_refused() {
    for text in ["TWer2Ygk5TEheHp3TPuYeqxmB6SsGZmaL", &format!("{TRON}1"), &TRON[1..]] {
        assert_refused(AddressError::TronLength, text);
    }
}

#[test]
fn a_checksum_does_not_make_up_for_a_missing_byte() {
    for bytes in [0, 1, 19, 21, 32] {
        let text = bs58::encode(vec![7; bytes]).with_check_version(0x41).into_string();
        assert_refused(AddressError::TronLength, &text);
    }
}

#[test]
fn a_tron_address_with_a_character_outside_base58_is_refused() {
    for text in ["TWer2Ygk5TEheHp3TPuYeqxmB6SsGZmaL0", "TWer2Ygk5TEheHp3TPuYeqxmB6SsGZmaé"] {
        assert_refused(AddressError::TronAlphabet, text);
    }
}

#[test]
fn a_tron_address_with_a_wrong_character_is_refused() {
    for text in [
        "TWer2Ygk5TEheHp3TPuYeqxmB6SsGZmaL7",
        "TWer2Ygk5TEheHp3TPuYeqxmB6SsGZmLa6",
        "SWer2Ygk5TEheHp3TPuYeqxmB6SsGZmaL6",
        "twer2Ygk5TEheHp3TPuYeqxmB6SsGZmaL6",
    ] {
        assert_refused(AddressError::TronChecksum, text);
    }
}

#[test]
fn a_bitcoin_address_is_of_another_version() {
    for text in [
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
        "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
        "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
        "1111111111111111111114oLvT2",
    ] {
        assert_refused(AddressError::TronVersion, text);
    }
}

#[test]
fn an_ethereum_address_of_another_length_is_refused() {
    for text in ["0x", "0xf", &ETHEREUM[..41], &format!("{ETHEREUM}0"), TRON_IN_HEX_WITH_PREFIX] {
        assert_refused(AddressError::EthereumLength, text);
    }
}

/// As some Tron tools print it: the version byte is still in front.
const TRON_IN_HEX_WITH_PREFIX: &str = "0x41a614f803b6fd780986a42c78ec9c7f77e6ded13c";

#[test]
fn an_ethereum_address_with_another_character_is_refused() {
    let letter_o = ETHEREUM.replace('9', "O");
    let capital_prefix = ETHEREUM.replacen("0x", "0X", 1).to_uppercase();
    for text in [&letter_o, &capital_prefix, "0xé", "0x0x", "0X"] {
        assert_refused(AddressError::EthereumHex, text);
    }
}

#[test]
fn an_ethereum_address_with_a_wrong_checksum_is_refused() {
    for text in [
        "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92267",
        "0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
        "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    ] {
        assert_refused(AddressError::EthereumChecksum, text);
    }
}

#[test]
fn the_zero_address_is_refused() {
    assert_refused(AddressError::Zero, "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb");
    assert_refused(AddressError::Zero, "0x0000000000000000000000000000000000000000");
}

#[test]
fn white_space_around_an_address_is_refused() {
    for space in [" ", "\t", "\n", "\u{a0}", "\u{200b}"] {
        assert_refused(AddressError::UnknownForm, &format!("{space}{TRON}"));
        assert_refused(AddressError::UnknownForm, &format!("{space}{ETHEREUM}"));
        assert_refused(AddressError::TronAlphabet, &format!("{TRON}{space}"));
        assert_refused(AddressError::EthereumHex, &format!("{ETHEREUM}{space}"));
    }
}

#[test]
fn look_alike_letters_are_refused() {
    let cyrillic_te = TRON.replacen('T', "\u{422}", 1);
    let full_width = ETHEREUM.replacen('0', "\u{ff10}", 1);
    assert_refused(AddressError::UnknownForm, &cyrillic_te);
    assert_refused(AddressError::UnknownForm, &full_width);
    assert_refused(AddressError::EthereumHex, &ETHEREUM.replace('a', "\u{430}"));
}

#[test]
fn a_very_long_text_is_refused_by_its_length_alone() {
    let long = "1".repeat(10_000_000);
    assert_refused(AddressError::UnknownForm, &long);
    assert_refused(AddressError::UnknownForm, &format!("T{long}"));
    assert_refused(AddressError::EthereumLength, &format!("0x{long}"));
    assert_refused(AddressError::EthereumLength, &format!("0x{}", "z".repeat(65)));
    assert_refused(AddressError::UnknownForm, &"é".repeat(1_000_000));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = parse_address(&text);
    }

    #[test]
    fn no_text_of_nearly_the_right_form_makes_it_panic(text in "(T|0x|0X|)[1-9A-Za-z\u{e9} ]{0,70}") {
        let _ = parse_address(&text);
    }

    #[test]
    fn one_wrong_character_never_passes(at in 1_usize..34, by in "[1-9A-HJ-NP-Za-km-z]") {
        let mut text = TRON.to_owned();
        text.replace_range(at..=at, &by);
        prop_assert_eq!(parse_address(&text).is_ok(), text == TRON);
    }
}
