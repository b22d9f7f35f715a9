//! What is seen of transfers to our addresses.

use domain::address::Network;
use domain::chain::from_chain_units;
use domain::offer::Asset;
use domain::order::DepositId;
use domain::ports::ChainSource as _;
use twins::anvil::{Sender, Token};

use super::world::{CUSTOMER, DOLLAR, UNIT, World, escrow, escrow_text, somebody};
use crate::support::evm::ESCROW;

#[tokio::test]
async fn a_deposit_is_seen_as_the_chain_tells_it() {
    let world = World::new().await;
    let hash = world.deposit(Token::Usdt, ESCROW, 25 * DOLLAR).await;
    let head = world.head().await;
    let scan = world.scan(head - 3, head).await;
    let [sighting] = scan.sightings.as_slice() else { panic!("{:?}", scan.sightings) };
    let tx_hash = hash.to_string();
    assert_eq!(sighting.id, DepositId { network: Network::Ethereum, tx_hash, ordinal: 0 });
    assert_eq!(sighting.token, world.chain.usdt().to_string());
    assert_eq!(sighting.asset, Some(Asset::Usdt));
    assert_eq!(sighting.from, world.chain.accounts()[2].to_string());
    assert_eq!(sighting.to, escrow_text(ESCROW));
    assert_eq!(sighting.units, "25000000");
    assert_eq!(sighting.amount, from_chain_units(25 * UNIT));
    assert_eq!(sighting.block.height, head);
    assert_eq!(sighting.block.hash, world.chain.block_hash(head).await.unwrap().to_string());
    let time = i64::try_from(world.chain.block_time(head).await.unwrap()).unwrap();
    assert_eq!(sighting.block_time.unix_timestamp(), time);
    // The blocks are whole and stand on each other.
    let heights: Vec<u64> = scan.blocks.iter().map(|block| block.at.height).collect();
    assert_eq!(heights, (head - 3..=head).collect::<Vec<u64>>());
    assert!(scan.blocks.is_sorted_by(|below, above| above.parent == below.at.hash));
    assert_eq!(scan.blocks.last().map(|block| &block.at), Some(&sighting.block));
}

#[tokio::test]
async fn nobody_learns_which_addresses_are_ours_and_the_store_is_asked_once() {
    let world = World::new().await;
    for number in 1..=3 {
        world.chain.transfer(Token::Usdt, CUSTOMER, somebody(number), DOLLAR).await.unwrap();
    }
    world.chain.transfer(Token::Usdc, CUSTOMER, somebody(1), DOLLAR).await.unwrap();
    world.deposit(Token::Usdt, ESCROW, DOLLAR).await;
    assert_eq!(world.sightings(1).await.len(), 1);
    let asked = world.watch.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].len(), 4, "each recipient once: {asked:?}");
    let ours = escrow_text(ESCROW).trim_start_matches("0x").to_lowercase();
    let journal = world.gate.journal();
    assert!(journal.iter().all(|call| !call.params.to_string().to_lowercase().contains(&ours)));
}

#[tokio::test]
async fn every_token_is_seen_and_only_ours_are_named() {
    let world = World::new().await;
    for (place, token) in (0..).zip(Token::ALL) {
        world.chain.transfer(token, CUSTOMER, escrow(ESCROW + place), DOLLAR).await.unwrap();
    }
    world.chain.mine(1).await.unwrap();
    let sightings = world.sightings(1).await;
    assert_eq!(sightings.len(), 4);
    for (place, (token, asset)) in (0..).zip([
        (Token::Usdt, Some(Asset::Usdt)),
        (Token::Usdc, Some(Asset::Usdc)),
        (Token::LookAlike, None),
        (Token::FalseReturn, None),
    ]) {
        let to = escrow_text(ESCROW + place);
        let sighting = sightings.iter().find(|sighting| sighting.to == to).unwrap();
        assert_eq!(sighting.token, world.chain.token(token).to_string());
        assert_eq!((sighting.asset, sighting.units.as_str()), (asset, "1000000"));
        assert_eq!(sighting.amount.is_some(), asset.is_some(), "{token:?}");
    }
}

#[tokio::test]
async fn a_transfer_that_failed_is_not_seen() {
    let world = World::new().await;
    world.chain.pause(Token::Usdt, true).await.unwrap();
    world.chain.mine(1).await.unwrap();
    let hash = world.deposit(Token::Usdt, ESCROW, DOLLAR).await;
    assert!(!world.chain.mined(hash).await.unwrap().succeeded);
    assert_eq!(world.sightings(3).await, []);
}

