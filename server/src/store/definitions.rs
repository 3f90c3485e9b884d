//! What people have written (places, boards, players, campaigns, clips, slides, programmes, orders), and how it is changed.
//!
//! A change is a batch in one transaction: all of it or nothing, together with the signing, replacing and revoking of
//! orders that belongs to it. What stood there before is kept. What a document means is decided in `timetable`; here it
//! is text. Next: `orders.rs`.

use loa_domain::audit::entry::{self, Entry};
use loa_domain::id::Hash;
use loa_domain::time::UtcMs;

use super::clips::{self, Clip};
use super::error::StoreError;
use super::open::{Store, raise};
use super::orders::{self, NewOrder};
use super::outbox::Noting;
use super::sql::{Writing, statement};
use super::value::Row;

/// What a definition defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DefinitionKind {
    /// A place. Codes are reused, so its id should hold the day from which it is valid.
    Place,
    /// A kind of board.
    Board,
    /// A player.
    Player,
    /// A campaign.
    Campaign,
    /// A clip as people describe it; what is known of its content is a [`Clip`].
    Clip,
    /// A slide with fields to fill in.
    Template,
    /// A slide.
    Slide,
    /// A programme.
    Programme,
    /// An order as written, before it is signed.
    Order,
}

impl DefinitionKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::Place,
        Self::Board,
        Self::Player,
        Self::Campaign,
        Self::Clip,
        Self::Template,
        Self::Slide,
        Self::Programme,
        Self::Order,
    ];

    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Board => "board",
            Self::Player => "player",
            Self::Campaign => "campaign",
            Self::Clip => "clip",
            Self::Template => "template",
            Self::Slide => "slide",
            Self::Programme => "programme",
            Self::Order => "order",
        }
    }

    pub(super) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One thing that people have written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// What it is.
    pub kind: DefinitionKind,
    /// Its id, unique within its kind.
    pub id: String,
    /// It itself, as JSON.
    pub document: String,
    /// Where it came from: a file's name, or the console.
    pub source: String,
    /// When it became so. On writing, the batch's time stands instead.
    pub applied: UtcMs,
}

/// One change of a batch.
#[derive(Clone, Debug)]
pub enum Change {
    /// Is so from now on.
    Put(Definition),
    /// Is no more.
    Remove {
        /// What.
        kind: DefinitionKind,
        /// Its id.
        id: String,
    },
    /// A clip is there, or is another one.
    PutClip(Clip),
    /// A signed order comes into force.
    PutOrder(NewOrder),
    /// A later version stands in an order's place.
    Supersede {
        /// The order that ends.
        order: Hash,
        /// The one in its place.
        by: Hash,
    },
    /// An order is off.
    Revoke {
        /// Which.
        order: Hash,
    },
}

/// One line of history: what stood there, what stands there since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// The number of the change, as [`Store::changes`] gave it afterwards.
    pub change: i64,
    /// What it is.
    pub kind: DefinitionKind,
    /// Its id.
    pub id: String,
    /// What stood there; none when it was new.
    pub was: Option<String>,
    /// What stands there since; none when it was removed.
    pub is: Option<String>,
    /// When.
    pub at: UtcMs,
    /// By whom.
    pub who: String,
}

/// Where a batch stands while it is written.
struct Batch<'a> {
    writing: &'a mut Writing,
    /// The change's number, once something differs.
    change: Option<i64>,
    line: i64,
    at: UtcMs,
    who: &'a str,
    /// What differed, for the log.
    made: Vec<Change>,
}

impl Store {
    /// Writes a batch of changes at `at`, in the name of `who`, all or nothing. Gives the number of the change, or
    /// none when everything was so already: then nothing is written, and [`Store::changes`] does not rise.
    ///
    /// # Errors
    /// When an order to be superseded or revoked is unknown, or the store cannot be written. Nothing has changed then.
    pub async fn replace(&self, changes: Vec<Change>, at: UtcMs, who: &str) -> Result<Option<i64>, StoreError> {
        let mut writing = self.database.write().await?;
        let change = replace(&mut writing, changes, at, who).await?;
        if change.is_some() {
            writing.commit().await?;
        }
        Ok(change)
    }

