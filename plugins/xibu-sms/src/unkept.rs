//! What came and is not yet known to be kept by the host.
//!
//! A poll hands everything over with a word for the place; only when that word comes back with the
//! next poll were the items kept, and only then are they dropped here (and answered for, where a
//! centre waits for that). A word of another life of the plugin means nothing.
//!
//! What it is not: nothing on disk. What a vendor forgets as it hands it out is lost when this
//! process ends before the host has kept it.

use std::collections::VecDeque;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

/// As many wait at most; what is over is not taken from outside.
pub(crate) const ITEMS_MAX: usize = 10_000;

#[derive(Debug)]
pub(crate) struct Unkept<T> {
    life: String,
    handed: u64,
    /// How many at the front were handed over last.
    front: usize,
    items: VecDeque<T>,
}

impl<T> Unkept<T> {
    pub(crate) fn new() -> Self {
        let life = format!("{:016x}", random());
        Self { life, handed: 0, front: 0, items: VecDeque::new() }
    }

    /// Something came.
    pub(crate) fn push(&mut self, item: T) {
        self.items.push_back(item);
    }

    pub(crate) fn is_full(&self) -> bool {
        self.items.len() >= ITEMS_MAX
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// What the host has kept, if this is the word it was given last.
    pub(crate) fn kept(&mut self, cursor: Option<&str>) -> Vec<T> {
        if cursor != Some(self.cursor().as_str()) {
            return Vec::new();
        }
        let kept = self.items.drain(..self.front).collect();
        self.front = 0;
        kept
    }

    /// Everything there is, to be handed over, and the word for it.
    pub(crate) fn hand_over(&mut self) -> (&mut VecDeque<T>, String) {
        self.handed += 1;
        self.front = self.items.len();
        let cursor = self.cursor();
        (&mut self.items, cursor)
    }

    fn cursor(&self) -> String {
        format!("{}-{}", self.life, self.handed)
    }
}

/// Differs with every call and every life of the process.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handed(unkept: &mut Unkept<u8>) -> (Vec<u8>, String) {
        let (items, cursor) = unkept.hand_over();
        (items.iter().copied().collect(), cursor)
    }

    #[test]
    fn what_is_not_kept_comes_again() {
        let mut unkept = Unkept::new();
        unkept.push(1);
        let (items, first) = handed(&mut unkept);
        assert_eq!(items, [1]);
        unkept.push(2);
        // The host fell before it kept them: its old word comes, or none.
        assert!(unkept.kept(None).is_empty());
        assert!(unkept.kept(Some("another-1")).is_empty());
        let (items, second) = handed(&mut unkept);
        assert_eq!(items, [1, 2]);
        assert!(unkept.kept(Some(&first)).is_empty());
        unkept.push(3);
        assert_eq!(unkept.kept(Some(&second)), [1, 2]);
        assert!(unkept.kept(Some(&second)).is_empty(), "once");
        assert_eq!(handed(&mut unkept).0, [3]);
        assert!(Unkept::<u8>::new().cursor() != Unkept::<u8>::new().cursor());
    }
}
