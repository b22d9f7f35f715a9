//! A private chain with the adapter before it. Nothing here asserts what the adapter does.

use std::sync::Arc;

use adapters_chain::ethereum::{Ethereum, EthereumConfig};
use domain::address::{AddressBook as _, Network};
use domain::chain::transfer::{Observation, Plan, Purpose, Signed, Terms, Wallet};
use domain::chain::{Scan, Sighting, Value, from_chain_units};
use domain::ids::{OrderId, time_ordered};
use domain::offer::Asset;
use domain::ports::{ChainSender as _, ChainSource as _, SendHint};
use time::OffsetDateTime;
use twins::anvil::{Address, Anvil, AnvilGate, AnvilOptions, Chain, Hash, Mining, Sender, Token};

use crate::support::Watch;
use crate::support::evm::{self, ESCROW, HOT};
use crate::support::keys::book;

pub(crate) const CUSTOMER: Sender = Sender::Account(2);
pub(crate) const OTHER: Sender = Sender::Account(3);
/// One dollar, as the chain counts and as the twin takes it.
pub(crate) const UNIT: u64 = 1_000_000;
pub(crate) const DOLLAR: u128 = 1_000_000;

pub(crate) struct World {
    pub(crate) ethereum: Ethereum,
    pub(crate) gate: AnvilGate,
    pub(crate) chain: Chain,
    pub(crate) watch: Watch,
    _anvil: Anvil,
}

pub(crate) fn escrow_text(index: u32) -> String {
    book().escrow(Network::Ethereum, index).expect("what is there").as_str().to_owned()
}

pub(crate) fn escrow(index: u32) -> Address {
    escrow_text(index).parse().expect("what is there")
}

pub(crate) fn somebody(number: u8) -> Address {
    Address([number; 20])
}

/// The configuration that a test begins from.
pub(crate) fn config(chain: &Chain, nodes: &[&AnvilGate]) -> EthereumConfig {
    evm::config(chain, nodes.iter().map(|gate| gate.url()).collect())
}

pub(crate) fn adapter(config: EthereumConfig) -> Ethereum {
    Ethereum::try_new(config, Arc::new(book())).expect("what is there")
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_, _| ()).await
    }

    /// Blocks are made by hand. The hot wallet and two customers hold coin, some blocks ago.
    pub(crate) async fn with(change: impl FnOnce(&mut EthereumConfig, &Chain)) -> Self {
        let anvil = Anvil::start(AnvilOptions::mined(Mining::Manual)).await.expect("a node");
        let chain = anvil.chain();
        for token in [Token::Usdt, Token::Usdc, Token::LookAlike, Token::FalseReturn] {
            for account in [HOT, 2, 3] {
                let to = chain.accounts()[account];
                chain
                    .transfer(token, Sender::Account(0), to, 1_000 * DOLLAR)
                    .await
                    .expect("a node that answers");
            }
        }
        chain.mine(20).await.expect("a node that answers");
        let gate = AnvilGate::start(chain.url()).await.expect("a node that answers");
        let mut config = config(&chain, &[&gate]);
        change(&mut config, &chain);
        let ours = (0..20).map(|index| escrow_text(ESCROW + index)).collect();
        let watch = Watch::of(Network::Ethereum, ours);
        Self { ethereum: adapter(config), gate, chain, watch, _anvil: anvil }
    }

    pub(crate) async fn head(&self) -> u64 {
        self.chain.block_number().await.expect("a node that answers")
    }

    pub(crate) async fn scan(&self, from: u64, to: u64) -> Scan {
        self.ethereum.scan(from, to, &self.watch).await.expect("a scan")
    }

    /// What came to us in the last blocks.
    pub(crate) async fn sightings(&self, blocks: u64) -> Vec<Sighting> {
        let head = self.head().await;
        self.scan(head + 1 - blocks, head).await.sightings
    }

    /// A customer's payment to an escrow address, mined.
    pub(crate) async fn deposit(&self, token: Token, index: u32, units: u128) -> Hash {
        let hash = self
            .chain
            .transfer(token, CUSTOMER, escrow(index), units)
            .await
            .expect("a node that answers");
        self.chain.mine(1).await.expect("a node that answers");
        hash
    }

    pub(crate) fn hot(&self) -> Address {
        self.chain.accounts()[HOT]
    }

    /// A delivery from the hot wallet.
    pub(crate) fn delivery(&self, asset: Asset, to: &str, units: u64) -> Plan {
        let amount = from_chain_units(units).expect("what is there");
        self.plan(Purpose::Delivery, Wallet::Hot, to, Value::Coin { asset, amount })
    }

    pub(crate) fn plan(&self, purpose: Purpose, wallet: Wallet, to: &str, value: Value) -> Plan {
        let order_id = OrderId(time_ordered(OffsetDateTime::UNIX_EPOCH, 1));
        Plan {
            key: "a-transfer".to_owned(),
            order_id,
            purpose,
            network: Network::Ethereum,
            wallet,
            from: self.ethereum.address(wallet).expect("what is there"),
            to: to.to_owned(),
            value,
        }
    }

    /// Prepared and signed, not sent.
    pub(crate) async fn signed(&self, plan: &Plan) -> Signed {
        let prepared = self.ethereum.prepare(plan, None).await.expect("prepared");
        self.sign(plan, prepared.terms, prepared.sequence)
    }

    pub(crate) fn sign(&self, plan: &Plan, terms: Terms, sequence: u64) -> Signed {
        let unsigned = self.ethereum.encode(plan, &terms, sequence).expect("what is there");
        evm::sign(plan.wallet, &unsigned, terms, sequence)
    }

    /// Prepared, signed and taken by the node.
    pub(crate) async fn sent(&self, plan: &Plan) -> Signed {
        let signed = self.signed(plan).await;
        assert_eq!(self.ethereum.broadcast(&signed, 0).await, SendHint::Accepted);
        signed
    }

    pub(crate) async fn observe(&self, plan: &Plan, signed: &Signed) -> Observation {
        self.ethereum.observe(plan, &signed.tx_hash).await.expect("an observation")
    }

    /// What really came to an address.
    pub(crate) async fn arrivals(&self, to: &str) -> usize {
        self.chain
            .transfers_to(to.parse().expect("what is there"))
            .await
            .expect("a node that answers")
            .len()
    }
}

/// An address of nobody's, in its proper spelling.
pub(crate) fn receiver(number: u8) -> String {
    somebody(number).to_string()
}