    /// All definitions of a kind, by id.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn definitions(&self, kind: DefinitionKind) -> Result<Vec<Definition>, StoreError> {
        let list = "SELECT kind, id, document, source, applied_ms FROM definition WHERE kind = $1 ORDER BY id";
        self.database.all(statement(list).with(kind.name())).await?.iter().map(definition).collect()
    }

    /// The definition of that kind and id.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn definition(&self, kind: DefinitionKind, id: &str) -> Result<Option<Definition>, StoreError> {
        let get = "SELECT kind, id, document, source, applied_ms FROM definition WHERE kind = $1 AND id = $2";
        let row = self.database.optional(statement(get).with(kind.name()).with(id)).await?;
        row.as_ref().map(definition).transpose()
    }

    /// What became of a definition over time, latest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn definition_history(&self, kind: DefinitionKind, id: &str) -> Result<Vec<Replaced>, StoreError> {
        let list = "SELECT change, kind, id, was_document, is_document, at_ms, who FROM definition_history \
                    WHERE kind = $1 AND id = $2 ORDER BY change DESC, line DESC";
        self.database.all(statement(list).with(kind.name()).with(id)).await?.iter().map(replaced).collect()
    }
}

/// Writes a batch of changes, here and in the log. Gives the number of the change, or none when nothing differs.
pub(super) async fn replace(
    writing: &mut Writing,
    changes: Vec<Change>,
    at: UtcMs,
    who: &str,
) -> Result<Option<i64>, StoreError> {
    let mut batch = Batch { writing, change: None, line: 0, at, who, made: Vec::new() };
    for change in changes {
        if batch.make(&change).await? {
            batch.number().await?;
            batch.made.push(change);
        }
    }
    batch.log().await?;
    Ok(batch.change)
}

impl Change {
    /// As a line of an entry of the log.
    fn logged(&self) -> entry::Change<'_> {
        match self {
            Self::Put(Definition { kind, id, document, source, .. }) => {
                entry::Change::Put { kind: kind.name(), id, document, source }
            }
            Self::Remove { kind, id } => entry::Change::Remove { kind: kind.name(), id },
            Self::PutClip(Clip { id, rendition, source, size_bytes, duration_ms, added, document }) => {
                let (rendition, source, added) = (*rendition, *source, *added);
                let (size_bytes, duration_ms) = (*size_bytes, *duration_ms);
                entry::Change::Clip { id, rendition, source, size_bytes, duration_ms, added, document }
            }
            Self::PutOrder(NewOrder { id, campaign, programme, made, sealed, .. }) => {
                entry::Change::Order { sealed, id, campaign, programme, made: *made }
            }
            Self::Supersede { order, by } => entry::Change::Superseded { order: *order, by: *by },
            Self::Revoke { order } => entry::Change::Revoked { order: *order },
        }
    }
}

