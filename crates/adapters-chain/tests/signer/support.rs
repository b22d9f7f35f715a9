//! A signer in a folder of its own, and requests that it signs.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use adapters_chain::signer::{
    EthereumChain, KeyError, KeySource, Limits, LocalSigner, NativeLimits, SignerConfig, TronChain,
};
use alloy::consensus::TxEip1559;
use alloy::consensus::transaction::SignableTransaction as _;
use alloy::eips::eip2930::AccessList;
use alloy::primitives::{Address, TxKind, U256, hex};
use domain::address::Network;
use domain::chain::Value;
use domain::chain::transfer::{Plan, Purpose, Signed, Terms, Wallet};
use domain::ids::{OrderId, time_ordered};
use domain::money::Crypto;
use domain::offer::Asset;
use domain::ports::{Clock, Signer as _, SignerError, SigningRequest};
use prost::Message as _;
use time::OffsetDateTime;

use twins::tron::proto::{Any, Contract, Raw, TransferContract, TriggerSmartContract};

pub(super) const HOT: &str =
    "exhaust ordinary oak diesel room priority carry pipe rather rebuild release bacon";
pub(super) const ESCROW: &str =
    "crowd enhance joke slight mango prepare hurry problem denial together camera second";
pub(super) const JUNK: &str = "test test test test test test test test test test test junk";

pub(super) const TRON_USDT: &str = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";
pub(super) const ETHEREUM_USDT: &str = "0xdAC17F958D2ee523a2206206994597C13D831ec7";
pub(super) const ETHEREUM_USDC: &str = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48";
pub(super) const CHAIN_ID: u64 = 31_337;

/// Where customers' wallets are.
pub(super) const TRON_WALLET: &str = "TPjjvMwjPoDC32V2dGDYTkLH4E5LAtBZ6C";
pub(super) const ETHEREUM_WALLET: &str = "0x6D58073AeeB28068c5925D618DA9f4c4F35727b3";

pub(super) const NOW_MS: u64 = 1_777_447_168_000;

/// Stands still.
#[derive(Debug, Clone, Copy)]
pub(super) struct At(pub(super) u64);

impl Clock for At {
    fn now(&self) -> OffsetDateTime {
        let nanos = i128::from(self.0).checked_mul(1_000_000).unwrap();
        OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap()
    }
}

/// A folder that goes with the test.
pub(super) struct Folder {
    path: PathBuf,
    is_ours: bool,
}

