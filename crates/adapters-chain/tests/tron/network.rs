//! Settings, the right network, and what its head is.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

use adapters_chain::tron::{ConfigError, Tron, TronConfig};
use adapters_chain::{NodePool as _, NodeState};
use domain::chain::transfer::Wallet;
use domain::ports::{ChainSender as _, ChainSource as _, SourceError};
use secrecy::SecretString;
use twins::tron::{Endpoint, Fault, FaultKind, TronOptions, TronTwin};

use super::world::{World, coin, plan};
use crate::support::keys::book;
use crate::support::slots::{escrow, hot};

fn states(tron: &Tron) -> Vec<NodeState> {
    tron.health().into_iter().map(|node| node.state).collect()
}

#[tokio::test]
async fn the_network_is_the_one_of_the_settings_or_nothing_starts() {
    let world = World::new().await;
    assert_eq!(world.tron.assert_network().await, Ok(()));
    let other = world.adapter(|config| config.chain_id = 728_126_428);
    let error = other.assert_network().await.unwrap_err().to_string();
    assert!(error.contains("0x2b6653dc") && error.contains("0x5457494e"), "{error}");
    assert!(matches!(states(&other)[..], [NodeState::Foreign(_), NodeState::Foreign(_)]));
    assert!(matches!(other.tip().await, Err(SourceError::Away(_))), "nobody is there to be asked");
    let no_token = world.adapter(|config| config.usdt = escrow(1));
    assert!(no_token.assert_network().await.is_ok_and(|()| no_token.health().len() == 2));
    assert!(no_token.tip().await.is_err(), "nothing is read where there is no such token");
}

#[tokio::test]
async fn what_answers_is_used_and_what_does_not_is_asked_again() {
    let world = World::new().await;
    let dead = Fault::everywhere(FaultKind::Unavailable).on_node(0);
    world.control.add_fault(dead);
    assert_eq!(world.tron.assert_network().await, Ok(()));
    assert!(matches!(states(&world.tron)[..], [NodeState::Fails(_), NodeState::Answers]));
    assert!(world.tron.tip().await.is_ok());
    world.control.clear_faults();
    world.tron.revisit().await;
    assert_eq!(states(&world.tron), [NodeState::Answers, NodeState::Answers]);
}

#[tokio::test]
async fn where_nothing_answers_at_the_start_the_chain_is_followed_as_soon_as_a_node_does() {
    let world = World::new().await;
    world.control.add_fault(Fault::everywhere(FaultKind::Unavailable));
    assert_eq!(world.tron.assert_network().await, Ok(()));
    assert!(matches!(world.tron.tip().await, Err(SourceError::Away(_))));
    world.control.clear_faults();
    assert!(world.tron.tip().await.is_ok());
}

#[tokio::test]
async fn a_node_of_another_chain_is_never_believed_and_the_others_go_on() {
    let world = World::new().await;
    let options = TronOptions { chain_id: 7, ..TronOptions::by_hand() };
    let foreign = TronTwin::start(options).await.unwrap();
    let tron = world.adapter(|config| config.nodes.insert(0, foreign.base_urls()[0].clone()));
    assert_eq!(tron.assert_network().await, Ok(()));
    let states = states(&tron);
    assert!(matches!(states[0], NodeState::Foreign(_)), "{states:?}");
    assert_eq!(tron.tip().await, world.tron.tip().await);
    let asked = foreign.control().journal().len();
    let solid = world.control.solid().number;
    assert!(tron.block_at(solid).await.unwrap().is_some());
    tron.revisit().await;
    assert_eq!(foreign.control().journal().len(), asked, "it is asked nothing any more");
}

#[test]
fn settings_that_cannot_be_right_are_named() {
    type Change = fn(&mut TronConfig);
    let rows: [(Change, ConfigError); 9] = [
        (|c| c.nodes.clear(), ConfigError::NoNodes),
        (|c| c.nodes.push("ftp://node".to_owned()), ConfigError::NodeUrl(1)),
        (|c| c.nodes.push("http://node/?key=1".to_owned()), ConfigError::NodeUrl(1)),
        (|c| c.nodes.push(c.nodes[0].clone()), ConfigError::NodeTwice(1)),
        (|c| c.usdt.push('x'), ConfigError::Address("usdt")),
        (|c| c.hot = "T".to_owned(), ConfigError::Address("hot")),
        (|c| c.api_key = Some(SecretString::from("a\nb")), ConfigError::ApiKey),
        (
            |c| c.expiration_s = 299,
            ConfigError::Range { name: "expiration_s", least: 300, most: 1_800 },
        ),
        (|c| c.batch = 101, ConfigError::Range { name: "batch", least: 1, most: 100 }),
    ];
    for (change, error) in rows {
        let nodes = vec!["https://node/secret-path".to_owned()];
        let mut config = TronConfig::new(nodes, 1, hot(), hot());
        config.api_key = Some(SecretString::from("secret-key"));
        change(&mut config);
        let tron = Tron::try_new(config, Arc::new(book()));
        assert_eq!(tron.err(), Some(error));
    }
    let config = TronConfig::new(vec!["https://node/secret".to_owned()], 1, hot(), hot());
    let tron = Tron::try_new(config, Arc::new(book())).unwrap();
    assert!(!format!("{tron:?}").contains("secret"), "{tron:?}");
    assert_eq!(tron.address(Wallet::Hot), Ok(hot()));
    assert_eq!(tron.address(Wallet::Escrow(3)), Ok(escrow(3)));
    assert!(tron.address(Wallet::Escrow(u32::MAX)).is_err());
}

