//! Placing an order: what it is when it is made, who may, what is said against it, and that it
//! happens once.

use std::sync::Arc;

use domain::address::{
    AddressBook, AddressError, ChainAddress, DeriveError, KeyAccount, Network, OwnerAddresses,
};
use domain::order::{Actor, OrderState, OrderStatus};
use domain::party::Role;
use domain::placement::{IdempotencyClaim, PlaceOrder};
use domain::ports::{Placements, StoreError};
use domain::service::{Answer, Engine, Request, ServiceError};
use domain::testing::samples::{
    self, ADMIN, BUY_OFFER, BUYING_VENDOR, CUSTOMER, NOW, SELL_OFFER, SELLER, VENDOR, crypto, fiat,
    place_buy, place_sell,
};
use domain::testing::{PlainAddressBook, Scene, SetClock};
use futures_executor::block_on;
use time::Duration;

/// Asks as the command's customer.
fn request(command: &PlaceOrder, claim: Option<IdempotencyClaim>) -> Request {
    Request { caller: samples::caller(command.customer_id, Role::Customer), claim }
}

async fn place(
    scene: &Scene,
    command: &PlaceOrder,
    claim: Option<IdempotencyClaim>,
) -> Result<Answer, ServiceError> {
    scene.engine.place_order(&request(command, claim), command, &Scene::render).await
}

#[test]
fn a_buy_awaits_its_payment_and_holds_its_amount() {
    block_on(async {
        let scene = Scene::seeded().await;
        let order = scene.place(&place_buy()).await;
        assert_eq!(order.state, OrderState::AwaitingPayment { collection: None });
        assert_eq!((order.status(), order.escrow), (OrderStatus::Pending, None));
        assert_eq!(order.rate, samples::sell_offer().rate);
        assert_eq!(order.expires_at, NOW + Duration::minutes(30));
        assert_eq!(scene.offer(SELL_OFFER).await.free(), crypto("3800"));
        assert_eq!(scene.effects(order.id).await, []);
    });
}

#[test]
fn a_sell_awaits_its_deposit_at_an_address_of_its_own() {
    block_on(async {
        let scene = Scene::seeded().await;
        let first = scene.place(&place_sell()).await;
        let second = scene.place(&place_sell()).await;
        let tron = |index| ChainAddress::trusted(Network::Tron, format!("T-escrow-{index}"));
        for (order, index) in [(&first, 0), (&second, 1)] {
            assert_eq!(order.state, OrderState::AwaitingDeposit);
            let escrow = order.escrow.clone().expect("an escrow");
            assert_eq!((escrow.address, escrow.index), (tron(index), index));
        }
        let reference = |order: &domain::order::Order| order.escrow.clone().map(|e| e.reference);
        assert_ne!(reference(&first), reference(&second));
        assert_eq!(scene.offer(BUY_OFFER).await.held, crypto("1599.98"));
    });
}

#[test]
fn the_escrow_is_on_the_wallets_network() {
    block_on(async {
        let scene = Scene::seeded().await;
        scene.place(&place_sell()).await;
        let wallet = ChainAddress::trusted(Network::Ethereum, "0xwallet".into());
        let order = scene.place(&PlaceOrder { wallet, ..place_sell() }).await;
        let escrow = order.escrow.expect("an escrow");
        assert_eq!((escrow.address.network(), escrow.index), (Network::Ethereum, 0));
    });
}

#[test]
fn a_given_expiry_is_kept_to_the_microsecond() {
    block_on(async {
        let scene = Scene::seeded().await;
        let expires_at = Some(NOW + Duration::nanoseconds(90_000_001_999));
        let order = scene.place(&PlaceOrder { expires_at, ..place_buy() }).await;
        assert_eq!(order.expires_at, NOW + Duration::microseconds(90_000_001));
    });
}

#[test]
fn the_history_begins_with_who_placed_the_order() {
    block_on(async {
        let scene = Scene::seeded().await;
        let cases = [
            (samples::caller(CUSTOMER, Role::Customer), place_buy(), Actor::Customer(CUSTOMER)),
            (samples::caller(ADMIN, Role::Admin), place_buy(), Actor::Operator(ADMIN)),
            (
                samples::caller(VENDOR, Role::Vendor),
                PlaceOrder { customer_id: VENDOR, ..place_sell() },
                Actor::Customer(VENDOR),
            ),
        ];
        for (caller, command, actor) in cases {
            let request = Request { caller, claim: None };
            let placed = scene.engine.place_order(&request, &command, &Scene::render).await;
            let id = Scene::rendered(&placed.expect("they may").stored);
            let (order, history) = (scene.order(id).await, scene.history(id).await);
            let [entry] = &history[..] else { panic!("one entry: {history:?}") };
            assert_eq!((entry.actor, entry.seq, entry.kind.as_str()), (actor, 1, "place"));
            assert_eq!((order.version, order.head), (1, entry.hash));
            assert!(entry.is_intact());
        }
    });
}

#[test]
fn nobody_places_for_somebody_else() {
    block_on(async {
        let scene = Scene::seeded().await;
        let own_offer = PlaceOrder { customer_id: VENDOR, ..place_buy() };
        let cases = [
            (samples::caller(SELLER, Role::Customer), place_buy()),
            (samples::caller(BUYING_VENDOR, Role::Vendor), place_buy()),
            (samples::caller(VENDOR, Role::Vendor), own_offer),
        ];
        for (caller, command) in cases {
            let request = Request { caller, claim: Some(samples::claim(caller.id, "key", 1)) };
            let placed = scene.engine.place_order(&request, &command, &Scene::render).await;
            assert!(matches!(placed, Err(ServiceError::Forbidden(_))), "{caller:?}: {placed:?}");
        }
        assert_eq!(scene.orders().await, []);
    });
}

