//! Records of players as they come in: each kept exactly once under its player, epoch and number.
//!
//! A record that comes again is known; another one under a taken number is a conflict, and is kept too, because it is
//! evidence. Whether a record is genuine was decided before (`loa_domain::proof::record::open`); whether a chain is
//! whole, in `audit`. How records are found again: `search.rs`, next.

use loa_domain::audit::entry::Entry;
use loa_domain::audit::tiles::ENTRY_BYTES;
use loa_domain::id::{CueId, Hash, PlayerId};
use loa_domain::plan::Reason;
use loa_domain::play::player::{Closed, Outcome};
use loa_domain::proof::record::{Body, ClockSource, Evidence, Record};
use loa_domain::time::UtcMs;

use super::error::StoreError;
use super::open::Store;
use super::outbox::{self, Noting};
use super::sql::{Statement, Writing, statement};
use super::value::Row;

/// Records written per transaction at most: one sync of the disk serves them all, and other writers get their turn.
const AT_ONCE: usize = 500;

/// The columns of an entry, in the order of [`entry`].
pub(super) const COLUMNS: &str = "r.player, r.epoch, r.seq, r.hash, r.received_ms, r.made_ms, r.when_ms, r.kind, \
     r.detail, r.order_hash, r.outcome, r.reason, r.began_ms, r.ended_ms, r.heard_ms, r.length_ms, r.volume, \
     r.evidence, r.clock_source, r.clock_error_ms";
/// How many they are.
pub(super) const COLUMN_COUNT: usize = 20;

/// What a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// The proof of one cue.
    Cue,
    /// The player's program began.
    Started,
    /// The player's program began with a new store.
    Rebuilt,
    /// A release took effect.
    InForce,
    /// The wall clock stepped.
    Stepped,
    /// The player was shown a log that contradicts the one seen before.
    LogSplit,
}

impl RecordKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [Self::Cue, Self::Started, Self::Rebuilt, Self::InForce, Self::Stepped, Self::LogSplit];

    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cue => "cue",
            Self::Started => "started",
            Self::Rebuilt => "rebuilt",
            Self::InForce => "in-force",
            Self::Stepped => "stepped",
            Self::LogSplit => "log-split",
        }
    }
}

/// What a record says of a cue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CueProof {
    /// The cue.
    pub cue: CueId,
    /// What became of it.
    pub outcome: Outcome,
    /// Why not all of it, where so.
    pub reason: Option<Reason>,
    /// When it began to sound.
    pub began: Option<UtcMs>,
    /// When it ended.
    pub ended: Option<UtcMs>,
    /// How much was heard, in milliseconds.
    pub heard_ms: u32,
    /// How long it should have played, in milliseconds.
    pub length_ms: u32,
    /// Volume in percent.
    pub volume: u8,
    /// What the claim rests on.
    pub evidence: Evidence,
}

/// What the store knows of a record without opening it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordEntry {
    /// Whose.
    pub player: PlayerId,
    /// Which of the player's chains.
    pub epoch: u64,
    /// Its number in the chain.
    pub seq: u64,
    /// The hash of what was signed.
    pub hash: Hash,
    /// When the desk got it.
    pub received: UtcMs,
    /// When the player made it, by its own clock.
    pub made: UtcMs,
    /// When it belongs in time: the planned start of its cue, else when it was made.
    pub when: UtcMs,
    /// What it is about.
    pub kind: RecordKind,
    /// The release's number, or by how many milliseconds the clock stepped.
    pub detail: Option<i64>,
    /// What it says of a cue.
    pub cue: Option<CueProof>,
    /// Where the player had its time from.
    pub clock_source: ClockSource,
    /// How wrong that may be, in milliseconds.
    pub clock_error_ms: u32,
}

/// A record to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRecord {
    /// What is known of it.
    pub entry: RecordEntry,
    /// It itself, signed.
    pub sealed: Vec<u8>,
}

/// What came of keeping a record. In each case it is on disk, and a receipt may be given for the first two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It was not there before.
    New,
    /// The same one was there.
    Known,
    /// Another one has its number. Both are kept.
    Conflict,
}