impl Batch<'_> {
    /// Makes a change; says whether anything differs.
    async fn make(&mut self, change: &Change) -> Result<bool, StoreError> {
        match change {
            Change::Put(definition) => self.put(definition).await,
            Change::Remove { kind, id } => self.remove(*kind, id).await,
            Change::PutClip(clip) => self.put_clip(clip).await,
            Change::PutOrder(order) => orders::put(self.writing, order, self.at).await,
            Change::Supersede { order, by } => orders::supersede(self.writing, *order, *by).await,
            Change::Revoke { order } => orders::revoke(self.writing, *order, self.at).await,
        }
    }

    /// Notes what differed in the log, line by line.
    async fn log(&mut self) -> Result<(), StoreError> {
        let Some(change) = self.change else { return Ok(()) };
        let mut noting = Noting::begin(self.writing).await?;
        let (change, lines) = (change.cast_unsigned(), self.made.len() as u64);
        for (line, made) in (1..).zip(&self.made) {
            let entry = Entry::Change { change, line, lines, at: self.at, who: self.who, what: made.logged() };
            noting.note(self.writing, &entry).await?;
        }
        noting.end(self.writing).await
    }

    async fn put(&mut self, definition: &Definition) -> Result<bool, StoreError> {
        let Definition { kind, id, document, source, .. } = definition;
        let (kind, id, document, source) = (*kind, id.as_str(), document.clone(), source.as_str());
        let was = self.stands(kind, id).await?;
        if was.as_ref() == Some(&document) {
            return Ok(false);
        }
        self.remember(kind, id, was, Some(document.clone())).await?;
        let put = "INSERT INTO definition (kind, id, document, source, applied_ms) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (kind, id) DO UPDATE SET document = excluded.document, source = excluded.source, \
                   applied_ms = excluded.applied_ms";
        let put = statement(put).with(kind.name()).with(id).with(document).with(source).with(self.at);
        self.writing.run(put).await.map(|_| true)
    }

    async fn remove(&mut self, kind: DefinitionKind, id: &str) -> Result<bool, StoreError> {
        let was = self.stands(kind, id).await?;
        if was.is_none() {
            return Ok(false);
        }
        self.remember(kind, id, was, None).await?;
        let remove = "DELETE FROM definition WHERE kind = $1 AND id = $2";
        self.writing.run(statement(remove).with(kind.name()).with(id)).await.map(|_| true)
    }

    /// A clip's history stands with the definitions, so that an id that changed its sound can be explained.
    async fn put_clip(&mut self, clip: &Clip) -> Result<bool, StoreError> {
        let was = clips::in_writing(self.writing, &clip.id).await?;
        if was.as_ref() == Some(clip) {
            return Ok(false);
        }
        let was = was.as_ref().map(clips::to_json).transpose()?;
        self.remember(DefinitionKind::Clip, &clip.id, was, Some(clips::to_json(clip)?)).await?;
        clips::put(self.writing, clip).await.map(|()| true)
    }

    async fn stands(&mut self, kind: DefinitionKind, id: &str) -> Result<Option<String>, StoreError> {
        let get = "SELECT document FROM definition WHERE kind = $1 AND id = $2";
        let row = self.writing.optional(statement(get).with(kind.name()).with(id)).await?;
        row.map(|row| row.get(0)).transpose()
    }

    async fn remember(
        &mut self,
        kind: DefinitionKind,
        id: &str,
        was: Option<String>,
        is: Option<String>,
    ) -> Result<(), StoreError> {
        let change = self.number().await?;
        let remember = "INSERT INTO definition_history \
                        (change, line, kind, id, was_document, is_document, at_ms, who) \
                        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let remember = statement(remember).with(change).with(self.line).with(kind.name()).with(id);
        self.writing.run(remember.with(was).with(is).with(self.at).with(self.who)).await?;
        self.line += 1;
        Ok(())
    }

    async fn number(&mut self) -> Result<i64, StoreError> {
        if let Some(change) = self.change {
            return Ok(change);
        }
        let change = raise(self.writing, "changes").await?;
        self.change = Some(change);
        Ok(change)
    }
}

fn definition(row: &Row) -> Result<Definition, StoreError> {
    let kind = row.named(0, DefinitionKind::of)?;
    Ok(Definition { kind, id: row.get(1)?, document: row.get(2)?, source: row.get(3)?, applied: row.get(4)? })
}

pub(super) fn replaced(row: &Row) -> Result<Replaced, StoreError> {
    Ok(Replaced {
        change: row.get(0)?,
        kind: row.named(1, DefinitionKind::of)?,
        id: row.get(2)?,
        was: row.get(3)?,
        is: row.get(4)?,
        at: row.get(5)?,
        who: row.get(6)?,
    })
}
