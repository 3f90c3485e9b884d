//! Findings in English, one sentence each, for logs. What people read is made from the fields elsewhere.
//!
//! It decides no class. Next: `report.rs`.

use std::fmt::{self, Display, Formatter, Result};
use std::ops::Range;

use super::{Added, At, Bound, Finding, Follows, Lack, Place, SealFault, Unfit, View, Witness, Wrong};

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{} {}/{}", self.player, self.epoch, self.seq)
    }
}

impl Display for At {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.place {
            Some(place) => write!(f, "entry {} ({place})", self.position),
            None => write!(f, "entry {}", self.position),
        }
    }
}

impl Display for Witness {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Record(at) => write!(f, "the record in {at}"),
            Self::Entry(position) => write!(f, "the checkpoint in entry {position}"),
            Self::Note(name) => write!(f, "the checkpoint {name}"),
            Self::Held(name, place) => write!(f, "the record {place} of {name}"),
        }
    }
}

impl Display for View {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{} saw {} leaves under {}", self.by, self.size, self.root)
    }
}

impl Display for Lack {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Absent => f.write_str("is missing"),
            Self::Short => f.write_str("is cut short"),
            Self::Unreadable(error) => write!(f, "cannot be read: {error}"),
        }
    }
}

impl Display for Wrong {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Early { than, by_ms } => {
                let than = match than {
                    Bound::Witnessed => "a witnessed checkpoint",
                    Bound::Desk => "an entry",
                    Bound::Received => "a receipt",
                };
                write!(f, "its time is {by_ms} ms before {than} that its player had seen, beyond the error it claims")
            }
            Self::Late { by_ms } => {
                write!(f, "its time is {by_ms} ms behind its arrival, beyond the error it claims")
            }
            Self::Backwards { by_ms } => write!(f, "the monotonic clock went back by {by_ms} ms"),
            Self::Unexplained { by_ms } => write!(f, "the wall clock moved by {by_ms} ms and no step says so"),
        }
    }
}

impl Display for Follows {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::NotOpened => f.write_str("the first entry does not open the log"),
            Self::OpenedAgain => f.write_str("the log is opened again"),
            Self::OtherOrigin => f.write_str("the log is opened under another name than its checkpoint's"),
            Self::Change { change, line } => write!(f, "line {line} of change {change} does not follow"),
            Self::ChangeCut { change, lines } => write!(f, "change {change} ends before its {lines} lines"),
            Self::Act { number, expected } => write!(f, "act {number} stands where {expected} should"),
            Self::Release { player, number, after } => write!(f, "release {number} of {player} comes after {after}"),
            Self::Received { at, against } => write!(f, "taken in at {at}, which does not go with {against}"),
        }
    }
}

fn leaves(f: &mut Formatter<'_>, range: &Range<u64>) -> Result {
    if range.end.saturating_sub(range.start) == 1 {
        write!(f, "entry {}", range.start)
    } else {
        write!(f, "entries {} to {}", range.start, range.end.saturating_sub(1))
    }
}

const fn unfit(why: Unfit) -> &'static str {
    match why {
        Unfit::None => "the record is not signed",
        Unfit::Wrong => "the signature does not fit the record",
        Unfit::Replaced => "the record is signed by a key that was replaced before",
    }
}

const fn added(why: Added) -> &'static str {
    match why {
        Added::NoKey => "the log names no key of this player before it",
        Added::StrangeKey => "a key signed it that is nobody's",
        Added::NoRoom => "its signature does not fit and the chain is whole without it",
    }
}

const fn seal(fault: SealFault) -> &'static str {
    match fault {
        SealFault::Officers => "not enough officers signed it",
        SealFault::Desk => "the desk did not sign it",
        SealFault::SaysOther => "what is sealed says something else than the entry",
        SealFault::Malformed => "what is sealed cannot be read",
    }
}

impl Finding {
    fn of_tree(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Missing { path, lack, leaves: range } => {
                write!(f, "{path} {lack}: ")?;
                leaves(f, range)
            }
            Self::Evidence { name, item } => write!(f, "{name} cannot be read from item {item} on"),
            Self::Distrusted { name, position: None, why } => write!(f, "checkpoint {name}: {why}"),
            Self::Distrusted { position: Some(at), why, .. } => write!(f, "checkpoint in entry {at}: {why}"),
            Self::Bytes { path, leaves: range, place } => {
                write!(f, "{path} does not match the tree: ")?;
                leaves(f, range)?;
                place.as_ref().map_or(Ok(()), |place| write!(f, " ({place})"))
            }
            Self::Root { signed, found, leaves: range } => {
                write!(f, "the files give the root {found}, the checkpoint says {signed}: altered in ")?;
                leaves(f, range)
            }
            Self::Truncated { size, view } => write!(f, "the log has {size} entries now: {view}"),
            Self::SplitView { leaves: range, views, count } => {
                write!(f, "{count} saw another log, which parts from this one in ")?;
                leaves(f, range)?;
                views.first().map_or(Ok(()), |view| write!(f, "; {view}"))
            }
            _ => fmt::Debug::fmt(self, f),
        }
    }
}

impl Display for Finding {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::SeenAhead { at, seen } => {
                write!(f, "{at}: its player had seen {seen} entries, fewer stand before it")
            }
            Self::Edited { at, why } => write!(f, "{at}: {}", unfit(*why)),
            Self::Inserted { at, why } => write!(f, "{at}: {}", added(*why)),
            Self::Deleted { first, count, between: (before, behind) } => {
                write!(f, "{count} record(s) from {first} on are missing before entry {behind}")?;
                before.map_or(Ok(()), |before| write!(f, ", behind entry {before}"))
            }
            Self::Reordered { first, last_seq, positions: (from, to) } => {
                write!(f, "records {first} to {last_seq} do not stand in their order in entries {from} to {to}")
            }
            Self::Unlinked { at, previous } => {
                write!(f, "{at}: it does not name the record before it")?;
                previous.map_or(Ok(()), |previous| write!(f, ", in entry {previous}"))
            }
            Self::Replayed { at, first } => write!(f, "{at}: the record stands in entry {first} already"),
            Self::Cloned { at, other } => {
                write!(f, "{at}: another record with this place is signed by the player too")?;
                other.map_or(Ok(()), |other| write!(f, ", in entry {other}"))
            }
            Self::BothGoOn { at, newer, since } => {
                write!(f, "{at}: the chain goes on though chain {newer} began in entry {since}")
            }
            Self::Impersonated { at, by } => write!(f, "{at}: it is signed by {by}"),
            Self::Clock { at, wrong } => write!(f, "{at}: {wrong}"),
            Self::Invalid { position } => write!(f, "entry {position} is no entry"),
            Self::UnsoundKey { position, player } => write!(f, "entry {position}: the key of {player} is not sound"),
            Self::Seal { position, name, fault } => write!(f, "entry {position} ({name}): {}", seal(*fault)),
            Self::Sequence { at, what } => write!(f, "{at}: {what}"),
            Self::Withheld { file, place } => write!(f, "{place}, which {file} holds, is not in the log"),
            other => other.of_tree(f),
        }
    }
}
