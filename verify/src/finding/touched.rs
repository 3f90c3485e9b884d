//! Where a finding is: for programs that look further.
//!
//! It decides no class. Next: `words.rs`.

use std::ops::Range;

use super::{Finding, Place};

impl Finding {
    /// Whether it is said at most once, of the log as a whole.
    #[must_use]
    pub const fn is_of_whole_log(&self) -> bool {
        matches!(self, Self::Truncated { .. } | Self::Root { .. } | Self::SplitView { .. })
    }

    /// The leaves and the record that it touches, as far as there are some.
    #[must_use]
    pub fn touches(&self) -> (Option<Range<u64>>, Option<&Place>) {
        let one = |position: u64| Some(position..position.saturating_add(1));
        match self {
            Self::Missing { leaves, .. } | Self::Root { leaves, .. } | Self::SplitView { leaves, .. } => {
                (Some(leaves.clone()), None)
            }
            Self::Bytes { leaves, place, .. } => (Some(leaves.clone()), place.as_ref()),
            Self::Distrusted { position, .. } => (position.and_then(one), None),
            Self::Truncated { size, view } => (Some(*size..view.size.max(*size)), None),
            Self::Deleted { first, between: (before, behind), .. } => {
                (Some(before.unwrap_or(*behind)..behind.saturating_add(1)), Some(first))
            }
            Self::Reordered { first, positions: (from, to), .. } => (Some(*from..to.saturating_add(1)), Some(first)),
            Self::Invalid { position } | Self::UnsoundKey { position, .. } | Self::Seal { position, .. } => {
                (one(*position), None)
            }
            Self::Withheld { place, .. } => (None, Some(place)),
            Self::Evidence { .. } => (None, None),
            Self::SeenAhead { at, .. }
            | Self::Edited { at, .. }
            | Self::Inserted { at, .. }
            | Self::Unlinked { at, .. }
            | Self::Replayed { at, .. }
            | Self::Cloned { at, .. }
            | Self::BothGoOn { at, .. }
            | Self::Impersonated { at, .. }
            | Self::Clock { at, .. }
            | Self::Sequence { at, .. } => (one(at.position), at.place.as_ref()),
        }
    }
}
