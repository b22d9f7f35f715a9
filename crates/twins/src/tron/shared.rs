//! The world of this twin as its nodes, its slots and every handle share it.

use super::endpoint::Endpoint;
use super::gateway::{self, Reply};
use super::world::World;
use crate::http::{Answer, Call, Manner};

pub(super) type Shared = crate::shared::Shared<World>;

impl Shared {
    pub(super) fn answer(&self, node: usize, call: &Call) -> Reply {
        let answered = |world: &mut World| gateway::answer(world, node, call);
        if !Endpoint::of(&call.path).0.is_broadcast() {
            return self.pass(answered);
        }
        let reply = self.change(answered);
        if !self.is_lost() {
            return reply;
        }
        // What could not be kept did not happen for anybody.
        let answer = Answer { manner: Manner::Drop, ..reply.answer };
        Reply { answer, ..reply }
    }
}