#[test]
fn every_breach_is_told_at_once_and_nothing_is_stored() {
    block_on(async {
        let scene = Scene::seeded().await;
        let wrong = PlaceOrder {
            crypto: crypto("5001"),
            payout_phone: None,
            status: Some(OrderStatus::Pending),
            expires_at: Some(NOW),
            ..place_sell()
        };
        let claim = samples::claim(SELLER, "key", 1);
        let placed = place(&scene, &wrong, Some(claim.clone())).await;
        let Err(ServiceError::Breaches(breaches)) = placed else { panic!("{placed:?}") };
        let codes: Vec<_> = breaches.iter().map(domain::placement::Breach::code).collect();
        let expected = [
            "status_not_initial",
            "expires_in_past",
            "payout_phone_required",
            "amount_outside_offer_limits",
            "rate_mismatch",
            "insufficient_liquidity",
        ];
        assert_eq!(codes, expected);
        assert_eq!(scene.orders().await, []);
        let index = scene
            .store
            .next_escrow_index(&PlainAddressBook.account(Network::Tron))
            .await
            .expect("memory");
        assert_eq!(index, 0, "no address is given to a refused order");
        assert!(place(&scene, &place_sell(), Some(claim)).await.is_ok(), "its key is free");
    });
}

#[test]
fn what_is_unknown_is_a_breach() {
    block_on(async {
        let scene = Scene::seeded().await;
        let unknown = uuid::Uuid::from_u128(404);
        let nobody = PlaceOrder { customer_id: domain::ids::PartyId(unknown), ..place_buy() };
        let nothing = PlaceOrder { offer_id: domain::ids::OfferId(unknown), ..place_buy() };
        for (command, code) in [(nobody, "customer_not_provisioned"), (nothing, "offer_not_found")]
        {
            let placed = place(&scene, &command, None).await;
            let Err(ServiceError::Breaches(breaches)) = placed else { panic!("{placed:?}") };
            assert!(breaches.iter().map(domain::placement::Breach::code).eq([code]));
        }
    });
}

/// One key for every network.
#[derive(Debug)]
struct SharedKey;

impl AddressBook for SharedKey {
    fn parse(&self, text: &str) -> Result<ChainAddress, AddressError> {
        PlainAddressBook.parse(text)
    }

    fn owner(&self, address: &ChainAddress) -> OwnerAddresses {
        PlainAddressBook.owner(address)
    }

    fn account(&self, _: Network) -> KeyAccount {
        KeyAccount::new("shared".to_owned())
    }

    fn escrow(&self, network: Network, index: u32) -> Result<ChainAddress, DeriveError> {
        PlainAddressBook.escrow(network, index)
    }
}

#[test]
fn networks_of_one_key_never_give_one_address_to_two_orders() {
    block_on(async {
        let scene = Scene::seeded().await;
        let engine = samples::engine(Arc::new(scene.store.clone()), Arc::new(SetClock::at(NOW)));
        let engine = Engine { addresses: Arc::new(SharedKey), ..engine };
        for number in 0..4 {
            let network = if number % 2 == 0 { Network::Tron } else { Network::Ethereum };
            let text = if number % 2 == 0 { samples::TRON_WALLET } else { "0x-wallet" };
            let wallet = ChainAddress::trusted(network, text.to_owned());
            let command =
                PlaceOrder { wallet, crypto: crypto("10"), fiat: fiat("1410"), ..place_sell() };
            let request = request(&command, None);
            let placed = engine.place_order(&request, &command, &Scene::render).await;
            placed.expect("room for it");
        }
        let orders = scene.orders().await;
        let children = orders.iter().filter_map(|order| order.escrow.as_ref());
        let mut children: Vec<u32> = children.map(|escrow| escrow.index).collect();
        children.sort_unstable();
        assert_eq!(children, [0, 1, 2, 3]);
    });
}

/// Has no addresses left.
#[derive(Debug)]
struct Exhausted;

impl AddressBook for Exhausted {
    fn parse(&self, _: &str) -> Result<ChainAddress, AddressError> {
        Err(AddressError::UnknownForm)
    }

    fn owner(&self, address: &ChainAddress) -> OwnerAddresses {
        PlainAddressBook.owner(address)
    }

    fn account(&self, network: Network) -> KeyAccount {
        KeyAccount::new(network.as_str().to_owned())
    }

    fn escrow(&self, _: Network, _: u32) -> Result<ChainAddress, DeriveError> {
        Err(DeriveError::IndexOutOfRange)
    }
}

#[test]
fn without_an_escrow_address_nothing_is_placed() {
    block_on(async {
        let scene = Scene::seeded().await;
        let clock = Arc::new(SetClock::at(NOW));
        let engine = samples::engine(Arc::new(scene.store.clone()), clock);
        let engine = Engine { addresses: Arc::new(Exhausted), ..engine };
        let (command, request) = (place_sell(), request(&place_sell(), None));
        let placed = engine.place_order(&request, &command, &Scene::render).await;
        let told = matches!(placed, Err(ServiceError::Store(StoreError::Corrupt(_))));
        assert!(told, "{placed:?}");
        assert_eq!(scene.orders().await, []);
    });
}
