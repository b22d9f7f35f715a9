//! Being told the wrong network, and configurations that cannot work.

use std::sync::Arc;

use adapters_chain::ethereum::{ConfigError, Ethereum, EthereumConfig};
use adapters_chain::{NodePool as _, NodeState};
use domain::ports::{ChainSource as _, SourceError};
use twins::anvil::{AnvilGate, GateFault, GateFaultKind};

use super::world::{World, adapter, config};
use crate::support::keys::book;

#[tokio::test]
async fn the_right_network_is_recognised() {
    let world = World::new().await;
    assert_eq!(world.ethereum.assert_network().await, Ok(()));
}

/// The words of a network that cannot be used.
async fn refuted(ethereum: &Ethereum) -> String {
    match ethereum.assert_network().await {
        Err(SourceError::Contradiction(words)) => words,
        other => panic!("{other:?}"),
    }
}

fn states(ethereum: &Ethereum) -> Vec<NodeState> {
    ethereum.health().into_iter().map(|node| node.state).collect()
}

fn away() -> GateFault {
    GateFault::everywhere(GateFaultKind::Status { status: 503, done: false })
}

#[tokio::test]
async fn another_chain_is_named_with_the_one_we_expected() {
    let world = World::with(|config, _| config.chain_id = 1).await;
    assert_eq!(refuted(&world.ethereum).await, "node 0 is of chain 31337, and we are told 1");
}

#[tokio::test]
async fn a_token_must_be_a_contract_with_six_decimals() {
    let world =
        World::with(|config, chain| config.coins.usdc = chain.accounts()[4].to_string()).await;
    let words = refuted(&world.ethereum).await;
    assert_eq!(words, "node 0: there is no contract where USDC should be");

    let world = World::new().await;
    let eighteen = GateFaultKind::Answer(format!("0x{:064x}", 18).into());
    world.gate.add(GateFault::always("eth_call", eighteen));
    assert_eq!(refuted(&world.ethereum).await, "node 0: USDT has not 6 decimals");
    // It was behind, or out of its mind: it is asked again.
    world.gate.clear_faults();
    assert_eq!(world.ethereum.assert_network().await, Ok(()));
}

#[tokio::test]
async fn what_answers_is_used_and_what_does_not_is_asked_again() {
    let world = World::new().await;
    let second = AnvilGate::start(world.chain.url()).await.unwrap();
    let ethereum = adapter(config(&world.chain, &[&world.gate, &second]));
    world.gate.add(away());
    assert_eq!(ethereum.assert_network().await, Ok(()));
    assert!(matches!(states(&ethereum)[..], [NodeState::Fails(_), NodeState::Answers]));
    assert_eq!(ethereum.tip().await.unwrap().head, world.head().await);
    world.gate.clear_faults();
    ethereum.revisit().await;
    assert_eq!(states(&ethereum), [NodeState::Answers, NodeState::Answers]);
}

#[tokio::test]
async fn where_nothing_answers_at_the_start_the_chain_is_followed_as_soon_as_a_node_does() {
    let world = World::new().await;
    world.gate.add(away());
    assert_eq!(world.ethereum.assert_network().await, Ok(()));
    assert!(matches!(world.ethereum.tip().await, Err(SourceError::Away(_))));
    assert!(matches!(states(&world.ethereum)[..], [NodeState::Fails(_)]));
    world.gate.clear_faults();
    assert_eq!(world.ethereum.tip().await.unwrap().head, world.head().await);
    assert_eq!(states(&world.ethereum), [NodeState::Answers]);
}

#[tokio::test]
async fn a_node_of_another_chain_is_never_believed_and_the_others_go_on() {
    let world = World::new().await;
    let second = AnvilGate::start(world.chain.url()).await.unwrap();
    let ethereum = adapter(config(&world.chain, &[&second, &world.gate]));
    // It is away at the start, and shows later that it is another chain's.
    second.add(away());
    assert_eq!(ethereum.assert_network().await, Ok(()));
    second.clear_faults();
    second.add(GateFault::always("eth_chainId", GateFaultKind::Answer("0x1".into())));
    ethereum.revisit().await;
    assert!(matches!(states(&ethereum)[..], [NodeState::Foreign(_), NodeState::Answers]));
    second.clear_journal();
    ethereum.revisit().await;
    assert_eq!(ethereum.assert_network().await, Ok(()));
    assert_eq!(ethereum.tip().await.unwrap().head, world.head().await);
    assert_eq!(second.journal(), [], "it is asked nothing any more");
    // The other one falls silent: nobody takes its place.
    world.gate.add(away());
    assert!(ethereum.tip().await.is_err());
    assert_eq!(second.journal(), []);
}

#[tokio::test]
async fn nothing_is_asked_of_a_node_before_it_has_shown_its_network() {
    let world = World::with(|config, _| config.chain_id = 1).await;
    assert!(world.ethereum.tip().await.is_err());
    let asked: Vec<String> = world.gate.journal().into_iter().map(|call| call.method).collect();
    assert_eq!(asked, ["eth_chainId"]);
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
