//! What people have written (places, players, campaigns, clips, slides, programmes, orders), and how it is changed.
//!
//! A change is a batch in one transaction: all of it or nothing, together with the signing, replacing and revoking of
//! orders that belongs to it. What stood there before is kept. What a document means is decided in `timetable`; here it
//! is text. Next: `orders.rs`.

use loa_domain::id::Hash;
use loa_domain::time::UtcMs;

use super::clips::{self, Clip};
use super::error::StoreError;
use super::open::{Store, raise};
use super::orders::{self, NewOrder};
use super::sql::{Writing, statement};
use super::value::Row;

/// What a definition defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DefinitionKind {
    /// A place. Codes are reused, so its id should hold the day from which it is valid.
    Place,
    /// A player.
    Player,
    /// A campaign.
    Campaign,
    /// A clip as people describe it; what is known of its content is a [`Clip`].
    Clip,
    /// A slide.
    Slide,
    /// A programme.
    Programme,
    /// An order as written, before it is signed.
    Order,
}

impl DefinitionKind {
    /// All kinds.
    pub const ALL: [Self; 7] =
        [Self::Place, Self::Player, Self::Campaign, Self::Clip, Self::Slide, Self::Programme, Self::Order];

    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Player => "player",
            Self::Campaign => "campaign",
            Self::Clip => "clip",
            Self::Slide => "slide",
            Self::Programme => "programme",
            Self::Order => "order",
        }
    }

    fn of(name: &str) -> Option<Self> {
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
    writing: Writing,
    /// The change's number, once something differs.
    change: Option<i64>,
    line: i64,
    at: UtcMs,
    who: &'a str,
}

impl Store {
    /// Writes a batch of changes at `at`, in the name of `who`, all or nothing. Gives the number of the change, or
    /// none when everything was so already: then nothing is written, and [`Store::changes`] does not rise.
    ///
    /// # Errors
    /// When an order to be superseded or revoked is unknown, or the store cannot be written. Nothing has changed then.
    pub async fn replace(&self, changes: Vec<Change>, at: UtcMs, who: &str) -> Result<Option<i64>, StoreError> {
        let mut batch = Batch { writing: self.database.write().await?, change: None, line: 0, at, who };
        for change in changes {
            batch.make(change).await?;
        }
        if batch.change.is_some() {
            batch.writing.commit().await?;
        }
        Ok(batch.change)
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

impl Batch<'_> {
    async fn make(&mut self, change: Change) -> Result<(), StoreError> {
        match change {
            Change::Put(definition) => self.put(definition).await,
            Change::Remove { kind, id } => self.remove(kind, &id).await,
            Change::PutClip(clip) => self.put_clip(clip).await,
            Change::PutOrder(order) => {
                let new = orders::put(&mut self.writing, order, self.at).await?;
                self.count(new).await
            }
            Change::Supersede { order, by } => {
                let new = orders::supersede(&mut self.writing, order, by).await?;
                self.count(new).await
            }
            Change::Revoke { order } => {
                let new = orders::revoke(&mut self.writing, order, self.at).await?;
                self.count(new).await
            }
        }
    }

    async fn put(&mut self, definition: Definition) -> Result<(), StoreError> {
        let Definition { kind, id, document, source, .. } = definition;
        let was = self.stands(kind, &id).await?;
        if was.as_ref() == Some(&document) {
            return Ok(());
        }
        self.remember(kind, &id, was, Some(document.clone())).await?;
        let put = "INSERT INTO definition (kind, id, document, source, applied_ms) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (kind, id) DO UPDATE SET document = excluded.document, source = excluded.source, \
                   applied_ms = excluded.applied_ms";
        let put = statement(put).with(kind.name()).with(id).with(document).with(source).with(self.at);
        self.writing.run(put).await.map(|_| ())
    }

    async fn remove(&mut self, kind: DefinitionKind, id: &str) -> Result<(), StoreError> {
        let was = self.stands(kind, id).await?;
        if was.is_none() {
            return Ok(());
        }
        self.remember(kind, id, was, None).await?;
        let remove = "DELETE FROM definition WHERE kind = $1 AND id = $2";
        self.writing.run(statement(remove).with(kind.name()).with(id)).await.map(|_| ())
    }

    /// A clip's history stands with the definitions, so that an id that changed its sound can be explained.
    async fn put_clip(&mut self, clip: Clip) -> Result<(), StoreError> {
        let was = clips::in_writing(&mut self.writing, &clip.id).await?;
        if was.as_ref() == Some(&clip) {
            return Ok(());
        }
        let was = was.as_ref().map(clips::to_json).transpose()?;
        self.remember(DefinitionKind::Clip, &clip.id, was, Some(clips::to_json(&clip)?)).await?;
        clips::put(&mut self.writing, &clip).await
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

    async fn count(&mut self, new: bool) -> Result<(), StoreError> {
        if new {
            self.number().await?;
        }
        Ok(())
    }

    async fn number(&mut self) -> Result<i64, StoreError> {
        if let Some(change) = self.change {
            return Ok(change);
        }
        let change = raise(&mut self.writing, "changes").await?;
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
