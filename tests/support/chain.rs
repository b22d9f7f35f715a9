//! Chains for scenarios: a Tron twin or a private EVM node of their own, a stage that uses it, and the
//! books held against what is really there. A second of the treasury's schedules is ten milliseconds.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use adapters_chain::signer::{EthereumChain, KeySource, Limits, LocalSigner, NativeLimits};
use adapters_chain::signer::{SignerConfig, TronChain};
use api_actix::environment::SystemClock;
use domain::address::Network;
use domain::chain::transfer::Wallet;
use domain::money::Crypto;
use twins::anvil::{Anvil, AnvilOptions, At, Chain, Mining, Token};
use twins::tron::{TronControl, TronOptions, TronTwin};

use crate::app::Stage;
use crate::sql::Sql;

/// Words for tests, and worth nothing anywhere.
pub const HOT_WORDS: &str =
    "legal winner thank year wave sausage worth useful legal winner thank yellow";
pub const ESCROW_WORDS: &str =
    "letter advice cage absurd amount doctor acoustic avoid letter advice cage above";
/// Of the EVM node's own rich accounts: none is a wallet of ours.
const NODE_WORDS: &str =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

/// A hundred million coins, in the chain's units.
pub const STOCK: u128 = 100_000_000_000_000;

/// Real milliseconds per block.
const BLOCK_MS: u64 = 20;

/// A chain of a scenario's own.
#[derive(Debug)]
pub enum Coins {
    Tron(TronTwin),
    Ethereum(Anvil),
}

/// A twin whose blocks come every twenty milliseconds with the present in them; our wallet is stocked.
pub async fn tron() -> Coins {
    tron_with(TronOptions { slot_ms: BLOCK_MS, ..TronOptions::default() }).await
}

pub async fn tron_with(options: TronOptions) -> Coins {
    let twin = TronTwin::start(options).await.expect("the twin listens");
    let coins = Coins::Tron(twin);
    coins.stock().await;
    coins
}

/// A twin whose blocks come by hand, with the present in them.
pub async fn tron_by_hand() -> Coins {
    let options = TronOptions { auto: false, slot_ms: BLOCK_MS, ..TronOptions::default() };
    tron_with(options).await
}

/// A private EVM node that makes a block every fifty milliseconds; our wallet is stocked.
pub async fn ethereum() -> Coins {
    ethereum_with(Mining::Every(Duration::from_millis(50))).await
}

pub async fn ethereum_with(mining: Mining) -> Coins {
    let options = AnvilOptions { mnemonic: NODE_WORDS.to_owned(), ..AnvilOptions::mined(mining) };
    let coins = Coins::Ethereum(Anvil::start(options).await.expect("an EVM node"));
    coins.stock().await;
    coins
}

impl Coins {
    pub fn network(&self) -> Network {
        match self {
            Self::Tron(_) => Network::Tron,
            Self::Ethereum(_) => Network::Ethereum,
        }
    }

    /// The twin's powers.
    pub fn tron(&self) -> TronControl {
        let Self::Tron(twin) = self else { panic!("this scenario is not on Tron") };
        twin.control()
    }

    /// The node's powers.
    pub fn ethereum(&self) -> Chain {
        let Self::Ethereum(anvil) = self else { panic!("this scenario is not on Ethereum") };
        anvil.chain()
    }

    /// Gives our wallet coin and what fees are paid in, for good.
    async fn stock(&self) {
        let hot = hot_address(self.network());
        match self {
            Self::Tron(twin) => {
                let (control, hot) = (twin.control(), hot.parse().expect("an address"));
                control.create_account(hot, 1_000_000_000_000);
                control.fund_token(control.token_address(), hot, STOCK);
            }
            Self::Ethereum(anvil) => {
                let (chain, hot) = (anvil.chain(), hot.parse().expect("an address"));
                chain.set_eth_balance(hot, 1_000_000_000_000_000_000_000).await.expect("ether");
                chain.mint(Token::Usdt, hot, STOCK).await.expect("coin");
                chain.mint(Token::Usdc, hot, STOCK).await.expect("coin");
                chain.finalize().await.expect("blocks");
            }
        }
    }