impl NewRecord {
    /// A record as opened and checked, with its bytes, its hash and when it came.
    #[must_use]
    pub fn new(record: &Record, hash: Hash, sealed: Vec<u8>, received: UtcMs) -> Self {
        let (kind, detail, cue) = match &record.body {
            Body::Started { rebuilt: false } => (RecordKind::Started, None, None),
            Body::Started { rebuilt: true } => (RecordKind::Rebuilt, None, None),
            Body::InForce { release } => (RecordKind::InForce, Some(release.cast_signed()), None),
            Body::Stepped { by_ms, .. } => (RecordKind::Stepped, Some(*by_ms), None),
            Body::LogSplit { shown } => (RecordKind::LogSplit, Some(shown.size.cast_signed()), None),
            Body::Cue { closed, evidence, .. } => (RecordKind::Cue, None, Some(cue_proof(closed, *evidence))),
        };
        let entry = RecordEntry {
            player: record.player.clone(),
            epoch: record.epoch,
            seq: record.seq,
            hash,
            received,
            made: record.stamp.utc,
            when: cue.map_or(record.stamp.utc, |proof| proof.cue.planned),
            kind,
            detail,
            cue,
            clock_source: record.stamp.source,
            clock_error_ms: record.stamp.error_ms,
        };
        Self { entry, sealed }
    }
}

impl Store {
    /// Keeps records; says of each what came of it, in the order given. When this returns, they are on disk. A batch is
    /// one transaction (of up to 500 records; a longer one is several). To repeat it after an error is safe.
    ///
    /// # Errors
    /// When the store cannot be written. Of a batch of more than 500, some may have been kept.
    pub async fn add_records(&self, records: &[NewRecord]) -> Result<Vec<Added>, StoreError> {
        // Before anything is written: a longer batch is several transactions.
        for record in records.iter().filter(|record| record.sealed.len() > ENTRY_BYTES / 2) {
            outbox::encoded(&logged(record))?;
        }
        let mut added = Vec::with_capacity(records.len());
        for batch in records.chunks(AT_ONCE) {
            let mut writing = self.database.write().await?;
            let mut noting = Noting::begin(&mut writing).await?;
            for record in batch {
                added.push(add(&mut writing, &mut noting, record).await?);
            }
            noting.end(&mut writing).await?;
            writing.commit().await?;
        }
        Ok(added)
    }

    /// Where a record stands in the log, and when it was taken in, as its entry says; nothing for one that is not kept
    /// or came before there was a log. `hash` tells it from another record under the same number.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn logged(
        &self,
        player: &PlayerId,
        (epoch, seq): (u64, u64),
        hash: Hash,
    ) -> Result<Option<(u64, UtcMs)>, StoreError> {
        for table in ["proof_record", "record_conflict"] {
            let get = format!(
                "SELECT position, received_ms FROM {table} WHERE player = $1 AND epoch = $2 AND seq = $3 AND hash = $4"
            );
            let get = statement(get).with(player).with(epoch).with(seq).with(hash);
            if let Some(row) = self.database.optional(get).await? {
                let position: Option<u64> = row.get(0)?;
                return position.map(|position| Ok((position, row.get(1)?))).transpose();
            }
        }
        Ok(None)
    }

    /// The newest number of a player's chain; nothing for one without records.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn last_record(&self, player: &PlayerId, epoch: u64) -> Result<Option<u64>, StoreError> {
        let get = "SELECT seq FROM proof_record WHERE player = $1 AND epoch = $2 ORDER BY seq DESC LIMIT 1";
        let row = self.database.optional(statement(get).with(player).with(epoch)).await?;
        row.map(|row| row.get(0)).transpose()
    }

    /// The signed bytes of a record.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn sealed_record(&self, player: &PlayerId, epoch: u64, seq: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let get = "SELECT sealed FROM proof_record WHERE player = $1 AND epoch = $2 AND seq = $3";
        let row = self.database.optional(statement(get).with(player).with(epoch).with(seq)).await?;
        row.map(|row| row.get(0)).transpose()
    }

    /// The signed bytes of the records that came under a number that was taken.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn conflicts(&self, player: &PlayerId) -> Result<Vec<Vec<u8>>, StoreError> {
        let list = "SELECT sealed FROM record_conflict WHERE player = $1 ORDER BY epoch, seq, received_ms, hash";
        self.database.all(statement(list).with(player)).await?.iter().map(|row| row.get(0)).collect()
    }
}

/// A record as an entry of the log.
fn logged(record: &NewRecord) -> Entry<'_> {
    Entry::Record { sealed: &record.sealed, received: record.entry.received }
}

/// Keeps a record, here and in the log, if it is new or contradicts another.
pub(super) async fn add(writing: &mut Writing, noting: &mut Noting, record: &NewRecord) -> Result<Added, StoreError> {
    let position = noting.position();
    if writing.run(insert(record, position)).await? > 0 {
        noting.note(writing, &logged(record)).await?;
        return Ok(Added::New);
    }
    let NewRecord { entry, sealed } = record;
    let key = |text| statement(text).with(&entry.player).with(entry.epoch).with(entry.seq);
    let known = key("SELECT hash FROM proof_record WHERE player = $1 AND epoch = $2 AND seq = $3");
    let known = writing.optional(known).await?.map(|row| row.get::<Hash>(0)).transpose()?;
    if known == Some(entry.hash) {
        return Ok(Added::Known);
    }
    let keep = key("INSERT INTO record_conflict (player, epoch, seq, hash, sealed, received_ms, \
                    position) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (player, epoch, seq, hash) DO NOTHING");
    let keep = keep.with(entry.hash).with(sealed.as_slice()).with(entry.received).with(position);
    if writing.run(keep).await? > 0 {
        noting.note(writing, &logged(record)).await?;
    }
    Ok(Added::Conflict)
}

