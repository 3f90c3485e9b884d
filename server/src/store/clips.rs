//! What is known of clips, and of the blobs that content lies in.
//!
//! Not the content itself: that lies in files named by hash. How a clip is made from an upload is decided in
//! `delivery`; a clip is put through [`Store::replace`](super::Store::replace), so that its history is kept.
//! Next: `players.rs`.

use loa_domain::id::Hash;
use loa_domain::time::UtcMs;
use serde::Serialize;

use super::error::StoreError;
use super::open::Store;
use super::sql::{Statement, Writing, statement};
use super::value::Row;

const COLUMNS: &str = "id, rendition_hash, source_hash, size_bytes, duration_ms, added_ms, document";

/// A clip: one rendition of one upload.
#[derive(Clone, Debug, PartialEq)]
pub struct Clip {
    /// Its id, by which programmes name it.
    pub id: String,
    /// SHA-256 of the rendition: its name in orders.
    pub rendition: Hash,
    /// SHA-256 of the upload.
    pub source: Hash,
    /// The rendition's size in bytes.
    pub size_bytes: u64,
    /// How long it plays, in milliseconds.
    pub duration_ms: u64,
    /// When it was added.
    pub added: UtcMs,
    /// What else is known: title, language, category, format, loudness, as JSON.
    pub document: String,
}

/// A blob that lies in a file named by its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// SHA-256 of all of it.
    pub hash: Hash,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// What it is: clip, slide, bundle.
    pub kind: String,
    /// The hashes of its chunks, 32 bytes each, one after the other.
    pub chunk_hashes: Vec<u8>,
}

impl Store {
    /// All clips, by id.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn clips(&self) -> Result<Vec<Clip>, StoreError> {
        self.database
            .all(statement(format!("SELECT {COLUMNS} FROM clip ORDER BY id")))
            .await?
            .iter()
            .map(clip)
            .collect()
    }

    /// The clip of that id.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn clip(&self, id: &str) -> Result<Option<Clip>, StoreError> {
        self.database.optional(by_id(id)).await?.as_ref().map(clip).transpose()
    }

    /// The clips made from that upload.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn clips_from(&self, source: Hash) -> Result<Vec<Clip>, StoreError> {
        let list = format!("SELECT {COLUMNS} FROM clip WHERE source_hash = $1 ORDER BY id");
        self.database.all(statement(list).with(source)).await?.iter().map(clip).collect()
    }

    /// The clips whose rendition has that hash.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn clips_of(&self, rendition: Hash) -> Result<Vec<Clip>, StoreError> {
        let list = format!("SELECT {COLUMNS} FROM clip WHERE rendition_hash = $1 ORDER BY id");
        self.database.all(statement(list).with(rendition)).await?.iter().map(clip).collect()
    }

    /// Notes a blob. One hash is one content, so what is noted already stays.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn put_blob(&self, blob: Blob) -> Result<(), StoreError> {
        let put = "INSERT INTO blob_known (hash, size_bytes, kind, chunk_hashes) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (hash) DO NOTHING";
        let mut writing = self.database.write().await?;
        let Blob { hash, size_bytes, kind, chunk_hashes } = blob;
        writing.run(statement(put).with(hash).with(size_bytes).with(kind).with(chunk_hashes)).await?;
        writing.commit().await
    }

    /// The blob of that hash.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn blob(&self, hash: Hash) -> Result<Option<Blob>, StoreError> {
        let get = "SELECT hash, size_bytes, kind, chunk_hashes FROM blob_known WHERE hash = $1";
        let row = self.database.optional(statement(get).with(hash)).await?;
        row.map(|row| {
            Ok(Blob { hash: row.get(0)?, size_bytes: row.get(1)?, kind: row.get(2)?, chunk_hashes: row.get(3)? })
        })
        .transpose()
    }

    /// The hashes of all blobs.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn blob_hashes(&self) -> Result<Vec<Hash>, StoreError> {
        let rows = self.database.all(statement("SELECT hash FROM blob_known ORDER BY hash")).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }
}

/// The clip of that id, within a transaction.
pub(super) async fn in_writing(writing: &mut Writing, id: &str) -> Result<Option<Clip>, StoreError> {
    writing.optional(by_id(id)).await?.as_ref().map(clip).transpose()
}

/// Writes a clip in the place of the one of its id.
pub(super) async fn put(writing: &mut Writing, clip: &Clip) -> Result<(), StoreError> {
    let put = format!(
        "INSERT INTO clip ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET \
         rendition_hash = excluded.rendition_hash, source_hash = excluded.source_hash, \
         size_bytes = excluded.size_bytes, duration_ms = excluded.duration_ms, added_ms = excluded.added_ms, \
         document = excluded.document"
    );
    let put = statement(put).with(clip.id.as_str()).with(clip.rendition).with(clip.source).with(clip.size_bytes);
    writing.run(put.with(clip.duration_ms).with(clip.added).with(clip.document.as_str())).await.map(|_| ())
}

/// A clip as a line of history.
pub(super) fn to_json(clip: &Clip) -> Result<String, StoreError> {
    #[derive(Serialize)]
    struct Line<'a> {
        rendition: String,
        source: String,
        size_bytes: u64,
        duration_ms: u64,
        added_ms: i64,
        document: &'a str,
    }
    let line = Line {
        rendition: clip.rendition.to_string(),
        source: clip.source.to_string(),
        size_bytes: clip.size_bytes,
        duration_ms: clip.duration_ms,
        added_ms: clip.added.0,
        document: &clip.document,
    };
    serde_json::to_string(&line).map_err(|error| StoreError::Refused { detail: error.to_string() })
}

fn by_id(id: &str) -> Statement {
    statement(format!("SELECT {COLUMNS} FROM clip WHERE id = $1")).with(id)
}

fn clip(row: &Row) -> Result<Clip, StoreError> {
    Ok(Clip {
        id: row.get(0)?,
        rendition: row.get(1)?,
        source: row.get(2)?,
        size_bytes: row.get(3)?,
        duration_ms: row.get(4)?,
        added: row.get(5)?,
        document: row.get(6)?,
    })
}
