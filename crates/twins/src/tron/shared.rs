//! The world of this twin as its nodes, its slots and every handle share it.

use super::gateway::{self, Reply};
use super::world::World;
use crate::http::Call;

pub(super) type Shared = crate::shared::Shared<World>;

impl Shared {
    pub(super) fn answer(&self, node: usize, call: &Call) -> Reply {
        self.change(|world| gateway::answer(world, node, call))
    }
}
