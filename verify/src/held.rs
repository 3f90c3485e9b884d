//! Records that players still hold, handed in beside the log: each must stand in it.
//!
//! A file of them is like a tile of entries: two bytes of length, big-endian, then the sealed record, and so on. The
//! records are few (a stick from a station), so they are kept in memory. Next: `again.rs`.

use std::collections::BTreeMap;

use loa_domain::audit::tiles;
use loa_domain::id::Hash;

use crate::finding::{At, Finding, Place, View, Witness};
use crate::leaf::{self, Signed};
use crate::report::Report;

/// What was handed in.
#[derive(Debug, Default)]
pub struct Held {
    records: BTreeMap<Place, (Signed, String, u64)>,
    /// Places that the log has, with this record or with another.
    met: BTreeMap<Place, ()>,
}

impl Held {
    /// Reads the files, by name and bytes.
    #[must_use]
    pub fn read<'f>(files: impl Iterator<Item = (&'f str, &'f [u8])>, report: &mut Report) -> Self {
        let mut this = Self::default();
        for (name, bytes) in files {
            for (entry, item) in tiles::entries(bytes).zip(0..) {
                let signed = entry.ok().and_then(|sealed| leaf::signed(sealed).ok());
                match signed {
                    Some(signed) => {
                        let _same = this.records.insert(signed.place(), (signed, name.to_owned(), item));
                    }
                    None => report.add(Finding::Evidence { name: name.to_owned(), item }),
                }
            }
        }
        this
    }

    /// The log has a record here that does not count; the one that is held is its original, or not.
    pub fn claimed(&mut self, place: &Place) {
        if self.records.contains_key(place) {
            let _new = self.met.insert(place.clone(), ());
        }
    }

    /// The log has this record here. Gives what is wrong where the one that is held is another.
    pub fn found(&mut self, place: &Place, hash: Hash) -> Option<impl FnOnce(At) -> Finding + use<>> {
        if self.records.is_empty() {
            return None;
        }
        let (signed, ..) = self.records.get(place)?;
        let _new = self.met.insert(place.clone(), ());
        (signed.hash != hash && !signed.signers.is_empty()).then_some(|at| Finding::Cloned { at, other: None })
    }

    /// The trees that the records saw.
    pub fn views(&self) -> impl Iterator<Item = View> {
        self.records.values().filter_map(|(signed, name, _)| {
            let seen = signed.record.seen?;
            Some(View { by: Witness::Held(name.clone(), signed.place()), size: seen.size, root: seen.root })
        })
    }

    /// The log is over: tells what it does not have. A record must be by a key that its player owns.
    pub fn end(&mut self, owns: impl Fn(&Signed) -> bool, report: &mut Report) {
        for (place, (signed, file, item)) in std::mem::take(&mut self.records) {
            if !owns(&signed) {
                report.add(Finding::Evidence { name: file, item });
            } else if !self.met.contains_key(&place) {
                report.add(Finding::Withheld { file, place });
            }
        }
    }
}