    /// A wallet of somebody else's on this chain.
    pub fn stranger(&self) -> &'static str {
        match self {
            Self::Tron(_) => crate::TRON_WALLET,
            Self::Ethereum(_) => "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
        }
    }

    /// Somebody sends so many units of USDT to `to`; answers the transaction's hash as we spell it.
    pub async fn send(&self, to: &str, units: u128) -> String {
        let from = self.stranger();
        match self {
            Self::Tron(twin) => {
                let (control, from) = (twin.control(), from.parse().expect("an address"));
                control.create_account(from, 1_000_000_000);
                control.fund_token(control.token_address(), from, units);
                control.transfer(from, to.parse().expect("an address"), units)
            }
            Self::Ethereum(anvil) => {
                let (chain, from) = (anvil.chain(), from.parse().expect("an address"));
                chain.mint(Token::Usdt, from, units).await.expect("coin");
                let to = to.parse().expect("an address");
                let sender = twins::anvil::Sender::Anybody(from);
                chain.transfer(Token::Usdt, sender, to, units).await.expect("sent").to_string()
            }
        }
    }

    /// Makes so many blocks, the first with what is pending.
    pub async fn mine(&self, blocks: u64) {
        match self {
            Self::Tron(twin) => twin.control().advance_slots(blocks),
            Self::Ethereum(anvil) => anvil.chain().mine(blocks).await.expect("blocks"),
        }
    }

    /// Makes blocks until all that is pending is final.
    pub async fn finalise(&self) {
        match self {
            Self::Tron(twin) => twin.control().solidify(),
            Self::Ethereum(anvil) => anvil.chain().finalize().await.expect("blocks"),
        }
    }

    pub async fn height(&self) -> u64 {
        match self {
            Self::Tron(twin) => twin.control().head().number,
            Self::Ethereum(anvil) => anvil.chain().block_number().await.expect("a head"),
        }
    }

    /// What an address holds of the chain's own coin at the head, in its units.
    pub async fn native(&self, address: &str) -> u128 {
        match self {
            Self::Tron(twin) => {
                let sun = twin.control().trx_balance(address.parse().expect("an address"));
                u128::try_from(sun.unwrap_or(0)).expect("no debt")
            }
            Self::Ethereum(anvil) => {
                let address = address.parse().expect("an address");
                anvil.chain().eth_balance(address, At::Latest).await.expect("a balance")
            }
        }
    }

    /// Units of USDT that an address holds at the head.
    pub async fn balance(&self, address: &str) -> u128 {
        match self {
            Self::Tron(twin) => {
                let control = twin.control();
                control.balance_of(control.token_address(), address.parse().expect("an address"))
            }
            Self::Ethereum(anvil) => {
                let address = address.parse().expect("an address");
                let balance = anvil.chain().balance_of(Token::Usdt, address, At::Latest).await;
                balance.expect("a balance")
            }
        }
    }

    /// Every transfer of USDT on the chain as (hash, from, to, units), oldest first.
    pub async fn transfers(&self) -> Vec<(String, String, String, u128)> {
        match self {
            Self::Tron(twin) => {
                let (control, usdt) = (twin.control(), twin.control().token_address());
                let all = control.oracle().transfers;
                let ours = all.into_iter().filter(|transfer| transfer.token == usdt);
                ours.map(|t| (t.txid, t.from.to_string(), t.to.to_string(), t.units)).collect()
            }
            Self::Ethereum(anvil) => {
                let all = anvil.chain().transfers().await.expect("the chain answers");
                let ours = all.into_iter().filter(|transfer| transfer.token == Token::Usdt);
                let row = |t: twins::anvil::TokenTransfer| {
                    (t.tx_hash.to_string(), t.from.to_string(), t.to.to_string(), t.units)
                };
                ours.map(row).collect()
            }
        }
    }

    pub async fn stop(self) {
        if let Self::Tron(twin) = self {
            twin.stop().await;
        }
    }
}

