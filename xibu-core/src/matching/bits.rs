//! A set of profiles as one bit each.
//!
//! Plain words of 64: for some tens of thousands of profiles that is ten kilobytes a set, and an
//! intersection is a thousand instructions.

use alloc::vec;
use alloc::vec::Vec;

#[derive(Clone, Debug)]
pub(super) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    pub(super) fn none(size: usize) -> Self {
        Self { words: vec![0; size.div_ceil(64)] }
    }

    pub(super) fn all(size: usize) -> Self {
        let mut bits = Self { words: vec![u64::MAX; size.div_ceil(64)] };
        if !size.is_multiple_of(64)
            && let Some(last) = bits.words.last_mut()
        {
            *last = (1 << (size % 64)) - 1;
        }
        bits
    }

    pub(super) fn insert(&mut self, at: u32) {
        if let Some(word) = self.words.get_mut(at as usize / 64) {
            *word |= 1 << (at % 64);
        }
    }

    pub(super) fn has(&self, at: u32) -> bool {
        self.words.get(at as usize / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    pub(super) fn and(&mut self, other: &Bits) {
        for (own, other) in self.words.iter_mut().zip(&other.words) {
            *own &= other;
        }
    }

    pub(super) fn or(&mut self, other: &Bits) {
        for (own, other) in self.words.iter_mut().zip(&other.words) {
            *own |= other;
        }
    }

    /// Keeps of `self` what is not in `bound`, or is in `allowed`.
    pub(super) fn and_unless(&mut self, bound: &Bits, allowed: &Bits) {
        let others = bound.words.iter().zip(&allowed.words);
        for (own, (bound, allowed)) in self.words.iter_mut().zip(others) {
            *own &= !bound | allowed;
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        (0_u32..).zip(&self.words).flat_map(|(at, word)| {
            let mut left = *word;
            core::iter::from_fn(move || {
                (left != 0).then(|| {
                    let bit = left.trailing_zeros();
                    left &= left - 1;
                    at * 64 + bit
                })
            })
        })
    }

    /// How many are in it.
    pub(super) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }
}
