//! Re-orgs: the highest blocks go, and others take their place.

use super::MemoryChain;
use super::transaction::{Act, Move, Token, Transaction, hash};
use super::world::Mined;

/// What becomes of the transactions of the blocks that go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keep {
    /// Nobody has them any more.
    Gone,
    /// Each is in a block again, one higher than before.
    Moved,
    /// Each is at its height again, behind another one in its block.
    Shifted,
    /// This one stands in their place.
    ReplacedBy(Vec<Move>),
}

impl MemoryChain {
    /// Replaces the `depth` highest blocks, none of them final.
    pub fn reorg(&self, depth: u64, keep: &Keep) {
        assert!(depth <= self.depth(), "that is final");
        self.replace(depth, keep);
    }

    /// Replaces so many blocks that were final, and all above.
    pub fn reorg_below_final(&self, below: u64, keep: &Keep) {
        self.replace(self.depth().saturating_add(below), keep);
    }

    fn replace(&self, depth: u64, keep: &Keep) {
        let mut world = self.world();
        let length = world.blocks.len();
        let kept = length.saturating_sub(usize::try_from(depth).unwrap_or(length)).max(1);
        let gone = world.blocks.split_off(kept);
        let last = gone.last().map(|it| it.block.time);
        let mut carried: Vec<Transaction> = vec![];
        for mined in gone {
            world.open_block(mined.block.time);
            let own = transactions(mined);
            let now = match keep {
                Keep::Gone => {
                    world.lost.extend(own);
                    vec![]
                }
                Keep::Moved => std::mem::replace(&mut carried, own),
                Keep::Shifted if own.is_empty() => own,
                Keep::Shifted => {
                    let salt = world.salt;
                    [vec![self.stranger(salt, vec![])], own].concat()
                }
                Keep::ReplacedBy(moves) if !own.is_empty() => {
                    let salt = world.salt;
                    vec![self.stranger(salt, moves.clone())]
                }
                Keep::ReplacedBy(_) => vec![],
            };
            for transaction in now {
                world.execute(transaction);
            }
        }
        if let Some(time) = last.filter(|_| *keep == Keep::Moved) {
            world.open_block(time);
            for transaction in carried {
                world.execute(transaction);
            }
        }
    }

    /// What re-orgs took away is in the pool again.
    pub fn bring_back(&self) {
        let mut world = self.world();
        let lost = std::mem::take(&mut world.lost);
        world.pool.extend(lost);
    }

    fn stranger(&self, salt: u64, moves: Vec<Move>) -> Transaction {
        let hash = hash(self.network, format!("instead {salt}").as_bytes());
        let other = self.one(Token::LookAlike, "somebody", 1);
        let moves = if moves.is_empty() { vec![other] } else { moves };
        Transaction { hash, act: Act::Foreign { moves, succeeds: true } }
    }
}

fn transactions(mined: Mined) -> Vec<Transaction> {
    mined.executed.into_iter().map(|it| it.transaction).collect()
}
