//! What a test can make go wrong between us and the chain, and the point at which a call can be left.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::MemoryChain;
use crate::ports::SourceError;

/// A method of the chain ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    Tip,
    BlockAt,
    Scan,
    FinalBalance,
    Prepare,
    Broadcast,
    Observe,
    FindDeath,
}

impl Call {
    pub const ALL: [Self; 8] = [
        Self::Tip,
        Self::BlockAt,
        Self::Scan,
        Self::FinalBalance,
        Self::Prepare,
        Self::Broadcast,
        Self::Observe,
        Self::FindDeath,
    ];
}

/// How the next call of a method goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nobody answers, and nothing was done.
    Away,
    /// It was done, and the answer is lost.
    LostReply,
    Contradiction,
    /// A node answers that is so many blocks behind.
    Lagging(u64),
}

impl Fault {
    pub(super) fn error(self) -> Option<SourceError> {
        let word = "as the test has it".to_owned();
        match self {
            Self::Away | Self::LostReply => Some(SourceError::Away(word)),
            Self::Contradiction => Some(SourceError::Contradiction(word)),
            Self::Lagging(_) => None,
        }
    }
}

impl MemoryChain {
    /// The next call of this method goes wrong, after those that were told before.
    pub fn fail(&self, call: Call, fault: Fault) {
        self.world().faults.push((call, fault));
    }

    /// Nothing that was told to go wrong does any more.
    pub fn answer(&self) {
        self.world().faults.clear();
    }

    /// Begins a call: lets go of the thread once, then tells how it goes.
    pub(super) async fn called(&self, call: Call) -> Option<Fault> {
        step().await;
        let mut world = self.world();
        world.called.push(call);
        let at = world.faults.iter().position(|(of, _)| *of == call)?;
        Some(world.faults.remove(at).1)
    }

    /// Like [`Self::called`], where a fault is an error or how far the node is behind.
    pub(super) async fn asked(&self, call: Call) -> Result<u64, SourceError> {
        match self.called(call).await {
            Some(Fault::Lagging(blocks)) => Ok(blocks),
            Some(fault) => fault.error().map_or(Ok(0), Err),
            None => Ok(0),
        }
    }

    /// What was called, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.world().called.clone()
    }
}

/// A point at which whoever polls may do something else, or nothing ever again.
pub(in crate::testing) fn step() -> Step {
    Step(false)
}

pub(in crate::testing) struct Step(bool);

impl Future for Step {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