impl Folder {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("signer-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self { path, is_ours: true }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// A file that only we can read.
    pub(super) fn secret(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        set_mode(&path, 0o600);
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.is_ours {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

pub(super) fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

pub(super) fn phrase(words: &str) -> KeySource {
    KeySource::Phrase(words.to_owned().into())
}

pub(super) fn coin(text: &str) -> Crypto {
    Crypto::parse(text).unwrap()
}

pub(super) fn config(folder: &Folder) -> SignerConfig {
    SignerConfig {
        // Opens in no time, other than a mnemonic.
        hot: KeySource::Keystore {
            file: folder.secret("hot.light", include_str!("keystore.json")),
            passphrase_file: folder.secret("hot.light.pass", "pass"),
        },
        escrow: phrase(ESCROW),
        journal: folder.path("journal"),
        tron: TronChain { chain_id: 2_494_104_990, usdt: TRON_USDT.to_owned() },
        ethereum: EthereumChain {
            chain_id: CHAIN_ID,
            usdt: ETHEREUM_USDT.to_owned(),
            usdc: ETHEREUM_USDC.to_owned(),
        },
        limits: Limits {
            usdt: coin("1000"),
            usdc: coin("500"),
            tron: NativeLimits { max_fee: 40_000_000, max_top_up: 20_000_000 },
            ethereum: NativeLimits { max_fee: 10_000_000_000_000_000, max_top_up: 1_000_000 },
        },
        expiry_by_clock: true,
    }
}

pub(super) fn open_with(config: &SignerConfig) -> Result<LocalSigner, KeyError> {
    LocalSigner::open(config, Arc::new(At(NOW_MS)))
}

/// A signer and the folder that its journal is in.
pub(super) struct Scene {
    pub(super) folder: Folder,
    pub(super) signer: LocalSigner,
}

impl Scene {
    pub(super) fn new() -> Self {
        let folder = Folder::new();
        let signer = open_with(&config(&folder)).unwrap();
        Self { folder, signer }
    }

    /// In a folder that another process made, and clears away.
    pub(super) fn at(path: PathBuf) -> Self {
        let folder = Folder { path, is_ours: false };
        let signer = open_with(&config(&folder)).unwrap();
        Self { folder, signer }
    }

    /// Another signer of the same journal.
    pub(super) fn second(&self) -> LocalSigner {
        open_with(&config(&self.folder)).unwrap()
    }

    pub(super) fn journal(&self) -> String {
        fs::read_to_string(self.folder.path("journal")).unwrap()
    }

    pub(super) fn lines(&self) -> usize {
        self.journal().lines().count()
    }

    pub(super) fn address(&self, network: Network, wallet: Wallet) -> String {
        self.signer.address(network, wallet).unwrap()
    }

    pub(super) async fn sign(&self, request: &SigningRequest) -> Result<Signed, SignerError> {
        self.signer.sign(request).await
    }

    /// A transfer from this signer's wallets that nothing is wrong with.
    pub(super) fn request(&self, network: Network, what: What) -> SigningRequest {
        let (purpose, wallet, value) = match what {
            What::Delivery(asset) => (Purpose::Delivery, Wallet::Hot, usd(asset)),
            What::Sweep => (Purpose::Sweep, Wallet::Escrow(7), usd(Asset::Usdt)),
            What::Gas => (Purpose::Gas, Wallet::Hot, Value::Native { units: 900_000 }),
        };
        let to = match (what, network) {
            (What::Sweep, _) => self.address(network, Wallet::Hot),
            (What::Gas, _) => self.address(network, Wallet::Escrow(7)),
            (What::Delivery(_), Network::Tron) => TRON_WALLET.to_owned(),
            (What::Delivery(_), Network::Ethereum) => ETHEREUM_WALLET.to_owned(),
        };
        let plan = Plan {
            key: "order:delivery".to_owned(),
            order_id: OrderId(time_ordered(At(NOW_MS).now(), 0)),
            purpose,
            network,
            wallet,
            from: self.address(network, wallet),
            to,
            value,
        };
        filled(plan, terms(network, what), sequence(network))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Delivery(Asset),
    Sweep,
    Gas,
}

fn usd(asset: Asset) -> Value {
    Value::Coin { asset, amount: coin("12.345678") }
}

fn sequence(network: Network) -> u64 {
    match network {
        Network::Tron => NOW_MS + 9,
        Network::Ethereum => 5,
    }
}

fn terms(network: Network, what: What) -> Terms {
    match network {
        Network::Tron => Terms::Tron {
            ref_height: 0x03fe_266b,
            ref_hash: "0000000003fe266bf6b6d392f654dc2e5011601546ed04623d9fcc4e9d439a25".to_owned(),
            expiration_ms: NOW_MS + 60_000,
            fee_limit: if what == What::Gas { 0 } else { 30_000_000 },
        },
        Network::Ethereum => Terms::Ethereum {
            gas_limit: if what == What::Gas { 21_000 } else { 90_000 },
            max_fee: 40_000_000_000,
            max_tip: 2_000_000_000,
        },
    }
}

/// The first request for a plan, with the bytes that it becomes.
pub(super) fn filled(plan: Plan, terms: Terms, sequence: u64) -> SigningRequest {
    let mut request = SigningRequest {
        plan,
        generation: 1,
        variant: 0,
        terms,
        sequence,
        unsigned: vec![],
        death: None,
    };
    request.unsigned = unsigned(&request);
    request
}

/// The same transfer under another key, on another sequence.
pub(super) fn another(request: &SigningRequest, key: &str, sequence: u64) -> SigningRequest {
    let mut request = request.clone();
    key.clone_into(&mut request.plan.key);
    request.sequence = sequence;
    request.unsigned = unsigned(&request);
    request
}

/// The bytes of a request, as an encoder should write them.
pub(super) fn unsigned(request: &SigningRequest) -> Vec<u8> {
    match request.plan.network {
        Network::Tron => raw(request).encode_to_vec(),
        Network::Ethereum => transaction(request).encoded_for_signing(),
    }
}

pub(super) fn transaction(request: &SigningRequest) -> TxEip1559 {
    let Terms::Ethereum { gas_limit, max_fee, max_tip } = request.terms else { panic!("terms") };
    let (to, units) = (address(&request.plan.to), request.plan.value.units().unwrap());
    let (callee, value, input) = match request.plan.value {
        Value::Native { .. } => (to, U256::from(units), vec![]),
        Value::Coin { asset: Asset::Usdt, .. } => {
            (address(ETHEREUM_USDT), U256::ZERO, call(to.into_array(), units))
        }
        Value::Coin { asset: Asset::Usdc, .. } => {
            (address(ETHEREUM_USDC), U256::ZERO, call(to.into_array(), units))
        }
    };
    TxEip1559 {
        chain_id: CHAIN_ID,
        nonce: request.sequence,
        gas_limit,
        max_fee_per_gas: u128::from(max_fee),
        max_priority_fee_per_gas: u128::from(max_tip),
        to: TxKind::Call(callee),
        value,
        access_list: AccessList::default(),
        input: input.into(),
    }
}

pub(super) fn address(text: &str) -> Address {
    text.parse().unwrap()
}

/// `transfer(to, units)`.
pub(super) fn call(to: [u8; 20], units: u64) -> Vec<u8> {
    let selector = hex!("a9059cbb");
    [&selector[..], &[0; 12], &to, &[0; 24], &units.to_be_bytes()].concat()
}

pub(super) fn raw(request: &SigningRequest) -> Raw {
    let Terms::Tron { ref_height, ref_hash, expiration_ms, fee_limit } = &request.terms else {
        panic!("terms")
    };
    let block = hex::decode(ref_hash).unwrap();
    Raw {
        ref_block_bytes: ref_height.to_be_bytes()[6..].to_vec(),
        ref_block_num: 0,
        ref_block_hash: block[8..16].to_vec(),
        expiration: i64::try_from(*expiration_ms).unwrap(),
        data: vec![],
        contract: vec![contract(&request.plan)],
        scripts: vec![],
        timestamp: i64::try_from(request.sequence).unwrap(),
        fee_limit: i64::try_from(*fee_limit).unwrap(),
    }
}

fn contract(plan: &Plan) -> Contract {
    let (owner_address, to) = (bytes21(&plan.from), bytes21(&plan.to));
    let units = plan.value.units().unwrap();
    let (kind, name, value) = match plan.value {
        Value::Native { .. } => {
            let amount = i64::try_from(units).unwrap();
            let transfer = TransferContract { owner_address, to_address: to, amount };
            (1, "TransferContract", transfer.encode_to_vec())
        }
        Value::Coin { .. } => {
            let data = call(to[1..].try_into().unwrap(), units);
            let contract_address = bytes21(TRON_USDT);
            let call = TriggerSmartContract {
                owner_address,
                contract_address,
                data,
                ..TriggerSmartContract::default()
            };
            (31, "TriggerSmartContract", call.encode_to_vec())
        }
    };
    let type_url = format!("type.googleapis.com/protocol.{name}");
    Contract { kind, parameter: Some(Any { type_url, value }), ..Contract::default() }
}

/// A Tron address as its 21 bytes.
pub(super) fn bytes21(text: &str) -> Vec<u8> {
    bs58::decode(text).with_check(Some(0x41)).into_vec().unwrap()
}

#[track_caller]
pub(super) fn assert_mismatch(answer: &Result<Signed, SignerError>, what: &str) {
    assert!(matches!(answer, Err(SignerError::Mismatch(_))), "{what}: {answer:?}");
}

#[track_caller]
pub(super) fn assert_already_signed(answer: &Result<Signed, SignerError>, what: &str) {
    assert!(matches!(answer, Err(SignerError::AlreadySigned(_))), "{what}: {answer:?}");
}
