//! Chance that can be repeated: small generators, one per question and occasion.
//!
//! A generator belongs to a label and a running number, not to a shared stream, so that what
//! happens to one phone does not depend on how requests of other phones interleave.

/// The constants of `SplitMix64` and FNV-1a, both in the public domain.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
const FNV_START: u64 = 0xCBF2_9CE4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01B3;

pub(crate) const UPPERCASE: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
pub(crate) const MIXED: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
pub(crate) const HEX: &[u8] = b"0123456789abcdef";
pub(crate) const DIGITS: &[u8] = b"0123456789";

#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64, label: &str, nth: u64) -> Self {
        let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
        let hash = label.bytes().fold(FNV_START ^ seed.wrapping_mul(GOLDEN), mix);
        Self(hash ^ nth.wrapping_mul(GOLDEN))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, not including, `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    pub(crate) fn percent(&mut self, chance: u8) -> bool {
        self.below(100) < u64::from(chance)
    }

    /// `length` characters of an ASCII alphabet.
    pub(crate) fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        let bound = u64::try_from(alphabet.len()).unwrap_or(1);
        let pick = |_| usize::try_from(self.below(bound)).unwrap_or(0);
        (0..length).map(pick).map(|index| char::from(alphabet[index])).collect()
    }
}
