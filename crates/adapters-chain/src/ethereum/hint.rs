//! What a node's answer to a broadcast hints at. Nodes agree on neither codes nor words, and none of it
//! is proof: what is not understood is called a refusal, which another node may not repeat.

use alloy::primitives::B256;
use domain::ports::SendHint;

use super::error::{has_any, is_rate};
use super::rpc::RpcError;

/// geth "already known", anvil "transaction already imported", Nethermind `AlreadyKnown`, Erigon and
/// `OpenEthereum` alike.
const KNOWN: [&str; 5] =
    ["already known", "already imported", "alreadyknown", "known transaction", "already exists"];
/// geth, Besu "nonce too low"; Nethermind `OldNonce`.
const NONCE_USED: [&str; 4] =
    ["nonce too low", "nonce is too low", "oldnonce", "nonce already used"];

pub(super) fn of(answer: Result<B256, RpcError>) -> SendHint {
    match answer {
        Ok(_) => SendHint::Accepted,
        Err(RpcError::Refused { code, message }) => refusal(code, message),
        Err(
            error @ (RpcError::Away(_)
            | RpcError::Late
            | RpcError::TooLong
            | RpcError::Status { .. }),
        ) => SendHint::NoAnswer(error.to_string()),
    }
}

fn refusal(code: i64, message: String) -> SendHint {
    match message.as_str() {
        words if has_any(words, &KNOWN) => SendHint::Known,
        words if has_any(words, &NONCE_USED) => SendHint::Expired(message),
        // The node has not looked at it: limits (-32005), trouble of its own (-32603), or a timeout.
        words if is_rate(words) || [-32005, -32603].contains(&code) => SendHint::NoAnswer(message),
        words if has_any(words, &["timeout", "timed out"]) => SendHint::NoAnswer(message),
        _ => SendHint::Refused(message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(code: i64, message: &str) -> SendHint {
        of(Err(RpcError::Refused { code, message: message.to_owned() }))
    }

    #[test]
    fn the_words_of_many_nodes_are_understood() {
        for known in ["already known", "transaction already imported", "AlreadyKnown, hash: 0x1"] {
            assert_eq!(hint(-32000, known), SendHint::Known, "{known}");
        }
        for used in ["nonce too low: next nonce 5, tx nonce 4", "Nonce too low", "OldNonce"] {
            assert!(matches!(hint(-32003, used), SendHint::Expired(_)), "{used}");
        }
        for unheard in ["rate limit reached", "Too Many Requests", "request timed out"] {
            assert!(matches!(hint(-32000, unheard), SendHint::NoAnswer(_)), "{unheard}");
        }
        for refused in ["replacement transaction underpriced", "insufficient funds for gas", ""] {
            assert!(matches!(hint(-32000, refused), SendHint::Refused(_)), "{refused}");
        }
        assert!(matches!(hint(-32005, "limit exceeded"), SendHint::NoAnswer(_)));
    }

    #[test]
    fn silence_is_no_refusal() {
        let silence = of(Err(RpcError::Away("no answer in time")));
        assert_eq!(silence, SendHint::NoAnswer("no answer in time".to_owned()));
    }
}
