//! Where the records of a name are, among many: 12 octets a record at most, and no name is kept twice.

use std::hash::{BuildHasher, RandomState};

use super::Name;

/// No item.
const NONE: u32 = u32::MAX;

/// Items by name: for each bucket of a hash a chain, in the order of the items. Holds no names of its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct ByName {
    hasher: RandomState,
    heads: Vec<u32>,
    next: Vec<u32>,
}

impl ByName {
    /// The index of items with these names; the number of an item is its place.
    pub(crate) fn new<'n>(names: impl DoubleEndedIterator<Item = &'n Name> + ExactSizeIterator) -> Self {
        let count = names.len();
        let mut this =
            Self { hasher: RandomState::new(), heads: vec![NONE; count.next_power_of_two()], next: vec![NONE; count] };
        for (at, name) in names.enumerate().rev() {
            let bucket = this.bucket(name);
            if let (Some(head), Some(next)) = (this.heads.get_mut(bucket), this.next.get_mut(at)) {
                *next = std::mem::replace(head, number(at));
            }
        }
        this
    }

    fn bucket(&self, name: &Name) -> usize {
        let hash = self.hasher.hash_one(name) & (self.heads.len() as u64).wrapping_sub(1);
        usize::try_from(hash).unwrap_or_default()
    }

    /// The numbers of a bucket in order: those of the name, and perhaps others.
    pub(crate) fn chain(&self, name: &Name) -> impl Iterator<Item = u32> + use<'_> {
        let head = self.heads.get(self.bucket(name)).copied();
        std::iter::successors(head.filter(|at| *at != NONE), |at| {
            self.next.get(*at as usize).copied().filter(|at| *at != NONE)
        })
    }
}

/// The number of an item. No zone has 2³² records.
pub(crate) fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}