fn insert(record: &NewRecord, position: i64) -> Statement {
    let insert = "INSERT INTO proof_record (player, epoch, seq, hash, received_ms, made_ms, when_ms, kind, detail, \
                  order_hash, outcome, reason, began_ms, ended_ms, heard_ms, length_ms, volume, evidence, \
                  clock_source, clock_error_ms, sealed, position) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, \
                  $13, $14, $15, $16, $17, $18, $19, $20, $21, $22) ON CONFLICT (player, epoch, seq) DO NOTHING";
    let NewRecord { entry, sealed } = record;
    let cue = entry.cue.as_ref();
    let insert = statement(insert).with(&entry.player).with(entry.epoch).with(entry.seq).with(entry.hash);
    let insert = insert.with(entry.received).with(entry.made).with(entry.when).with(entry.kind.name());
    let insert = insert.with(entry.detail).with(cue.map(|proof| proof.cue.order));
    let insert = insert.with(cue.map(|proof| proof.outcome.name()));
    let insert = insert.with(cue.and_then(|proof| proof.reason).map(Reason::name));
    let insert = insert.with(cue.and_then(|proof| proof.began)).with(cue.and_then(|proof| proof.ended));
    let insert = insert.with(cue.map(|proof| proof.heard_ms)).with(cue.map(|proof| proof.length_ms));
    let insert = insert.with(cue.map(|proof| proof.volume)).with(cue.map(|proof| proof.evidence.name()));
    insert.with(entry.clock_source.name()).with(entry.clock_error_ms).with(sealed.as_slice()).with(position)
}

fn cue_proof(closed: &Closed, evidence: Evidence) -> CueProof {
    CueProof {
        cue: closed.cue,
        outcome: closed.outcome,
        reason: closed.why.map(|why| why.reason),
        began: closed.began,
        ended: closed.ended,
        heard_ms: closed.heard_ms,
        length_ms: closed.length_ms,
        volume: closed.volume,
        evidence,
    }
}

/// An entry from a row that begins with [`COLUMNS`].
pub(super) fn entry(row: &Row) -> Result<RecordEntry, StoreError> {
    let when = row.get(6)?;
    let clock = [ClockSource::Unknown, ClockSource::Free, ClockSource::Network];
    let order: Option<Hash> = row.get(9)?;
    let cue = order.map(|order| cue(row, CueId { order, planned: when })).transpose()?;
    Ok(RecordEntry {
        player: row.get(0)?,
        epoch: row.get(1)?,
        seq: row.get(2)?,
        hash: row.get(3)?,
        received: row.get(4)?,
        made: row.get(5)?,
        when,
        kind: row.named(7, |name| RecordKind::ALL.into_iter().find(|kind| kind.name() == name))?,
        detail: row.get(8)?,
        cue,
        clock_source: row.named(18, |name| clock.into_iter().find(|source| source.name() == name))?,
        clock_error_ms: row.get(19)?,
    })
}

fn cue(row: &Row, cue: CueId) -> Result<CueProof, StoreError> {
    Ok(CueProof {
        cue,
        outcome: outcome(row, 10)?,
        reason: reason(row, 11)?,
        began: row.get(12)?,
        ended: row.get(13)?,
        heard_ms: row.get(14)?,
        length_ms: row.get(15)?,
        volume: row.get(16)?,
        evidence: evidence(row, 17)?,
    })
}

/// A level of evidence by its name.
pub(super) fn evidence(row: &Row, column: usize) -> Result<Evidence, StoreError> {
    let levels = [Evidence::Commanded, Evidence::Decoded, Evidence::LineDriven, Evidence::Heard];
    row.named(column, |name| levels.into_iter().find(|level| level.name() == name))
}

/// An outcome by its name.
pub(super) fn outcome(row: &Row, column: usize) -> Result<Outcome, StoreError> {
    row.named(column, |name| Outcome::ALL.into_iter().find(|outcome| outcome.name() == name))
}

/// A reason by its name, or none.
pub(super) fn reason(row: &Row, column: usize) -> Result<Option<Reason>, StoreError> {
    if row.get::<Option<String>>(column)?.is_none() {
        return Ok(None);
    }
    row.named(column, |name| Reason::ALL.into_iter().find(|reason| reason.name() == name)).map(Some)
}
