//! The journal while it is locked.

use domain::ports::SignerError;

use super::index::Slot;
use super::{Claim, Entry, State, away};

/// The journal while it is ours: everything in it has been read.
pub(in crate::signer) struct Page<'a> {
    state: &'a mut State,
}

impl<'a> Page<'a> {
    pub(super) fn new(state: &'a mut State) -> Self {
        Self { state }
    }

    pub(in crate::signer) fn find(
        &self,
        key: &str,
        generation: i32,
        variant: i32,
    ) -> Result<Option<Entry>, SignerError> {
        let wanted = |slot: &&Slot| (slot.generation, slot.variant) == (generation, variant);
        self.slots(key).iter().find(wanted).map(|slot| self.read(slot)).transpose()
    }

    /// Everything signed for one generation.
    pub(in crate::signer) fn variants(
        &self,
        key: &str,
        generation: i32,
    ) -> Result<Vec<Entry>, SignerError> {
        let slots = self.slots(key).iter().filter(|slot| slot.generation == generation);
        slots.map(|slot| self.read(slot)).collect()
    }

    pub(in crate::signer) fn latest_generation(&self, key: &str) -> Option<i32> {
        self.slots(key).iter().map(|slot| slot.generation).max()
    }

    pub(in crate::signer) fn claimed_by(&self, claim: &Claim) -> Option<(&str, i32)> {
        self.state.index.claimed_by(claim)
    }

    pub(in crate::signer) fn append(&mut self, entry: &Entry) -> Result<(), SignerError> {
        self.state.append(entry).map_err(|error| away(&error))
    }

    fn slots(&self, key: &str) -> &[Slot] {
        self.state.index.slots(key)
    }

    fn read(&self, slot: &Slot) -> Result<Entry, SignerError> {
        self.state.read_line(slot.place).map_err(|error| away(&error))
    }
}
