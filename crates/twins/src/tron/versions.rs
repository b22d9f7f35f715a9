//! A value at every height of the chain: what stands at the head, in the solid state and at a node
//! that lags is the same value, looked at from another height.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Versions<T>(Vec<(u64, T)>);

impl<T> Default for Versions<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Versions<T> {
    pub(super) fn at(&self, height: u64) -> Option<&T> {
        let count = self.0.partition_point(|(from, _)| *from <= height);
        self.0[..count].last().map(|(_, value)| value)
    }

    /// Heights only grow; what stood at this one is replaced.
    pub(super) fn set(&mut self, height: u64, value: T) {
        self.roll_back(height.saturating_sub(1));
        if height == 0 {
            self.0.clear();
        }
        self.0.push((height, value));
    }

    /// Forgets what came after `height`.
    pub(super) fn roll_back(&mut self, height: u64) {
        self.0.truncate(self.0.partition_point(|(from, _)| *from <= height));
    }
}

impl<T: Default> Versions<T> {
    /// A change as if it had been so since the first block: it is solid at once, and no fork undoes
    /// it.
    pub(super) fn rewrite(&mut self, change: impl Fn(&mut T)) {
        if self.0.first().is_none_or(|(from, _)| *from > 0) {
            self.0.insert(0, (0, T::default()));
        }
        for (_, value) in &mut self.0 {
            change(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_height_has_the_value_of_its_time() {
        let mut value = Versions::default();
        value.set(3, 30);
        value.set(5, 50);
        value.set(5, 51);
        let seen: Vec<_> = (2..7).map(|height| value.at(height).copied()).collect();
        assert_eq!(seen, [None, Some(30), Some(30), Some(51), Some(51)]);
        value.roll_back(4);
        assert_eq!(value.at(9), Some(&30));
        value.rewrite(|value| *value += 1);
        assert_eq!((value.at(0), value.at(4)), (Some(&1), Some(&31)));
        value.set(0, 7);
        assert_eq!(value.at(9), Some(&7));
    }
}
