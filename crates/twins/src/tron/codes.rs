//! What a node answers to a broadcast.

/// The code of an answer to a broadcast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BroadcastCode {
    Success,
    SigError,
    ContractValidateError,
    ContractExeError,
    /// Spelt so by the node.
    BandwithError,
    DupTransactionError,
    TaposError,
    TooBigTransactionError,
    TransactionExpirationError,
    ServerBusy,
    NoConnection,
    NotEnoughEffectiveConnection,
    BlockUnsolidified,
    OtherError,
}

/// A refusal of a transaction: the code, and the node's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: BroadcastCode,
    pub(super) words: String,
}

impl Refusal {
    pub(super) fn new(code: BroadcastCode, words: impl Into<String>) -> Self {
        Self { code, words: words.into() }
    }

    pub(super) fn of(code: BroadcastCode) -> Self {
        Self::new(code, code.words())
    }

    pub(super) fn invalid(words: impl std::fmt::Display) -> Self {
        let code = BroadcastCode::ContractValidateError;
        Self::new(code, format!("{}{words}", code.words()))
    }
}

impl BroadcastCode {
    pub fn name(self) -> &'static str {
        match self {
            Self::Success => "SUCCESS",
            Self::SigError => "SIGERROR",
            Self::ContractValidateError => "CONTRACT_VALIDATE_ERROR",
            Self::ContractExeError => "CONTRACT_EXE_ERROR",
            Self::BandwithError => "BANDWITH_ERROR",
            Self::DupTransactionError => "DUP_TRANSACTION_ERROR",
            Self::TaposError => "TAPOS_ERROR",
            Self::TooBigTransactionError => "TOO_BIG_TRANSACTION_ERROR",
            Self::TransactionExpirationError => "TRANSACTION_EXPIRATION_ERROR",
            Self::ServerBusy => "SERVER_BUSY",
            Self::NoConnection => "NO_CONNECTION",
            Self::NotEnoughEffectiveConnection => "NOT_ENOUGH_EFFECTIVE_CONNECTION",
            Self::BlockUnsolidified => "BLOCK_UNSOLIDIFIED",
            Self::OtherError => "OTHER_ERROR",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Success => "",
            Self::SigError => "Validate signature error: ",
            Self::ContractValidateError => "Contract validate error : ",
            Self::ContractExeError => "Contract execute error : ",
            Self::BandwithError => "Account resource insufficient error.",
            Self::DupTransactionError => "Dup transaction.",
            Self::TaposError => "Tapos check error.",
            Self::TooBigTransactionError => "Transaction size is too big.",
            Self::TransactionExpirationError => "Transaction expired",
            Self::ServerBusy => "Server busy.",
            Self::NoConnection => "No connection.",
            Self::NotEnoughEffectiveConnection => "No enough effective connection.",
            Self::BlockUnsolidified => "Block unsolidified.",
            Self::OtherError => "Error: ",
        }
    }
}