impl Stage {
    /// The stage with a chain that coin moves on, and keys of its own.
    #[must_use]
    pub fn with_coins(self, coins: &Coins) -> Self {
        let xpubs = signer().account_xpubs();
        let stage = self
            .set("KIVUKO__CHAIN__TRON_XPUB", xpubs.tron)
            .set("KIVUKO__CHAIN__ETHEREUM_XPUB", xpubs.ethereum)
            .set("KIVUKO__TREASURY__HOT_PHRASE", HOT_WORDS)
            .set("KIVUKO__TREASURY__ESCROW_PHRASE", ESCROW_WORDS);
        match coins {
            Coins::Tron(twin) => stage
                .set("KIVUKO__TRON__NODES", twin.base_urls().join(","))
                .set("KIVUKO__TRON__CHAIN_ID", TronOptions::default().chain_id)
                .set("KIVUKO__TRON__IS_TEST_NETWORK", true)
                .set("KIVUKO__TRON__USDT", twin.control().token_address()),
            Coins::Ethereum(anvil) => stage
                .set("KIVUKO__ETHEREUM__NODES", anvil.url())
                .set("KIVUKO__ETHEREUM__CHAIN_ID", anvil.chain_id())
                .set("KIVUKO__ETHEREUM__IS_TEST_NETWORK", true)
                .set("KIVUKO__ETHEREUM__USDT", anvil.chain().usdt())
                .set("KIVUKO__ETHEREUM__USDC", anvil.chain().usdc()),
        }
    }
}

/// Our address on a network.
pub fn hot_address(network: Network) -> String {
    signer().address(network, Wallet::Hot).expect("an address")
}

/// The scenarios' keys, for addresses only: opened once, for that takes its time.
fn signer() -> &'static LocalSigner {
    static SIGNER: LazyLock<LocalSigner> = LazyLock::new(open_signer);
    &SIGNER
}

fn open_signer() -> LocalSigner {
    let journal = std::env::temp_dir().join(format!("kivuko-keys-{}", uuid::Uuid::now_v7()));
    let config = SignerConfig {
        hot: KeySource::Phrase(HOT_WORDS.to_owned().into()),
        escrow: KeySource::Phrase(ESCROW_WORDS.to_owned().into()),
        journal: journal.clone(),
        tron: TronChain { chain_id: 1, usdt: crate::TRON_WALLET.to_owned() },
        ethereum: EthereumChain {
            chain_id: 31_337,
            usdt: "0xdAC17F958D2ee523a2206206994597C13D831ec7".to_owned(),
            usdc: "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48".to_owned(),
        },
        limits: Limits {
            usdt: Crypto::ZERO,
            usdc: Crypto::ZERO,
            tron: NativeLimits { max_fee: 0, max_top_up: 0 },
            ethereum: NativeLimits { max_fee: 0, max_top_up: 0 },
        },
        expiry_by_clock: false,
    };
    let signer = LocalSigner::open(&config, Arc::new(SystemClock)).expect("the words are good");
    let _may_not_be_there = std::fs::remove_file(journal);
    signer
}

/// What the ledger says of an account's USDT, in 10⁻⁸.
pub async fn ledger_holds(sql: &Sql, account: &str) -> i64 {
    let query = format!(
        "SELECT coalesce(sum(amount), 0)::bigint FROM ledger_postings
         WHERE account = '{account}' AND asset = 'USDT'"
    );
    sql.number(&query).await
}

/// Checks that the ledger says of every escrow address together, and of the hot wallet, what the chain
/// says. Only when nothing is under way any more, and the stock was counted.
pub async fn check_coin_books(sql: &Sql, coins: &Coins) {
    let network = coins.network().as_str();
    let query =
        format!("SELECT address FROM escrow_addresses WHERE network = '{network}' ORDER BY 1");
    let mut escrow = 0_u128;
    for row in sql.rows(&query, &[]).await {
        escrow += coins.balance(row.get(0)).await;
    }
    let books = ledger_holds(sql, &format!("{network}_escrow")).await;
    assert_eq!(minor(escrow), books, "coin at escrow addresses, and what the books say");
    let hot = coins.balance(&hot_address(coins.network())).await;
    let books = ledger_holds(sql, &format!("{network}_hot")).await;
    assert_eq!(minor(hot), books, "coin in the hot wallet, and what the books say");
}

/// The chain's units in 10⁻⁸.
pub fn minor(units: u128) -> i64 {
    i64::try_from(units * 100).expect("an amount of coin")
}
