//! Phrases that the whole world knows. Their coin belongs to whoever is first.

use domain::address::Network;
use secrecy::zeroize::Zeroizing;

use super::branch::Tree;
use super::{Key, Words};

/// Defaults of development nodes and test vectors of standards. Phrases that repeat one word
/// (`test … junk`, `abandon … about`, `zoo … wrong`) are recognised by that.
const PHRASES: [&str; 7] = [
    // anvil, Hardhat, Foundry
    "test test test test test test test test test test test junk",
    // Ganache's deterministic mode
    "myth like bonus scare over problem client lizard pioneer submit female collect",
    // Truffle's develop console
    "candy maple cake sugar pudding cream honey rich smooth crumble sweet treat",
    // 0x's development snapshots
    "concert load couple harbor equip island argue ramp clarify fence smart topic",
    // BIP-39's own vectors
    "legal winner thank year wave sausage worth useful legal winner thank yellow",
    "letter advice cage absurd amount doctor acoustic avoid letter advice cage above",
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
];

/// Development nodes show so many accounts of their phrase.
const SHOWN_ACCOUNTS: u32 = 10;

/// Whether a phrase is published, whatever its spaces and capitals.
pub fn is_test_mnemonic(phrase: &str) -> bool {
    let phrase = tidy(phrase);
    PHRASES.contains(&phrase.as_str()) || repeats_one_word(&phrase)
}

/// No twelve words drawn at random repeat one that often.
fn repeats_one_word(phrase: &str) -> bool {
    let words = || phrase.split(' ');
    let first = words().next();
    let others = words().filter(|word| Some(*word) != first).count();
    words().count() >= 12 && others <= 1
}

/// Whether a single key is one that a published phrase begins with.
pub(super) fn is_test_key(key: &Key) -> bool {
    let shows = |phrase: &&str| {
        let words = Words { phrase: tidy(phrase), password: None };
        let Ok(tree) = Tree::grow("published", &words) else { return false };
        [Network::Tron, Network::Ethereum].into_iter().any(|network| {
            let account = |index| tree.branch(network).child(index);
            (0..SHOWN_ACCOUNTS).filter_map(|index| account(index).ok()).any(|known| known == *key)
        })
    };
    PHRASES.iter().any(shows)
}

/// One space between words and no capitals: as a mnemonic's seed is computed.
pub(super) fn tidy(phrase: &str) -> Zeroizing<String> {
    // No longer than the phrase, so that the buffer does not grow and leave a copy behind.
    let mut tidied = Zeroizing::new(String::with_capacity(phrase.len().saturating_add(1)));
    for word in phrase.split_whitespace() {
        if !tidied.is_empty() {
            tidied.push(' ');
        }
        tidied.extend(word.chars().map(|letter| letter.to_ascii_lowercase()));
    }
    tidied
}