#[tokio::test]
async fn several_transfers_of_one_transaction_keep_their_places() {
    let world = World::new().await;
    let transfers = [
        (escrow(ESCROW), DOLLAR),
        (somebody(9), DOLLAR),
        (escrow(ESCROW), 2 * DOLLAR),
        (escrow(ESCROW + 1), 3 * DOLLAR),
    ];
    world.chain.batch(Token::Usdt, CUSTOMER, &transfers).await.unwrap();
    world.chain.mine(1).await.unwrap();
    let seen: Vec<(u32, String)> = world
        .sightings(1)
        .await
        .into_iter()
        .map(|sighting| (sighting.id.ordinal, sighting.units))
        .collect();
    let expected = [(0, "1000000"), (2, "2000000"), (3, "3000000")];
    assert_eq!(seen, expected.map(|(place, units)| (place, units.to_owned())));
}

#[tokio::test]
async fn somebody_elses_hand_moves_it_and_the_owner_is_the_payer() {
    let world = World::new().await;
    let (owner, spender) = (world.chain.accounts()[2], world.chain.accounts()[3]);
    world.chain.approve(Token::Usdt, CUSTOMER, spender, DOLLAR).await.unwrap();
    world.chain.mine(1).await.unwrap();
    let parties = (owner, escrow(ESCROW));
    let hand = Sender::Account(3);
    world.chain.transfer_from(Token::Usdt, hand, parties, DOLLAR).await.unwrap();
    world.chain.mine(1).await.unwrap();
    let sightings = world.sightings(1).await;
    assert_eq!(sightings.len(), 1);
    assert_eq!(sightings[0].from, owner.to_string());
}

#[tokio::test]
async fn a_number_beyond_all_coins_has_no_amount() {
    let world = World::new().await;
    let many = u128::from(u64::MAX) + 1;
    world.chain.mint(Token::Usdc, world.chain.accounts()[2], many).await.unwrap();
    world.chain.mine(1).await.unwrap();
    world.deposit(Token::Usdc, ESCROW, many).await;
    let sightings = world.sightings(1).await;
    assert_eq!(sightings[0].units, many.to_string());
    assert_eq!((sightings[0].asset, sightings[0].amount), (Some(Asset::Usdc), None));
}

#[tokio::test]
async fn an_empty_chain_and_an_empty_question_have_nothing() {
    let world = World::new().await;
    let head = world.head().await;
    let scan = world.scan(head - 2, head).await;
    assert_eq!((scan.blocks.len(), scan.sightings.len()), (3, 0));
    assert_eq!(world.scan(5, 4).await.blocks.len(), 0);
    assert_eq!(world.scan(0, 0).await.blocks.len(), 1);
    assert!(world.ethereum.scan(head, head + 1, &world.watch).await.is_err());
}

#[tokio::test]
async fn the_tip_is_the_head_and_the_final_block() {
    let world = World::new().await;
    let (head, behind) = (world.head().await, world.chain.blocks_to_finality());
    let tip = world.ethereum.tip().await.unwrap();
    assert_eq!((tip.head, tip.finality.at.height), (head, head - behind));
    let final_hash = world.chain.block_hash(head - behind).await.unwrap();
    assert_eq!(tip.finality.at.hash, final_hash.to_string());
    assert_eq!(world.ethereum.block_at(head - behind).await.unwrap(), Some(tip.finality));
    assert_eq!(world.ethereum.block_at(head + 1).await.unwrap(), None);
}

#[tokio::test]
async fn a_balance_is_that_of_the_final_block() {
    let world = World::new().await;
    let address = escrow_text(ESCROW);
    world.deposit(Token::Usdt, ESCROW, 7 * DOLLAR).await;
    let (amount, _) = world.ethereum.final_balance(Asset::Usdt, &address).await.unwrap();
    assert!(amount.is_zero(), "not final yet");
    world.chain.mine(world.chain.blocks_to_finality()).await.unwrap();
    let (amount, height) = world.ethereum.final_balance(Asset::Usdt, &address).await.unwrap();
    assert_eq!(Some(amount), from_chain_units(7 * UNIT));
    assert_eq!(height, world.chain.finalized_number().await.unwrap());
    let (amount, _) = world.ethereum.final_balance(Asset::Usdc, &address).await.unwrap();
    assert!(amount.is_zero());
}
