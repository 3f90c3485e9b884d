//! What the board must not forget: what is settled, as one value that changes all at once, and the records.
//!
//! A round of the board changes what is due, which cues are open, where the chain stands and which release is in force;
//! all four are one value, so that a power cut leaves them as they were before or after. Records are written before it,
//! and those that the value does not know of are thrown away at the next start: nobody was told of them. The only file
//! that names the storage library. Next: `shelf.rs`, `chain.rs`.

use sequential_storage::cache::Cache;
use sequential_storage::map::{MapConfig, MapStorage, SerializationError, Value};
use sequential_storage::queue::{QueueConfig, QueueStorage};

use loa_domain::id::Hash;
use loa_domain::limits;
use loa_domain::play::due::Due;
use loa_domain::play::player::Opened;
use loa_domain::proof::outbox::Key as Place;
use loa_domain::proof::record::{Head, RECORD_BYTES};
use loa_domain::wire::{self, Decode, Encode, List};

use crate::flash::{Broken, Flash, OUTBOX, Patient, SETTLED, at_once};

/// Room for one value or one record with its place, in bytes: for the fullest day or the longest root document, within one
/// sector.
pub const SCRATCH: usize = if cfg!(feature = "small") { 2560 } else { 4000 };
/// A record's place before it, so that it is found without opening it.
const PLACE_BYTES: usize = 16;

/// The cues whose proofs are open.
pub type Open = List<Opened, { limits::LIVE }>;

/// All that one round changes.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
pub struct Settled {
    /// Which cues are settled.
    #[n(0)]
    pub due: Due,
    /// Which are open.
    #[n(1)]
    pub open: Open,
    /// Where the chain stands; nothing before its first record.
    #[n(2)]
    pub head: Option<Head>,
    /// The hash of the sealed release in force.
    #[n(3)]
    pub release: Option<Hash>,
}

/// The same, as it lies about in memory.
#[derive(Encode)]
pub struct Settling<'a> {
    /// Which cues are settled.
    #[n(0)]
    pub due: &'a Due,
    /// Which are open.
    #[n(1)]
    pub open: &'a Open,
    /// Where the chain stands.
    #[n(2)]
    pub head: Option<Head>,
    /// The release in force.
    #[n(3)]
    pub release: Option<Hash>,
}

/// What is kept under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Name {
    /// [`Settled`].
    Settled = 1,
    /// The newest checkpoint of the desk's log that was checked.
    Seen = 2,
    /// What lies on the shelf.
    Shelf = 4,
    /// How often the board has started.
    Starts = 5,
    /// The newest root document, sealed, where it is newer than the page's.
    Root = 6,
    /// What officers stopped ([`loa_domain::timetable::stop::Stopped`]).
    Stopped = 7,
}

struct Put<'t>(&'t dyn Encode);

impl<'b> Value<'b> for Put<'_> {
    fn serialize_into(&self, buffer: &mut [u8]) -> Result<usize, SerializationError> {
        wire::encode_into(&self.0, buffer).map_err(|_| SerializationError::BufferTooSmall)
    }

    fn deserialize_from(_: &'b [u8]) -> Result<(Self, usize), SerializationError> {
        Err(SerializationError::InvalidFormat)
    }
}

/// What becomes of a record that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Stays,
    Goes,
    /// It stays, and no more are looked at.
    Last,
}

/// The store.
pub struct Store<'m, F> {
    flash: F,
    scratch: &'m mut [u8; SCRATCH],
    records: u32,
    /// Records that the flash did not take: gaps in the chain that whoever checks it sees.
    pub lost: u32,
}

impl<'m, F: Flash> Store<'m, F> {
    /// A store over what the flash holds.
    pub fn new(flash: F, scratch: &'m mut [u8; SCRATCH]) -> Self {
        Self { flash, scratch, records: 0, lost: 0 }
    }

    /// The flash itself.
    pub fn flash(&mut self) -> &mut F {
        &mut self.flash
    }

    /// What is kept under a name.
    pub fn get<T: for<'b> Decode<'b>>(&mut self, name: Name) -> Option<T> {
        let mut value = T::blank();
        self.get_into(name, &mut value).then_some(value)
    }

    /// Reads what is kept under a name to where it stays; without it, what is there afterwards means nothing.
    #[must_use]
    pub fn get_into<T: for<'b> Decode<'b>>(&mut self, name: Name, into: &mut T) -> bool {
        self.find(name).is_some_and(|found| wire::decode_into(found, into).is_ok())
    }

    /// The bytes that are kept under a name.
    pub fn bytes(&mut self, name: Name) -> Option<&[u8]> {
        self.find(name).and_then(|found| wire::decode(found).ok())
    }

    #[inline(never)]
    fn find(&mut self, name: Name) -> Option<&[u8]> {
        let Self { flash, scratch, .. } = self;
        let config = MapConfig::try_new(SETTLED).ok()?;
        let mut map = MapStorage::<u8, _, _>::new(Patient(flash), config, Cache::new_uncached());
        let found = at_once(map.fetch_item::<&[u8]>(&mut scratch[..], &(name as u8))).ok()?.ok()??;
        Some(found)
    }

