//! What a test can do to the chain besides making blocks.

use super::MemoryChain;
use super::transaction::{Act, Move, Token, Transaction, hash};
use crate::chain::transfer::Wallet;
use crate::offer::Asset;
use crate::testing::PlainAddressBook;

/// What becomes of our next transaction in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// It fails and costs its fee.
    Reverts,
    /// It succeeds, and its logs do not show the transfer.
    MovesNothing,
}

impl MemoryChain {
    /// The address of a wallet of ours.
    pub fn wallet(&self, wallet: Wallet) -> String {
        use crate::address::AddressBook;
        let first = if self.network == crate::address::Network::Tron { "T" } else { "0x" };
        match wallet {
            Wallet::Hot => format!("{first}-hot"),
            Wallet::Escrow(index) => {
                let address = PlainAddressBook.escrow(self.network, index);
                address.expect("it derives any").as_str().to_owned()
            }
        }
    }

    /// What an address has had from the beginning on.
    pub fn endow(&self, asset: Asset, address: &str, units: u128) {
        self.world().stock.insert((Token::Known(asset), address.to_owned()), units);
    }

    /// The chain's own coin that an address has had from the beginning on.
    pub fn endow_gas(&self, address: &str, units: u64) {
        self.world().gas.insert(address.to_owned(), units);
    }

    /// A stranger's transfer, in the pool; answers its hash.
    pub fn transfer(&self, token: Token, to: &str, units: u128) -> String {
        self.batch(vec![self.one(token, to, units)])
    }

    /// Many transfers of one transaction of a stranger's.
    pub fn batch(&self, moves: Vec<Move>) -> String {
        self.add(Act::Foreign { moves, succeeds: true })
    }

    /// A stranger's transfer that will fail.
    pub fn failing_transfer(&self, token: Token, to: &str, units: u128) -> String {
        let moves = vec![self.one(token, to, units)];
        self.add(Act::Foreign { moves, succeeds: false })
    }

    /// A transfer from a stranger.
    pub fn one(&self, token: Token, to: &str, units: u128) -> Move {
        let first = if self.network == crate::address::Network::Tron { "T" } else { "0x" };
        Move { token, from: format!("{first}-stranger"), to: to.to_owned(), units }
    }

    /// Somebody else uses the next nonce of an address of ours.
    pub fn steal_nonce(&self, address: &str) -> String {
        self.add(Act::Theft { of: address.to_owned() })
    }

    fn add(&self, act: Act) -> String {
        let mut world = self.world();
        world.salt = world.salt.saturating_add(1);
        let hash = hash(self.network, format!("stranger {}", world.salt).as_bytes());
        // Whoever steals a nonce is quicker.
        let place = if matches!(act, Act::Theft { .. }) { 0 } else { world.pool.len() };
        world.pool.insert(place, Transaction { hash: hash.clone(), act });
        hash
    }

    /// The pool forgets everything.
    pub fn drop_pool(&self) {
        self.world().pool.clear();
    }

    /// Whether the pool has it.
    pub fn is_pending(&self, tx_hash: &str) -> bool {
        self.world().pool.iter().any(|it| it.hash == tx_hash)
    }

    /// Our next transaction in a block comes to this.
    pub fn fail_next(&self, mishap: Mishap) {
        self.world().mishap = Some(mishap);
    }

    /// The tokens move nothing from or to this address any more.
    pub fn blacklist(&self, address: &str) {
        self.world().blacklist.insert(address.to_owned());
    }

    /// The tokens move nothing at all until they do again.
    pub fn pause(&self, is_paused: bool) {
        self.world().is_paused = is_paused;
    }

    /// What a block asks for from now on, in wei per gas.
    pub fn set_base_fee(&self, wei: u64) {
        self.world().base_fee = wei;
    }

    /// We go no further than this.
    pub fn set_fee_ceiling(&self, wei: u64) {
        self.world().fee_ceiling = wei;
    }
}
