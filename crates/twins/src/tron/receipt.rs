//! What became of a transaction in a block.

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::token::Log;

/// How the execution of a contract's call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    Success,
    /// The contract refused; only the energy used is burned.
    Revert,
    /// All the energy that the fee limit pays for is burned.
    OutOfEnergy,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Receipt {
    /// In all, in sun.
    pub(super) fee: i64,
    pub(super) net_usage: i64,
    pub(super) net_fee: i64,
    /// From stakes.
    pub(super) energy_usage: i64,
    /// Burned for the rest.
    pub(super) energy_fee: i64,
    pub(super) energy_total: i64,
    /// `None`: no contract was called.
    pub(super) called: Option<Called>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Called {
    pub(super) contract: Address,
    pub(super) outcome: Outcome,
    pub(super) returned: Vec<u8>,
    pub(super) logs: Vec<Log>,
}

impl Receipt {
    pub(super) fn outcome(&self) -> Outcome {
        self.called.as_ref().map_or(Outcome::Success, |called| called.outcome)
    }

    pub(super) fn logs(&self) -> &[Log] {
        self.called.as_ref().map_or(&[], |called| &called.logs)
    }
}

impl Outcome {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Success => "SUCCESS",
            Self::Revert => "REVERT",
            Self::OutOfEnergy => "OUT_OF_ENERGY",
        }
    }

    /// The message beside a failure.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Success => "",
            Self::Revert => "REVERT opcode executed",
            Self::OutOfEnergy => "Not enough energy for the operation: out of energy",
        }
    }
}
