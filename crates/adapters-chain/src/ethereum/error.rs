//! Why the chain could not be asked, in the words of the port.

use domain::ports::SourceError;

use super::rpc::RpcError;

/// No node is to blame for good: asking again, or another one, may help.
pub(super) fn away(words: impl Into<String>) -> SourceError {
    SourceError::Away(words.into())
}

pub(super) fn contradiction(words: impl Into<String>) -> SourceError {
    SourceError::Contradiction(words.into())
}

impl From<RpcError> for SourceError {
    fn from(error: RpcError) -> Self {
        away(error.to_string())
    }
}

impl RpcError {
    /// The call ran on the node's chain and was undone there.
    pub(super) fn is_revert(&self) -> bool {
        // 3 is what geth says; others only say it in words. An `assert` of solidity 0.4 is an invalid
        // opcode.
        let words =
            ["revert", "invalid opcode", "invalidfeopcode", "out of gas", "vm execution error"];
        match self {
            Self::Refused { code: 3, .. } => true,
            Self::Refused { message, .. } => has_any(message, &words),
            Self::Away(_) | Self::TooLong => false,
        }
    }

    /// The question was too large, and a smaller one may be answered. Limits have many words: geth,
    /// Infura (-32005), Alchemy, `QuickNode` and Ankr each have their own.
    pub(super) fn is_too_much(&self) -> bool {
        let words = [
            "more than",
            "too many",
            "too large",
            "too big",
            "range",
            "exceed",
            "limit",
            "results",
            "timeout",
            "timed out",
        ];
        match self {
            Self::TooLong => true,
            Self::Refused { message, .. } if is_rate(message) => false,
            Self::Refused { code, message } => *code == -32005 || has_any(message, &words),
            Self::Away(_) => false,
        }
    }

    /// The node does not know the method.
    pub(super) fn is_unknown_method(&self) -> bool {
        match self {
            Self::Refused { code: -32601, .. } => true,
            Self::Refused { message, .. } => {
                has_any(message, &["method not found", "not supported", "does not exist"])
            }
            Self::Away(_) | Self::TooLong => false,
        }
    }
}

/// Too many calls rather than too large a one.
pub(super) fn is_rate(message: &str) -> bool {
    has_any(message, &["rate limit", "requests per", "too many requests", "request rate"])
}

pub(super) fn has_any(message: &str, words: &[&str]) -> bool {
    let message = message.to_ascii_lowercase();
    words.iter().any(|word| message.contains(word))
}
