//! An engine with a chain: the services of the chain rail over memory, ready to be worked by hand.

use std::sync::Arc;

use super::stepping::SteppingStore;
use super::{MemoryChain, MemorySigner, Token};
use crate::address::{ChainAddress, Network, NetworkSet};
use crate::chain::transfer::Wallet;
use crate::chain::{Arrival, ChainTempo};
use crate::ids::{CollectionId, OrderId};
use crate::ledger::Account;
use crate::money::Crypto;
use crate::offer::Asset;
use crate::order::{Order, OrderEvent, Payment};
use crate::placement::PlaceOrder;
use crate::ports::{ChainStore, Clock, ReviewQueries, Store};
use crate::rail::OpenReview;
use crate::service::{Chain, Engine, Treasurer, Watcher};
use crate::testing::samples::{self, crypto, phone, place_buy, place_sell};
use crate::testing::{MemoryStore, Scene};

const REMEMBERS: &str = "memory is always there";
const PLENTY: u128 = 100_000_000_000;
const GAS: u64 = 1_000_000_000_000;

/// A scene on one network. Its store, chain and signer can be made to fail, and be left at any call.
#[derive(Debug)]
pub struct ChainScene {
    pub scene: Scene,
    pub store: SteppingStore,
    pub chain: MemoryChain,
    pub signer: MemorySigner,
    pub engine: Engine,
    network: Network,
}

impl ChainScene {
    /// The hot wallet has plenty of everything, and the watcher has begun.
    pub async fn on(network: Network) -> Self {
        let scene = Scene::seeded().await;
        let chain = MemoryChain::new(network, Arc::clone(&scene.clock));
        for asset in [Asset::Usdt, Asset::Usdc] {
            chain.endow(asset, &chain.wallet(Wallet::Hot), PLENTY);
        }
        chain.endow_gas(&chain.wallet(Wallet::Hot), GAS);
        chain.mine_many(10);
        let store = SteppingStore::over(scene.store.clone());
        let shared: Arc<dyn Store> = Arc::new(store.clone());
        let mut engine = samples::engine(shared, Arc::clone(&scene.clock));
        engine.rules.watched = NetworkSet::ALL;
        let this = Self { scene, store, chain, signer: MemorySigner::default(), engine, network };
        this.watch().await;
        this
    }

    pub fn watcher(&self) -> Watcher {
        let source = Arc::new(self.chain.clone());
        let tempo = ChainTempo::default();
        Watcher { engine: self.engine.clone(), source, tempo, batch: 50, look_back: 5 }
    }

    pub fn treasurer(&self) -> Treasurer {
        let chain =
            Chain { source: Arc::new(self.chain.clone()), sender: Arc::new(self.chain.clone()) };
        Treasurer {
            engine: self.engine.clone(),
            chains: vec![chain],
            signer: Arc::new(self.signer.clone()),
            tempo: ChainTempo::default(),
            sweep_least: crypto("20"),
        }
    }

    pub fn memory(&self) -> &MemoryStore {
        &self.scene.store
    }

    fn wallet(&self) -> ChainAddress {
        let text = if self.network == Network::Tron { samples::TRON_WALLET } else { "0xcustomer" };
        ChainAddress::trusted(self.network, text.to_owned())
    }

    /// An order that awaits 799.99 USDT at its escrow address.
    pub async fn sell(&self) -> Order {
        self.scene.place(&PlaceOrder { wallet: self.wallet(), ..place_sell() }).await
    }

    /// An order that has been paid for and wants 1200 USDT delivered; `number` tells payments apart.
    pub async fn buy(&self, number: u8) -> Order {
        self.buy_to(self.wallet().as_str(), number).await
    }

    /// The same to a wallet of the test's choice.
    pub async fn buy_to(&self, wallet: &str, number: u8) -> Order {
        let wallet = ChainAddress::trusted(self.network, wallet.to_owned());
        let order = self.scene.place(&PlaceOrder { wallet, ..place_buy() }).await;
        let collection = CollectionId(uuid::Uuid::from_u128(number.into()));
        let at = self.scene.clock.now();
        let asked =
            OrderEvent::StartPayment { collection, phone: phone(), at, account_reference: None };
        self.scene.tell(order.id, &asked).await;
        let receipt = format!("NLJ7RT61S{number}");
        let payment = Payment { receipt, amount: order.collection_due(), phone: phone() };
        self.scene.tell(order.id, &OrderEvent::PaymentConfirmed { payment, doubt: None }).await;
        self.order(order.id).await
    }

    /// The order's escrow address.
    pub fn escrow(&self, order: &Order) -> String {
        let escrow = order.escrow.as_ref().expect("an off-ramp order has one");
        escrow.address.as_str().to_owned()
    }

    /// A stranger sends the order's coin to its escrow address; answers the hash.
    pub fn deposit(&self, order: &Order, amount: &str) -> String {
        let units = crate::chain::chain_units(crypto(amount)).expect("whole units");
        self.chain.transfer(Token::Known(order.asset), &self.escrow(order), units.into())
    }

    /// Reads all that there is, tells it, and closes what is overdue.
    pub async fn watch(&self) {
        let watcher = self.watcher();
        loop {
            let step = watcher.step().await.expect("nothing stands against it");
            if step.lag == 0 || step.is_halted {
                break;
            }
        }
        while watcher.tell(10).await.expect(REMEMBERS) > 0 {}
        watcher.close_overdue(None, 10).await.expect("nothing stands against it");
    }

    /// Makes all that is in the pool final, and has it read.
    pub async fn settle(&self) {
        self.chain.finalise();
        self.watch().await;
    }

    pub async fn order(&self, id: OrderId) -> Order {
        self.scene.order(id).await
    }

    pub async fn arrivals(&self, order: &Order) -> Vec<Arrival> {
        self.memory().arrivals_of(order).await.expect(REMEMBERS)
    }

    pub async fn reviews(&self) -> Vec<OpenReview> {
        self.memory().open_reviews(100).await.expect(REMEMBERS)
    }

    /// 10⁻⁸ of the asset that the ledger has in an account.
    pub fn posted(&self, account: Account, asset: Asset) -> i64 {
        let entries = self.memory().entries();
        let all = entries.iter().flat_map(|entry| &entry.postings);
        let of_it = all.filter(|(key, _)| key.account == account && key.asset == asset.into());
        of_it.map(|(_, minor)| minor).sum()
    }

    /// The escrow accounts of the ledger hold what the escrow addresses do.
    pub async fn assert_escrow(&self) {
        let addresses: Vec<_> = self.scene.orders().await.iter().filter_map(address).collect();
        for asset in Asset::ALL {
            let units: u128 = addresses.iter().map(|it| self.chain.balance(asset, it)).sum();
            let held = u64::try_from(units).ok().and_then(crate::chain::from_chain_units);
            let posted = self.posted(Account::escrow(self.network), asset);
            assert_eq!(held.map(Crypto::minor), Some(posted), "{asset:?} at escrow addresses");
        }
    }
}

fn address(order: &Order) -> Option<String> {
    order.escrow.as_ref().map(|escrow| escrow.address.as_str().to_owned())
}
