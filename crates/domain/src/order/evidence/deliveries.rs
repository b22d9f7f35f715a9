//! What is known of the delivery: the living signature, those before it, and the one that became final.

use super::{Delivery, Evidence};

impl Evidence {
    /// Something was signed for the delivery that may execute, or has.
    pub(in crate::order) fn is_delivery_signed(&self) -> bool {
        self.delivery_started || self.delivery.is_some()
    }

    pub(in crate::order) fn is_dead_delivery(&self, tx_hash: &str) -> bool {
        self.delivery_dead.iter().any(|dead| dead == tx_hash)
    }

    /// The transfer is one that was broadcast of the living signature. Before anything was told of it
    /// any is, but those that are dead.
    pub(in crate::order) fn is_expected_delivery(&self, tx_hash: &str) -> bool {
        let variants = &self.delivery_variants;
        let is_known = variants.iter().any(|variant| variant == tx_hash);
        is_known || (variants.is_empty() && !self.is_dead_delivery(tx_hash))
    }

    /// A fee bump stands beside what it is to replace, until one of them is final.
    pub(super) fn note_broadcast(&mut self, tx_hash: &str) -> bool {
        let is_told = self.delivery.as_ref().is_some_and(|known| known.tx_hash == tx_hash)
            || self.delivery_variants.iter().any(|variant| variant == tx_hash);
        if is_told || self.is_dead_delivery(tx_hash) {
            return false;
        }
        if self.delivery.as_ref().is_none_or(|known| !known.is_final) {
            let before = self.delivery.replace(delivery(tx_hash, false));
            let before = before.map(|known| known.tx_hash);
            let unlisted = before.filter(|hash| !self.delivery_variants.contains(hash));
            self.delivery_variants.extend(unlisted);
            self.delivery_variants.push(tx_hash.to_owned());
        }
        true
    }

    /// A final delivery is not replaced: another one beside it is a contradiction to be looked at.
    pub(super) fn note_final(&mut self, tx_hash: &str) -> bool {
        match &self.delivery {
            Some(known) if known.is_final => {
                let is_new = known.tx_hash != tx_hash
                    && !self.delivered_beside.iter().any(|beside| beside == tx_hash);
                self.delivered_beside.extend(is_new.then(|| tx_hash.to_owned()));
                is_new
            }
            Some(_) | None => {
                self.delivery = Some(delivery(tx_hash, true));
                true
            }
        }
    }

    /// Nothing of the living signature can execute. Told of a transfer that is none of its, or of one
    /// that is final, the record stays.
    pub(super) fn stop_delivery(&mut self, tx_hash: &str) -> bool {
        if self.is_dead_delivery(tx_hash) {
            return false;
        }
        let is_other = self.delivery.as_ref().is_some_and(|known| {
            let is_variant = self.delivery_variants.iter().any(|variant| variant == tx_hash);
            known.is_final || (known.tx_hash != tx_hash && !is_variant)
        });
        if is_other {
            return true;
        }
        let was_signed = self.is_delivery_signed();
        self.bury_delivery(was_signed.then_some(tx_hash));
        was_signed
    }

    fn bury_delivery(&mut self, tx_hash: Option<&str>) {
        let mut variants = std::mem::take(&mut self.delivery_variants);
        variants
            .extend(tx_hash.filter(|hash| !variants.iter().any(|v| v == hash)).map(str::to_owned));
        self.delivery_dead.extend(variants);
        self.delivery_started = false;
        self.delivery = None;
    }
}

fn delivery(tx_hash: &str, is_final: bool) -> Delivery {
    Delivery { tx_hash: tx_hash.to_owned(), is_final }
}
