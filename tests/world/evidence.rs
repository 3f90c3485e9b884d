//! What the desk has on record, read from its store's file by other code than its own.
//!
//! The only file here that names `sqlx`; it only reads, and each look is a connection of its own, so that a desk may be
//! killed meanwhile. What should be there is for the stories to say.

use std::path::{Path, PathBuf};

use loa_domain::id::Hash;
use loa_domain::keys::Sealed;
use loa_domain::proof::record::{Body, Record};
use loa_domain::wire;
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};

/// A desk's store.
pub struct Evidence {
    path: PathBuf,
}

/// The proof of one cue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Whose.
    pub player: String,
    /// The order, as the timetable names it.
    pub order: String,
    /// Which of that name: its hash in hexadecimal digits.
    pub version: String,
    /// When it was due, in milliseconds since 1970.
    pub planned_ms: i64,
    /// What became of it.
    pub outcome: String,
    /// Why not all of it.
    pub reason: Option<String>,
    /// When it began to sound, in milliseconds since 1970.
    pub began_ms: Option<i64>,
    /// How much was heard, in milliseconds.
    pub heard_ms: i64,
}

/// A record's place in its player's chain, and its hash.
pub type Kept = (i64, i64, Vec<u8>);

impl Evidence {
    /// The store in a file.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    fn rows<T>(&self, question: &str, read: impl Fn(&SqliteRow) -> Result<T, sqlx::Error>) -> Vec<T> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let rows = runtime.block_on(async {
            let options = SqliteConnectOptions::new().filename(&self.path);
            let mut connection = SqliteConnection::connect_with(&options).await?;
            let rows = sqlx::query(AssertSqlSafe(question)).fetch_all(&mut connection).await?;
            connection.close().await?;
            rows.iter().map(read).collect::<Result<Vec<T>, sqlx::Error>>()
        });
        rows.expect("the desk's store can be read")
    }

    /// All proofs of cues, in the order of their times.
    #[must_use]
    pub fn proofs(&self) -> Vec<Proof> {
        let question = "SELECT r.player, o.id, r.when_ms, r.outcome, r.reason, r.began_ms, r.heard_ms, \
             hex(r.order_hash) \
             FROM proof_record r JOIN signed_order o ON o.hash = r.order_hash ORDER BY r.when_ms";
        self.rows(question, |row| {
            Ok(Proof {
                player: row.try_get(0)?,
                order: row.try_get(1)?,
                planned_ms: row.try_get(2)?,
                outcome: row.try_get(3)?,
                reason: row.try_get(4)?,
                began_ms: row.try_get(5)?,
                heard_ms: row.try_get(6)?,
                version: row.try_get(7)?,
            })
        })
    }

    /// What a player's proofs say of the faces that it showed last of its cues: when each was due, in milliseconds since
    /// 1970, and the face.
    ///
    /// # Panics
    /// When a record cannot be read.
    #[must_use]
    pub fn faces(&self, player: &str) -> Vec<(i64, Option<Hash>)> {
        let question = "SELECT player, sealed FROM proof_record WHERE kind = 'cue' ORDER BY epoch, seq";
        let sealed = self.rows(question, |row| Ok((row.try_get::<String, _>(0)?, row.try_get::<Vec<u8>, _>(1)?)));
        let face = |sealed: Vec<u8>| {
            let body = Sealed::read(&sealed).expect("a sealed record").body;
            match wire::decode::<Record>(body).expect("a record").body {
                Body::Cue { closed, face, .. } => (closed.cue.planned.0, face),
                other => panic!("not of a cue: {other:?}"),
            }
        };
        sealed.into_iter().filter(|(whose, _)| whose == player).map(|(_, sealed)| face(sealed)).collect()
    }

    /// By how many milliseconds a player's clock stepped, each time, in the order of its records.
    #[must_use]
    pub fn steps(&self, player: &str) -> Vec<i64> {
        let question = "SELECT player, detail FROM proof_record WHERE kind = 'stepped' ORDER BY epoch, seq";
        let steps = self.rows(question, |row| Ok((row.try_get::<String, _>(0)?, row.try_get(1)?)));
        steps.into_iter().filter(|(whose, _)| whose == player).map(|(_, by_ms)| by_ms).collect()
    }

    /// How often a player has said that a release took effect.
    #[must_use]
    pub fn in_force(&self, player: &str) -> usize {
        let question = "SELECT player FROM proof_record WHERE kind = 'in-force'";
        self.rows(question, |row| row.try_get::<String, _>(0)).into_iter().filter(|whose| whose == player).count()
    }

    /// Every record of a player.
    #[must_use]
    pub fn kept(&self, player: &str) -> Vec<Kept> {
        let question = "SELECT player, epoch, seq, hash FROM proof_record ORDER BY epoch, seq";
        let read =
            |row: &SqliteRow| Ok((row.try_get::<String, _>(0)?, (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?)));
        self.rows(question, read).into_iter().filter(|(whose, _)| whose == player).map(|(_, kept)| kept).collect()
    }

    /// Records that came under a number already taken by another.
    #[must_use]
    pub fn conflicts(&self) -> usize {
        self.rows("SELECT 1 FROM record_conflict", |_| Ok(())).len()
    }

    /// What a clip became.
    ///
    /// # Panics
    /// When there is no such clip.
    #[must_use]
    pub fn rendition(&self, clip: &str) -> Hash {
        let found = self.rows("SELECT id, rendition_hash FROM clip", |row| {
            Ok((row.try_get::<String, _>(0)?, row.try_get::<Vec<u8>, _>(1)?))
        });
        let bytes = found.into_iter().find(|(id, _)| id == clip).expect("a clip that was applied").1;
        Hash(bytes.try_into().expect("32 bytes"))
    }
}
