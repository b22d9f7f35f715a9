//! Words of the contract ABI: selectors, addresses, amounts and lists of them.

use super::address::Address;
use super::hashing::keccak;

pub(super) type Word = [u8; 32];

/// The four bytes that a call begins with.
pub(super) fn selector(signature: &str) -> [u8; 4] {
    let digest = keccak(signature.as_bytes());
    [digest[0], digest[1], digest[2], digest[3]]
}

pub(super) fn call(signature: &str, words: &[Word]) -> Vec<u8> {
    let mut data = selector(signature).to_vec();
    data.extend(words.iter().flatten());
    data
}

pub(super) fn of_units(units: u128) -> Word {
    let mut word = [0; 32];
    word[16..].copy_from_slice(&units.to_be_bytes());
    word
}

pub(super) fn of_address(address: Address) -> Word {
    let mut word = [0; 32];
    word[12..].copy_from_slice(address.account());
    word
}

/// A short text as the only value that is returned.
pub(super) fn of_text(text: &str) -> Vec<u8> {
    let mut bytes =
        [of_units(32), of_units(u128::try_from(text.len()).unwrap_or_default())].concat();
    bytes.extend(text.as_bytes());
    bytes.resize(bytes.len().next_multiple_of(32), 0);
    bytes
}

/// The nth word of the arguments.
pub(super) fn word(arguments: &[u8], nth: usize) -> Option<Word> {
    let start = nth.checked_mul(32)?;
    arguments.get(start..start.checked_add(32)?)?.try_into().ok()
}

pub(super) fn address(word: &Word) -> Address {
    Address::of_digest(word)
}

/// `None` for more than any token has.
pub(super) fn units(word: &Word) -> Option<u128> {
    let (high, low) = word.split_at(16);
    high.iter()
        .all(|byte| *byte == 0)
        .then(|| u128::from_be_bytes(low.try_into().unwrap_or_default()))
}

/// Two lists of the same length as a call's arguments.
pub(super) fn of_lists(left: &[Word], right: &[Word]) -> Vec<Word> {
    let count = |list: &[Word]| of_units(u128::try_from(list.len()).unwrap_or_default());
    let second = u128::try_from((3 + left.len()) * 32).unwrap_or_default();
    let mut words = vec![of_units(64), of_units(second), count(left)];
    words.extend(left);
    words.push(count(right));
    words.extend(right);
    words
}

/// The nth argument, where it is a list.
pub(super) fn list(arguments: &[u8], nth: usize) -> Option<Vec<Word>> {
    let offset = usize::try_from(units(&word(arguments, nth)?)?).ok()?;
    let listed = arguments.get(offset..)?;
    let count = usize::try_from(units(&word(listed, 0)?)?).ok()?;
    (1..=count.min(listed.len())).map(|nth| word(listed, nth)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selector_of_a_transfer_is_the_known_one() {
        assert_eq!(selector("transfer(address,uint256)"), [0xa9, 0x05, 0x9c, 0xbb]);
    }

    #[test]
    fn lists_are_read_back() {
        let (left, right) = ([of_units(1), of_units(2)], [of_units(3), of_units(4)]);
        let arguments = of_lists(&left, &right).concat();
        assert_eq!(list(&arguments, 0).as_deref(), Some(left.as_slice()));
        assert_eq!(list(&arguments, 1).as_deref(), Some(right.as_slice()));
        assert_eq!(list(&arguments[..90], 0), None);
    }

    #[test]
    fn more_than_a_token_has_is_no_amount() {
        assert_eq!(units(&[0xff; 32]), None);
        assert_eq!(units(&of_units(u128::MAX)), Some(u128::MAX));
    }
}
