//! Wiring of the chain rail: the adapters from their settings, the signer, and, where the settings ask
//! for them, a twin of a Tron node and a private EVM node to talk to.

mod nodes;
mod own;
mod twins;

pub use self::nodes::Nodes;
pub use self::own::own_addresses;
pub use self::twins::ChainTwins;

use std::sync::Arc;

use adapters_chain::ethereum::{Ethereum, EthereumCoins, EthereumConfig};
use adapters_chain::signer::{
    EthereumChain, KeySource, KeyUse, Limits, LocalSigner, NativeLimits, SignerConfig, TronChain,
};
use adapters_chain::tron::{Tron, TronConfig};
use anyhow::{Context, Result, bail};
use domain::address::{AddressBook, Network};
use domain::chain::transfer::Wallet;
use domain::ports::SourceError;
use domain::service::{Chain, Engine, Treasurer, Watcher};

use crate::environment::SystemClock;
use crate::settings::{Faults, Settings, Stage, TreasurySettings};

/// Wei in a million: what settings count small sums of gas in.
const MWEI: u64 = 1_000_000;
/// Sun in a TRX.
const SUN: u64 = 1_000_000;
/// Gas of the dearest transfer that is signed.
const GAS_CAP: u64 = 120_000;

/// The chains as every thread uses them.
#[derive(Clone)]
pub struct Chains {
    networks: Vec<Chain>,
    nodes: Nodes,
    signer: Arc<LocalSigner>,
    settings: Settings,
}

impl std::fmt::Debug for Chains {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chains").field("networks", &self.networks).finish_non_exhaustive()
    }
}

impl Chains {
    /// `None` when the settings name no chain. Asks every node whether it is of the chain that is
    /// configured; what does not answer soon is asked again later.
    ///
    /// # Errors
    /// With the setting that cannot be right: a network whose nodes are all of another one is such.
    pub async fn open(settings: &Settings, book: &Arc<dyn AddressBook>) -> Result<Option<Self>> {
        if !settings.tron.is_there() && !settings.ethereum.is_there() {
            return Ok(None);
        }
        let signer = open_signer(settings)?;
        let (mut networks, mut nodes) = (Vec::new(), Nodes::default());
        if settings.tron.is_there() {
            let tron = Tron::try_new(tron_config(settings, &signer)?, Arc::clone(book));
            let tron = Arc::new(tron.context("KIVUKO__TRON__…")?);
            recognised(tron.assert_network()).await.context("KIVUKO__TRON__NODES")?;
            nodes.add(Network::Tron, tron.clone());
            networks.push(Chain { source: tron.clone(), sender: tron });
        }
        if settings.ethereum.is_there() {
            let ethereum = Ethereum::try_new(ethereum_config(settings, &signer)?, Arc::clone(book));
            let ethereum = Arc::new(ethereum.context("KIVUKO__ETHEREUM__…")?);
            recognised(ethereum.assert_network()).await.context("KIVUKO__ETHEREUM__NODES")?;
            nodes.add(Network::Ethereum, ethereum.clone());
            networks.push(Chain { source: ethereum.clone(), sender: ethereum });
        }
        let signer = Arc::new(signer);
        Ok(Some(Self { networks, nodes, signer, settings: settings.clone() }))
    }

    /// The nodes behind all of it.
    pub fn nodes(&self) -> Nodes {
        self.nodes.clone()
    }

    /// A treasurer on an engine of the caller's own runtime.
    ///
    /// # Errors
    /// With the setting that is wrong.
    pub fn treasurer(&self, engine: Engine) -> Result<Treasurer> {
        Ok(Treasurer {
            engine,
            chains: self.networks.clone(),
            signer: self.signer.clone(),
            tempo: self.settings.treasury.tempo(),
            sweep_least: self.settings.treasury.sweep_least()?,
        })
    }

