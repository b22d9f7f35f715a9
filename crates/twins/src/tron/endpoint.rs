//! The calls of the API that the twin knows.

/// One call of the API, under `/wallet/` or `/walletsolidity/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    GetNowBlock,
    GetBlock,
    GetBlockByNum,
    GetBlockByLimitNext,
    GetTransactionInfoByBlockNum,
    GetTransactionInfoById,
    GetTransactionById,
    GetTransactionFromPending,
    TriggerConstantContract,
    TriggerSmartContract,
    EstimateEnergy,
    CreateTransaction,
    BroadcastHex,
    BroadcastTransaction,
    GetAccount,
    GetAccountResource,
    GetChainParameters,
    /// Every other path.
    Unknown,
}

impl Endpoint {
    pub const ALL: [Self; 18] = [
        Self::GetNowBlock,
        Self::GetBlock,
        Self::GetBlockByNum,
        Self::GetBlockByLimitNext,
        Self::GetTransactionInfoByBlockNum,
        Self::GetTransactionInfoById,
        Self::GetTransactionById,
        Self::GetTransactionFromPending,
        Self::TriggerConstantContract,
        Self::TriggerSmartContract,
        Self::EstimateEnergy,
        Self::CreateTransaction,
        Self::BroadcastHex,
        Self::BroadcastTransaction,
        Self::GetAccount,
        Self::GetAccountResource,
        Self::GetChainParameters,
        Self::Unknown,
    ];

    /// The last part of its path.
    pub fn name(self) -> &'static str {
        match self {
            Self::GetNowBlock => "getnowblock",
            Self::GetBlock => "getblock",
            Self::GetBlockByNum => "getblockbynum",
            Self::GetBlockByLimitNext => "getblockbylimitnext",
            Self::GetTransactionInfoByBlockNum => "gettransactioninfobyblocknum",
            Self::GetTransactionInfoById => "gettransactioninfobyid",
            Self::GetTransactionById => "gettransactionbyid",
            Self::GetTransactionFromPending => "gettransactionfrompending",
            Self::TriggerConstantContract => "triggerconstantcontract",
            Self::TriggerSmartContract => "triggersmartcontract",
            Self::EstimateEnergy => "estimateenergy",
            Self::CreateTransaction => "createtransaction",
            Self::BroadcastHex => "broadcasthex",
            Self::BroadcastTransaction => "broadcasttransaction",
            Self::GetAccount => "getaccount",
            Self::GetAccountResource => "getaccountresource",
            Self::GetChainParameters => "getchainparameters",
            Self::Unknown => "",
        }
    }

    /// It puts a transaction into the pool; all others only ask.
    pub(super) fn is_broadcast(self) -> bool {
        matches!(self, Self::BroadcastHex | Self::BroadcastTransaction)
    }

    /// The solid state has no pool, takes nothing and builds nothing.
    pub(super) fn is_on_solidity(self) -> bool {
        !matches!(
            self,
            Self::GetTransactionFromPending
                | Self::TriggerSmartContract
                | Self::CreateTransaction
                | Self::BroadcastHex
                | Self::BroadcastTransaction
                | Self::GetAccountResource
                | Self::GetChainParameters
                | Self::Unknown
        )
    }

    /// The call, and whether it asks for the solid state.
    pub(super) fn of(path: &str) -> (Self, bool) {
        let solid = path.strip_prefix("/walletsolidity/");
        let is_solid = solid.is_some();
        let name = solid.or_else(|| path.strip_prefix("/wallet/")).unwrap_or_default();
        let known = Self::ALL.into_iter().find(|one| *one != Self::Unknown && one.name() == name);
        let known = known.filter(|one| !is_solid || one.is_on_solidity());
        (known.unwrap_or(Self::Unknown), is_solid)
    }
}
