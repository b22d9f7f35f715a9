//! Our keys, from the words that every test network knows, used without the adapters' code.

use adapters_chain::{XpubBook, test_keys};
use alloy::signers::local::coins_bip39::English;
use alloy::signers::local::{MnemonicBuilder, PrivateKeySigner};

const WORDS: &str = "test test test test test test test test test test test junk";

pub(crate) fn book() -> XpubBook {
    XpubBook::try_new(test_keys::TRON_XPUB, test_keys::ETHEREUM_XPUB).expect("a fixture")
}

pub(crate) fn key(coin: u32, index: u32) -> PrivateKeySigner {
    let path = format!("m/44'/{coin}'/0'/0/{index}");
    let builder = MnemonicBuilder::<English>::default().phrase(WORDS);
    builder.derivation_path(path).expect("a fixture").build().expect("a fixture")
}