    /// A watcher for every chain, likewise.
    pub fn watchers(&self, engine: &Engine) -> Vec<Watcher> {
        let of = &self.settings;
        let watcher = |chain: &Chain| Watcher {
            engine: engine.clone(),
            source: Arc::clone(&chain.source),
            tempo: of.treasury.tempo(),
            batch: match chain.source.network() {
                Network::Tron => of.tron.batch,
                Network::Ethereum => of.ethereum.batch,
            },
            look_back: of.treasury.look_back,
        };
        self.networks.iter().map(watcher).collect()
    }

    /// The networks that coin moves on here.
    pub fn networks(&self) -> impl Iterator<Item = Network> {
        self.networks.iter().map(|chain| chain.source.network())
    }

    /// Our address on a network.
    ///
    /// # Errors
    /// When that network is not configured.
    pub fn hot_address(&self, network: Network) -> Result<String> {
        let chain = self.networks.iter().find(|chain| chain.source.network() == network);
        let chain = chain.with_context(|| format!("no node for {}", network.as_str()))?;
        Ok(chain.sender.address(Wallet::Hot)?)
    }
}

/// A start that would wait for every node would depend on the slowest.
async fn recognised(asked: impl Future<Output = Result<(), SourceError>>) -> Result<()> {
    if let Ok(answered) = tokio::time::timeout(nodes::PATIENCE, asked).await {
        answered?;
    }
    Ok(())
}

/// Opens the keys, and checks that they are the ones that addresses are given out for, and not the whole
/// world's where coin is worth something.
fn open_signer(settings: &Settings) -> Result<LocalSigner> {
    let (of, room) = (&settings.chain, "KIVUKO__TREASURY__…");
    if let Some(folder) = settings.treasury.journal(&settings.data_dir).parent() {
        std::fs::create_dir_all(folder).context("KIVUKO__TREASURY__JOURNAL")?;
    }
    let clock = Arc::new(SystemClock);
    let signer = LocalSigner::open(&signer_config(settings)?, clock).context(room)?;
    signer.require_xpubs(&of.tron_xpub, &of.ethereum_xpub).context("KIVUKO__CHAIN__…")?;
    let is_production = settings.stage == Stage::Production;
    signer.refuse_test_keys(&networks(settings), is_production).context(room)?;
    signer.refuse_shared_mnemonic().context(room)?;
    Ok(signer)
}

/// Whether the keys are whole, fit the addresses that are given out, and are nobody else's: what a worker
/// would find at its start, without touching its journal.
pub fn check_keys(settings: &Settings, faults: &mut Faults) {
    let named = [hot_key(&settings.treasury), escrow_key(&settings.treasury)];
    if named.into_iter().filter_map(|key| faults.note(key)).count() < 2 {
        return;
    }
    let aside = std::env::temp_dir().join(format!("kivuko-check-{}", uuid::Uuid::new_v4()));
    let mut apart = settings.clone();
    apart.treasury.journal = aside.display().to_string();
    faults.note(open_signer(&apart));
    let _may_not_be_there = std::fs::remove_file(aside);
}

/// The networks that coin moves on. What we start ourselves is worth nothing.
fn networks(settings: &Settings) -> Vec<KeyUse> {
    let (tron, ethereum) = (&settings.tron, &settings.ethereum);
    let (tron_id, ethereum_id) = (u64::from(tron.chain_id), ethereum.chain_id);
    let rows = [
        (tron.is_there(), tron_id, tron.twin || tron.is_test_network),
        (ethereum.is_there(), ethereum_id, ethereum.anvil || ethereum.is_test_network),
    ];
    let there = rows.into_iter().filter(|(is_there, ..)| *is_there);
    there.map(|(_, chain_id, is_test)| KeyUse { chain_id, is_test }).collect()
}

