//! Being told the wrong network, and configurations that cannot work.

use std::sync::Arc;

use adapters_chain::ethereum::{ConfigError, Ethereum, EthereumConfig, NetworkError};
use domain::offer::Asset;
use twins::anvil::{AnvilGate, GateFault, GateFaultKind};

use super::world::{World, adapter, config};
use crate::support::keys::book;

#[tokio::test]
async fn the_right_network_is_recognised() {
    let world = World::new().await;
    assert_eq!(world.ethereum.assert_network().await, Ok(()));
}

#[tokio::test]
async fn another_chain_is_named_with_the_one_we_expected() {
    let world = World::with(|config, _| config.chain_id = 1).await;
    let error = world.ethereum.assert_network().await.unwrap_err();
    assert_eq!(error, NetworkError::OtherChain { node: 0, expected: 1, found: 31337 });
    let words = error.to_string();
    assert!(words.contains("31337") && words.contains('1'), "{words}");
}

#[tokio::test]
async fn a_token_must_be_a_contract_with_six_decimals() {
    let world =
        World::with(|config, chain| config.coins.usdc = chain.accounts()[4].to_string()).await;
    let error = world.ethereum.assert_network().await;
    assert_eq!(error, Err(NetworkError::NoContract { node: 0, asset: Asset::Usdc }));

    let world = World::new().await;
    let eighteen = GateFaultKind::Answer(format!("0x{:064x}", 18).into());
    world.gate.add(GateFault::always("eth_call", eighteen));
    let error = world.ethereum.assert_network().await;
    assert_eq!(error, Err(NetworkError::Decimals { node: 0, asset: Asset::Usdt }));
}

#[tokio::test]
async fn one_node_of_another_chain_is_enough_and_one_that_is_away_is_not() {
    let world = World::new().await;
    let second = AnvilGate::start(world.chain.url()).await.unwrap();
    let ethereum = adapter(config(&world.chain, &[&world.gate, &second]));
    world.gate.add(GateFault::everywhere(GateFaultKind::Status { status: 503, done: false }));
    assert_eq!(ethereum.assert_network().await, Ok(()));
    second.add(GateFault::always("eth_chainId", GateFaultKind::Answer("0x1".into())));
    let error = ethereum.assert_network().await;
    assert_eq!(error, Err(NetworkError::OtherChain { node: 1, expected: 31337, found: 1 }));
    second.clear_faults();
    second.add(GateFault::everywhere(GateFaultKind::Drop { done: false }));
    assert!(matches!(ethereum.assert_network().await, Err(NetworkError::Away(_))));
}

#[tokio::test]
async fn a_configuration_that_cannot_work_names_its_key() {
    let world = World::new().await;
    let refused = |change: fn(&mut EthereumConfig)| {
        let mut config = config(&world.chain, &[&world.gate]);
        change(&mut config);
        Ethereum::try_new(config, Arc::new(book())).map(drop).unwrap_err()
    };
    assert_eq!(refused(|config| config.nodes.clear()), ConfigError::NoNode);
    let odd = refused(|config| config.nodes = vec!["ftp://node.example/secret".to_owned()]);
    assert_eq!(odd, ConfigError::NodeUrl(0));
    assert!(!odd.to_string().contains("secret"));
    let wrong = refused(|config| config.coins.usdt.make_ascii_uppercase());
    assert!(matches!(wrong, ConfigError::Address { key: "usdt", .. }), "{wrong}");
    let tron = refused(|config| config.hot = "TWer2Ygk5TEheHp3TPuYeqxmB6SsGZmaL6".to_owned());
    assert!(matches!(tron, ConfigError::Address { key: "hot", .. }), "{tron}");
    assert_eq!(
        refused(|config| config.coins.usdc = config.coins.usdt.clone()),
        ConfigError::SameToken
    );
    assert_eq!(refused(|config| config.batch = 0), ConfigError::Zero("batch"));
}

#[tokio::test]
async fn a_configuration_does_not_show_its_nodes() {
    let world = World::new().await;
    let mut config = config(&world.chain, &[&world.gate]);
    config.nodes.push("https://node.example/v3/secret".to_owned());
    assert!(!format!("{config:?}").contains("secret"));
}
