//! Hexadecimal as a node writes it: lower case, without 0x.

pub(super) fn encode(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// `None` where a digit is none, or one is missing.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok()).collect()
}

/// Exactly 32 bytes: a txid or a block id.
pub(super) fn hash(text: &str) -> Option<[u8; 32]> {
    decode(text)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_nothing_else_is() {
        assert_eq!(decode("00ffA1"), Some(vec![0, 255, 161]));
        assert_eq!(encode(&[0, 255, 161]), "00ffa1");
        for bad in ["0", "0x00", "zz", " 00"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}
