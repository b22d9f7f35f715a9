//! Solidity's call data, as far as the test tokens need it.

use super::words::{Address, hex, keccak};

#[derive(Debug, Clone)]
pub(super) enum Argument {
    Address(Address),
    Number(u128),
    Flag(bool),
    Text(&'static str),
    Addresses(Vec<Address>),
    Numbers(Vec<u128>),
}

/// What is sent to call `signature`, such as `transfer(address,uint256)`.
pub(super) fn call(signature: &str, arguments: &[Argument]) -> String {
    let selector = keccak(signature.as_bytes());
    format!("0x{}{}", hex(&selector[..4]), encoded(arguments))
}

/// The arguments alone, as a constructor takes them: what has no fixed length stands behind all
/// the rest, and its place is told instead.
pub(super) fn encoded(arguments: &[Argument]) -> String {
    let (mut head, mut tail) = (String::new(), String::new());
    for argument in arguments {
        match argument {
            Argument::Address(address) => head.push_str(&address_word(address)),
            Argument::Number(number) => head.push_str(&number_word(*number)),
            Argument::Flag(flag) => head.push_str(&number_word(u128::from(*flag))),
            Argument::Text(text) => {
                head.push_str(&place(arguments, &tail));
                tail.push_str(&length_word(text.len()));
                tail.push_str(&padded(text));
            }
            Argument::Addresses(list) => {
                head.push_str(&place(arguments, &tail));
                tail.push_str(&length_word(list.len()));
                tail.extend(list.iter().map(address_word));
            }
            Argument::Numbers(list) => {
                head.push_str(&place(arguments, &tail));
                tail.push_str(&length_word(list.len()));
                tail.extend(list.iter().map(|number| number_word(*number)));
            }
        }
    }
    head + &tail
}

/// An address as a log's topic has it.
pub(super) fn address_word(address: &Address) -> String {
    format!("{:0>64}", hex(&address.0))
}

fn number_word(number: u128) -> String {
    format!("{number:064x}")
}

fn length_word(length: usize) -> String {
    format!("{length:064x}")
}

fn place(arguments: &[Argument], tail: &str) -> String {
    length_word(arguments.len() * 32 + tail.len() / 2)
}

fn padded(text: &str) -> String {
    let digits = hex(text.as_bytes());
    let width = digits.len().div_ceil(64) * 64;
    format!("{digits:0<width$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transfer_is_encoded_as_everywhere() {
        let to = Address([0x11; 20]);
        let data = call(
            "transfer(address,uint256)",
            &[Argument::Address(to), Argument::Number(1_500_000)],
        );
        let wanted = format!("0xa9059cbb{:0>64}{:064x}", "11".repeat(20), 1_500_000);
        assert_eq!(data, wanted);
    }

    #[test]
    fn what_has_no_fixed_length_stands_behind_the_rest() {
        let text = encoded(&[Argument::Text("USDT"), Argument::Number(7)]);
        let word = |n: u32| format!("{n:064x}");
        assert_eq!(text, [word(64), word(7), word(4), format!("{:0<64}", "55534454")].concat());
    }
}