    /// Keeps a value under a name, in place of the one before.
    pub fn put<T: Encode>(&mut self, name: Name, value: &T) -> Result<(), Broken> {
        let Self { flash, scratch, .. } = self;
        let config = MapConfig::try_new(SETTLED).map_err(|_| Broken)?;
        let mut map = MapStorage::<u8, _, _>::new(Patient(flash), config, Cache::new_uncached());
        at_once(map.store_item(&mut scratch[..], &(name as u8), &Put(value)))?.map_err(|_| Broken)
    }

    /// Puts a sealed record behind all others.
    pub fn push(&mut self, place: Place, sealed: &[u8]) -> Result<(), Broken> {
        self.push_with(place, |room| {
            room.get_mut(..sealed.len()).ok_or(Broken)?.copy_from_slice(sealed);
            Ok::<_, Broken>(sealed.len())
        })
    }

    /// Puts a record behind all others, which `write` seals into the room for one; it gives how long it is.
    pub fn push_with<E>(
        &mut self,
        (epoch, seq): Place,
        write: impl FnOnce(&mut [u8; RECORD_BYTES]) -> Result<usize, E>,
    ) -> Result<(), Broken> {
        let Self { flash, scratch, .. } = self;
        let (place, rest) = scratch.split_first_chunk_mut::<PLACE_BYTES>().ok_or(Broken)?;
        place[..8].copy_from_slice(&epoch.to_be_bytes());
        place[8..].copy_from_slice(&seq.to_be_bytes());
        let length = write(rest.first_chunk_mut().ok_or(Broken)?).map_err(|_| Broken)?;
        let item = scratch.get(..PLACE_BYTES + length).ok_or(Broken)?;
        let config = QueueConfig::try_new(OUTBOX).map_err(|_| Broken)?;
        let mut queue = QueueStorage::new(Patient(flash), config, Cache::new_uncached());
        at_once(queue.push(item, false))?.map_err(|_| Broken)?;
        self.records = self.records.saturating_add(1);
        Ok(())
    }

    /// Goes through the records, oldest first. Gives how many were looked at, and how many of them went.
    fn each(&mut self, visit: &mut dyn FnMut(Place, &[u8]) -> Fate) -> Result<(u32, u32), Broken> {
        let Self { flash, scratch, .. } = self;
        let config = QueueConfig::try_new(OUTBOX).map_err(|_| Broken)?;
        let mut queue = QueueStorage::new(Patient(flash), config, Cache::new_uncached());
        at_once(async {
            let (mut seen, mut gone) = (0, 0);
            let mut records = queue.iter().await.map_err(|_| Broken)?;
            while let Some(entry) = records.next(&mut scratch[..]).await.map_err(|_| Broken)? {
                seen += 1;
                // What is too short to be a record is none, and goes.
                let fate = split(&entry).map_or(Fate::Goes, |(place, sealed)| visit(place, sealed));
                match fate {
                    Fate::Stays => {}
                    Fate::Goes => {
                        entry.pop().await.map_err(|_| Broken)?;
                        gone += 1;
                    }
                    Fate::Last => break,
                }
            }
            Ok((seen, gone))
        })?
    }

    /// Counts the records, and throws away those that `known`, where the chain stands, does not know of.
    pub fn roll_back(&mut self, known: Option<Head>) -> Result<(), Broken> {
        let next = known.map_or((0, 0), |head| (head.epoch, head.next));
        let (seen, gone) = self.each(&mut |place, _| if place < next { Fate::Stays } else { Fate::Goes })?;
        self.records = seen - gone;
        Ok(())
    }

    /// How many records wait for their receipts.
    pub fn records(&self) -> u32 {
        self.records
    }

    /// The place of the first record behind `after`, or of the first of all.
    pub fn next_record(&mut self, after: Option<Place>) -> Option<Place> {
        let mut found = None;
        let looked = self.each(&mut |place, _| {
            let is_it = after.is_none_or(|after| place > after);
            found = is_it.then_some(place);
            if is_it { Fate::Last } else { Fate::Stays }
        });
        looked.ok().and(found)
    }

    /// Copies a record's sealed bytes; gives how many they are.
    pub fn record(&mut self, wanted: Place, into: &mut [u8; RECORD_BYTES]) -> Option<usize> {
        let mut found = None;
        let looked = self.each(&mut |place, sealed| {
            if place != wanted {
                return Fate::Stays;
            }
            if let Some(room) = into.get_mut(..sealed.len()) {
                room.copy_from_slice(sealed);
                found = Some(sealed.len());
            }
            Fate::Last
        });
        looked.ok().and(found)
    }

    /// Lets records go: they are shown to be in the desk's log.
    pub fn release(&mut self, places: &[Place]) -> Result<(), Broken> {
        let mut left = places.len();
        let (_, gone) = self.each(&mut |place, _| match (left, places.contains(&place)) {
            (0, _) => Fate::Last,
            (_, true) => {
                left -= 1;
                Fate::Goes
            }
            (_, false) => Fate::Stays,
        })?;
        self.records = self.records.saturating_sub(gone);
        Ok(())
    }
}

fn split(item: &[u8]) -> Option<(Place, &[u8])> {
    let (epoch, rest) = item.split_first_chunk::<8>()?;
    let (seq, sealed) = rest.split_first_chunk::<8>()?;
    Some(((u64::from_be_bytes(*epoch), u64::from_be_bytes(*seq)), sealed))
}

#[cfg(test)]
mod tests;