#[test]
fn only_the_chain_of_a_plan_is_encoded() {
    let config = TronConfig::new(vec!["http://node".to_owned()], 1, hot(), hot());
    let tron = Tron::try_new(config, Arc::new(book())).unwrap();
    let plan = plan(domain::chain::transfer::Purpose::Delivery, Wallet::Hot, &escrow(1), coin(1));
    let terms = domain::chain::transfer::Terms::Ethereum { gas_limit: 1, max_fee: 1, max_tip: 1 };
    assert!(matches!(tron.encode(&plan, &terms, 1), Err(SourceError::Contradiction(_))));
}

#[tokio::test]
async fn the_key_goes_to_the_node_and_no_redirect_is_followed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/base/", listener.local_addr().unwrap());
    let node = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 2_000];
        let count = stream.read(&mut asked).unwrap();
        let answer = "HTTP/1.1 307 Elsewhere\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8_lossy(&asked[..count]).into_owned()
    });
    let mut config = TronConfig::new(vec![url], 1, hot(), hot());
    config.api_key = Some(SecretString::from("a key"));
    let tron = Tron::try_new(config, Arc::new(book())).unwrap();
    let error = tron.tip().await.unwrap_err();
    assert!(matches!(error, SourceError::Away(_)), "{error}");
    assert!(!error.to_string().contains("127.0.0.1"), "{error}");
    let asked = node.join().unwrap();
    assert!(asked.starts_with("POST /base/walletsolidity/getblockbylimitnext "), "{asked}");
    assert!(asked.contains("tron-pro-api-key: a key"), "{asked}");
}

#[tokio::test]
async fn the_tip_is_the_head_and_what_is_solid_is_final() {
    let world = World::new().await;
    let tip = world.tron.tip().await.unwrap();
    let (head, solid) = (world.control.head(), world.control.solid());
    assert_eq!((tip.head, &tip.finality.at.hash), (head.number, &solid.id));
    assert_eq!(tip.finality.at.height, solid.number);
    assert_eq!(tip.finality.parent, world.control.block(solid.number - 1).unwrap().id);
    let careful = world.adapter(|config| config.margin_blocks = 2);
    assert_eq!(careful.tip().await.unwrap().head, head.number - 2);
    let blind = world.adapter(|config| config.margin_blocks = 100);
    assert_eq!(blind.tip().await.unwrap().head, solid.number, "what is solid is there");
}

#[tokio::test]
async fn a_node_whose_head_is_behind_what_it_calls_solid_is_not_believed() {
    let world = World::with(1, |_| {}).await;
    let lagging = Fault::always(Endpoint::GetNowBlock, FaultKind::Lagging { blocks: 25 });
    world.control.add_fault(lagging.on_solidity(false));
    assert!(matches!(world.tron.tip().await, Err(SourceError::Away(_))));
}

#[tokio::test]
async fn that_there_is_no_block_takes_every_node() {
    let world = World::new().await;
    world.tron.tip().await.unwrap();
    let (head, solid) = (world.control.head().number, world.control.solid().number);
    let block = world.tron.block_at(solid).await.unwrap().unwrap();
    assert_eq!(block.at.hash, world.control.solid().id);
    let highest = world.tron.block_at(head).await.unwrap().unwrap();
    assert_eq!(highest.at.hash, world.control.head().id);
    assert_eq!(world.tron.block_at(head + 1).await, Ok(None));
    world.control.set_lag(0, 25);
    assert_eq!(world.tron.block_at(solid).await.unwrap().unwrap(), block);
    world.control.set_lag(1, 25);
    assert_eq!(world.tron.block_at(solid).await, Ok(None), "neither calls it solid any more");
    world.fault(Endpoint::GetBlockByLimitNext, FaultKind::Unavailable);
    assert!(matches!(world.tron.block_at(solid).await, Err(SourceError::Away(_))));
    world.twin.stop().await;
    assert!(world.tron.tip().await.is_err());
}

#[tokio::test]
async fn a_balance_is_of_solid_blocks() {
    let world = World::new().await;
    let asset = domain::offer::Asset::Usdt;
    world.deposit(&escrow(1), 7);
    world.control.produce_block();
    let (none, _) = world.tron.final_balance(asset, &escrow(1)).await.unwrap();
    assert!(none.is_zero(), "it can still go");
    world.control.solidify();
    let (some, height) = world.tron.final_balance(asset, &escrow(1)).await.unwrap();
    assert_eq!((some.minor(), height), (700, world.control.solid().number));
    let usdc = domain::offer::Asset::Usdc;
    assert!(world.tron.final_balance(usdc, &escrow(1)).await.is_err());
    assert!(world.tron.final_balance(asset, "0x00").await.is_err());
    world.fault(Endpoint::TriggerConstantContract, FaultKind::NotFound);
    assert!(matches!(world.tron.final_balance(asset, &escrow(1)).await, Err(SourceError::Away(_))));
}
