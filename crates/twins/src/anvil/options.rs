//! How a node is to be run.

use std::time::Duration;

/// The words of every test network, and worth nothing on any other.
pub const MNEMONIC: &str = "test test test test test test test test test test test junk";

/// When a block is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mining {
    /// For every transaction, as soon as it arrives.
    #[default]
    Auto,
    /// Only when [`Chain::mine`](super::Chain::mine) is called.
    Manual,
    /// At this pace, whether there are transactions or not; fractions of a second are kept.
    Every(Duration),
}

#[derive(Debug, Clone)]
pub struct AnvilOptions {
    pub mining: Mining,
    /// The port on 127.0.0.1; 0 lets the system choose.
    pub port: u16,
    pub chain_id: u64,
    /// `safe` is so many blocks behind the head, and `finalized` twice as many.
    pub slots_in_an_epoch: u64,
    /// The words the funded accounts are derived from, at m/44'/60'/0'/0/i.
    pub mnemonic: String,
    /// How many of them are funded.
    pub accounts: u32,
    /// Where the chain is kept, and gone on with; `None`: it ends with the program.
    pub folder: Option<std::path::PathBuf>,
}

impl Default for AnvilOptions {
    fn default() -> Self {
        Self {
            mining: Mining::Auto,
            port: 0,
            chain_id: 31337,
            slots_in_an_epoch: 4,
            mnemonic: MNEMONIC.to_owned(),
            accounts: 10,
            folder: None,
        }
    }
}

impl AnvilOptions {
    pub fn mined(mining: Mining) -> Self {
        Self { mining, ..Self::default() }
    }

    pub(super) fn arguments(&self) -> Vec<String> {
        let pairs = [
            ("--host", "127.0.0.1".to_owned()),
            ("--port", self.port.to_string()),
            ("--chain-id", self.chain_id.to_string()),
            ("--slots-in-an-epoch", self.slots_in_an_epoch.to_string()),
            ("--hardfork", "prague".to_owned()),
            // Within a block the order of arrival, where a real chain goes by fees.
            ("--order", "fifo".to_owned()),
            ("--mnemonic", self.mnemonic.clone()),
            ("--accounts", self.accounts.to_string()),
        ];
        let mut arguments: Vec<String> =
            pairs.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect();
        match self.mining {
            // The tokens are deployed by hand first, so that they share one block.
            Mining::Auto | Mining::Manual => arguments.push("--no-mining".to_owned()),
            Mining::Every(pace) => {
                arguments.extend(["--block-time".to_owned(), pace.as_secs_f64().to_string()]);
            }
        }
        arguments
    }
}