fn signer_config(settings: &Settings) -> Result<SignerConfig> {
    let of = &settings.treasury;
    let (tron, ethereum) = (&settings.tron, &settings.ethereum);
    let coin = of.max_coin()?;
    Ok(SignerConfig {
        hot: hot_key(of)?,
        escrow: escrow_key(of)?,
        journal: of.journal(&settings.data_dir),
        tron: TronChain { chain_id: tron.chain_id.into(), usdt: tron.usdt.clone() },
        ethereum: EthereumChain {
            chain_id: ethereum.chain_id,
            usdt: ethereum.usdt.clone(),
            usdc: ethereum.usdc.clone(),
        },
        limits: Limits {
            usdt: coin,
            usdc: coin,
            tron: NativeLimits {
                max_fee: tron.max_fee_trx.saturating_mul(SUN),
                max_top_up: of.max_gas_trx.saturating_mul(SUN),
            },
            ethereum: NativeLimits {
                max_fee: ethereum.max_fee_gwei.saturating_mul(1_000 * MWEI).saturating_mul(GAS_CAP),
                max_top_up: of.max_gas_mwei.saturating_mul(MWEI),
            },
        },
        // A twin may run ahead of the world's clock.
        expiry_by_clock: !tron.twin && settings.stage == Stage::Production,
    })
}

fn hot_key(of: &TreasurySettings) -> Result<KeySource> {
    if !of.hot_keystore_file.is_empty() {
        return Ok(KeySource::Keystore {
            file: of.hot_keystore_file.clone().into(),
            passphrase_file: of.hot_keystore_passphrase_file.clone().into(),
        });
    }
    words("HOT", &of.hot_phrase, &of.hot_phrase_file)
}

fn escrow_key(of: &TreasurySettings) -> Result<KeySource> {
    words("ESCROW", &of.escrow_phrase, &of.escrow_phrase_file)
}

fn words(whose: &str, phrase: &str, file: &str) -> Result<KeySource> {
    match (phrase.is_empty(), file.is_empty()) {
        (true, false) => Ok(KeySource::Mnemonic { file: file.into(), password: None }),
        (false, true) => Ok(KeySource::Phrase(phrase.to_owned().into())),
        (true, true) => bail!(
            "KIVUKO__TREASURY__{whose}_PHRASE_FILE must be set where coin is moved; `serve --role api` needs none"
        ),
        (false, false) => bail!(
            "KIVUKO__TREASURY__{whose}_PHRASE and KIVUKO__TREASURY__{whose}_PHRASE_FILE exclude each other"
        ),
    }
}

fn tron_config(settings: &Settings, signer: &LocalSigner) -> Result<TronConfig> {
    let of = &settings.tron;
    let hot = signer.address(Network::Tron, Wallet::Hot)?;
    let mut config = TronConfig::new(of.node_urls(), of.chain_id, of.usdt.clone(), hot);
    config.api_key = (!of.api_key.is_empty()).then(|| of.api_key.clone().into());
    config.expiration_s = u32::try_from(of.expiration_s)?;
    config.death_margin_s = u32::try_from(of.death_margin_s)?;
    config.margin_blocks = of.margin_blocks;
    config.max_fee_sun = of.max_fee_trx.saturating_mul(SUN);
    config.batch = u32::try_from(of.batch)?;
    config.requests_per_second = of.requests_per_second;
    config.timeouts.answer = of.timeout_ms;
    Ok(config)
}

fn ethereum_config(settings: &Settings, signer: &LocalSigner) -> Result<EthereumConfig> {
    let of = &settings.ethereum;
    let hot = signer.address(Network::Ethereum, Wallet::Hot)?;
    let coins = EthereumCoins { usdt: of.usdt.clone(), usdc: of.usdc.clone() };
    let mut config = EthereumConfig::new(of.node_urls(), of.chain_id, coins, hot);
    config.batch = of.batch;
    config.max_fee_gwei = of.max_fee_gwei;
    config.gas_cap = GAS_CAP;
    config.min_tip_wei = of.min_tip_mwei.saturating_mul(MWEI);
    config.requests_per_second = of.requests_per_second;
    config.timeouts.answer = of.timeout_ms;
    Ok(config)
}
