//! Why the chain could not be asked, in the words of the port.

use domain::ports::SourceError;

use super::rpc::{NOT_EACH, RpcError, UNREADABLE};

/// Too many calls, as Alchemy says it; others say it in words.
const RATE: i64 = 429;

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
            Self::Away(_) | Self::Late | Self::TooLong | Self::Status { .. } => false,
        }
    }

    /// The question may have been too large, and a smaller one may be answered. Limits have many codes
    /// and words, and each provider its own: whatever is refused is tried smaller. Too many calls in a
    /// second are not fewer for that.
    pub(super) fn is_too_much(&self) -> bool {
        match self {
            Self::TooLong => true,
            Self::Refused { .. } | Self::Status { .. } => !self.is_too_fast(),
            Self::Away(_) | Self::Late => false,
        }
    }

    /// Too many calls, not too large a one.
    pub(super) fn is_too_fast(&self) -> bool {
        match self {
            Self::Refused { code, message } => *code == RATE || is_rate(message),
            Self::Status { status, words } => {
                *status == 429 || words.as_deref().is_some_and(is_rate)
            }
            Self::Away(_) | Self::Late | Self::TooLong => false,
        }
    }

    /// A search of logs was refused, perhaps for naming no contract: some providers say so; others
    /// refuse even a single block without a reason.
    pub(super) fn may_want_address(&self, is_one_block: bool) -> bool {
        let (code, words) = match self {
            Self::Refused { code, message } => (*code, message.as_str()),
            Self::Status { words: Some(words), .. } => (0, words.as_str()),
            _ => return false,
        };
        // -32701 is one provider's own.
        code == -32701 || has_any(words, &["address"]) || (is_one_block && self.is_too_much())
    }

    /// A batch failed as a whole, or one of its calls did: fewer at once may be answered. Limits come
    /// as HTTP 413 or 500, as codes of all kinds, and as answers to some of the calls only.
    pub(super) fn may_be_the_batch(&self) -> bool {
        match self {
            Self::TooLong | Self::Refused { .. } => true,
            Self::Status { status, .. } => *status != 429,
            Self::Away(words) => [UNREADABLE, NOT_EACH].contains(words),
            Self::Late => false,
        }
    }

    /// The node does not know the method.
    pub(super) fn is_unknown_method(&self) -> bool {
        match self {
            Self::Refused { code: -32601, .. } => true,
            Self::Refused { message, .. } => {
                has_any(message, &["method not found", "not supported", "does not exist"])
            }
            Self::Away(_) | Self::Late | Self::TooLong | Self::Status { .. } => false,
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
