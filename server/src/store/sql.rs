//! The one file that names `sqlx`: a pool, statements, rows, transactions, and what the databases' codes mean.
//!
//! SQLite in a file and, where the driver is built in, PostgreSQL by URL speak the same statements (`$1` placeholders,
//! BIGINT, TEXT, bytes). What differs between them is decided here and nowhere else. What the statements say is in the
//! files beside. Next: `value.rs`.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::any::{AnyPoolOptions, AnyRow, AnyTypeInfoKind, install_default_drivers};
use sqlx::{
    Any, AnyConnection, AnyPool, AssertSqlSafe, Connection, Executor, Row as _, Transaction, TypeInfo, ValueRef,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::error::StoreError;
use super::value::{Field, Row, Value};

/// How long a writer waits for another process, in milliseconds.
const BUSY_MS: u64 = 10_000;
/// Connections at most: one writes, the others read beside it (SQLite in WAL mode has a single writer).
const CONNECTIONS: u32 = 4;
/// The log file is cut back to this many bytes after a checkpoint, so that one large import does not keep the space.
const JOURNAL_BYTES: u64 = 64 * 1024 * 1024;

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// Where a store lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) dialect: Dialect,
    /// For people: never holds a password.
    pub(super) shown: String,
    /// How long a writer waits for another process, in milliseconds.
    pub(super) busy_ms: u64,
    /// Connections at most.
    pub(super) connections: u32,
    url: String,
}

impl Address {
    /// Reads `postgres://…`, `sqlite:…` or a file's path.
    pub(super) fn parse(url_or_path: &str) -> Result<Self, StoreError> {
        if url_or_path.starts_with("postgres://") || url_or_path.starts_with("postgresql://") {
            let (scheme, rest) = url_or_path.split_once("://").unwrap_or_default();
            let shown = format!("{scheme}://{}", rest.rsplit_once('@').map_or(rest, |(_, host)| host));
            return Ok(Self::new(Dialect::Postgres, shown, url_or_path.to_owned()));
        }
        let path = url_or_path.strip_prefix("sqlite://").or_else(|| url_or_path.strip_prefix("sqlite:"));
        Self::file(Path::new(path.unwrap_or(url_or_path)))
    }

    /// The address of a file that is made where there is none.
    pub(super) fn file(path: &Path) -> Result<Self, StoreError> {
        Self::with_options(path, "mode=rwc")
    }

    /// The address of a file that nobody writes, which is not written either.
    pub(super) fn cold_file(path: &Path) -> Result<Self, StoreError> {
        Self::with_options(path, "mode=ro&immutable=1")
    }

    fn with_options(path: &Path, options: &str) -> Result<Self, StoreError> {
        let shown = path.display().to_string();
        let cannot = |detail: String| StoreError::CannotOpen { path: shown.clone(), detail };
        let absolute = std::path::absolute(path).map_err(|e| cannot(e.to_string()))?;
        let text = absolute.to_str().ok_or_else(|| cannot("its name is not UTF-8".to_owned()))?;
        let mut url = String::from("sqlite://");
        // Every byte that could mean something in an address is written as %XX: names may hold spaces, '?', '#' or 'ữ'.
        for byte in text.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => url.push(byte.into()),
                _ => url.push_str(&format!("%{byte:02X}")),
            }
        }
        url.push('?');
        url.push_str(options);
        Ok(Self::new(Dialect::Sqlite, shown, url))
    }

    fn new(dialect: Dialect, shown: String, url: String) -> Self {
        Self { dialect, shown, busy_ms: BUSY_MS, connections: CONNECTIONS, url }
    }

    /// What a failure at this address means. Names the file where the kind does.
    fn error(&self, error: sqlx::Error) -> StoreError {
        match meaning(error) {
            StoreError::NotADatabase { .. } => StoreError::NotADatabase { path: self.shown.clone() },
            StoreError::CannotOpen { detail, .. } => StoreError::CannotOpen { path: self.shown.clone(), detail },
            other => other,
        }
    }
}

/// A statement with its values.
pub(super) struct Statement {
    text: Cow<'static, str>,
    values: Vec<Value>,
}

/// A statement, with `$1`, `$2`, … where values go. Its text is ours: values of others never become part of it.
pub(super) fn statement(text: impl Into<Cow<'static, str>>) -> Statement {
    Statement { text: text.into(), values: Vec::new() }
}

impl Statement {
    /// The next value.
    pub(super) fn with(mut self, value: impl Field) -> Self {
        self.values.push(value.put());
        self
    }

    /// All values at once.
    pub(super) fn with_all(mut self, values: Vec<Value>) -> Self {
        self.values.extend(values);
        self
    }

    fn query(self) -> sqlx::query::Query<'static, Any, sqlx::any::AnyArguments> {
        let query = sqlx::query::<Any>(AssertSqlSafe(self.text));
        self.values.into_iter().fold(query, |query, value| match value {
            Value::Integer(integer) => query.bind(integer),
            Value::Text(text) => query.bind(text),
            Value::Bytes(bytes) => query.bind(bytes),
        })
    }
}

/// An open database.
#[derive(Clone, Debug)]
pub(super) struct Database {
    pool: AnyPool,
    pub(super) address: Address,
    /// Writers of this process queue here, in order, and not in SQLite's busy handler, which polls.
    turn: Arc<Mutex<()>>,
}

impl Database {
    /// Opens it. Errors of the file come out here, from a first connection: the pool would retry them for half a minute.
    pub(super) async fn open(address: Address) -> Result<Self, StoreError> {
        install_default_drivers();
        let mut first = AnyConnection::connect(&address.url).await.map_err(|e| address.error(e))?;
        let ready = prepare(&mut first, &address).await;
        first.close().await.map_err(|e| address.error(e))?;
        ready?;
        let (dialect, busy_ms) = (address.dialect, address.busy_ms);
        let pool = AnyPoolOptions::new()
            .max_connections(address.connections)
            .acquire_timeout(Duration::from_millis(3 * BUSY_MS))
            .idle_timeout(None)
            .max_lifetime(None)
            .after_connect(move |connection, _| Box::pin(set_up(connection, dialect, busy_ms)))
            // On a full disk SQLite ends a transaction by itself; the library then still counts it as open, and the
            // connection could never begin another one. Such a connection is thrown away.
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
            .connect_lazy(&address.url)
            .map_err(|e| address.error(e))?;
        Ok(Self { pool, address, turn: Arc::default() })
    }

    /// Opens a file that nobody writes, to look at it.
    pub(super) async fn open_cold(path: &Path) -> Result<Self, StoreError> {
        install_default_drivers();
        let address = Address::cold_file(path)?;
        // Pages are read at the first statement, so a file that is no database shows up here.
        let mut first = AnyConnection::connect(&address.url).await.map_err(|e| address.error(e))?;
        let tables = tables(&mut first, &address).await;
        first.close().await.map_err(|e| address.error(e))?;
        if !is_desk(&tables?) {
            return Err(StoreError::Foreign { path: address.shown });
        }
        let pool = AnyPoolOptions::new().max_connections(1).connect_lazy(&address.url).map_err(|e| address.error(e))?;
        Ok(Self { pool, address, turn: Arc::default() })
    }

    /// All rows of an answer.
    pub(super) async fn all(&self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        rows(statement.query().fetch_all(&self.pool).await)
    }

    /// The only row of an answer, or none.
    pub(super) async fn optional(&self, statement: Statement) -> Result<Option<Row>, StoreError> {
        statement.query().fetch_optional(&self.pool).await.map_err(meaning)?.as_ref().map(row).transpose()
    }

    /// Runs a statement that must stand outside a transaction. Writers go on meanwhile: a copy takes its time.
    pub(super) async fn run_alone(&self, statement: Statement) -> Result<(), StoreError> {
        statement.query().execute(&self.pool).await.map_err(meaning).map(|_| ())
    }

    /// Begins to write. What is not committed when the value is dropped never happened.
    pub(super) async fn write(&self) -> Result<Writing, StoreError> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        // A deferred transaction that reads first and then writes fails at once, without any wait, when another process
        // wrote in between (SQLITE_BUSY_SNAPSHOT); so the write lock is taken at the beginning.
        let begin = match self.address.dialect {
            Dialect::Sqlite => "BEGIN IMMEDIATE",
            Dialect::Postgres => "BEGIN",
        };
        let transaction = self.pool.begin_with(begin).await.map_err(meaning)?;
        Ok(Writing { transaction, dialect: self.address.dialect, _turn: turn })
    }

    /// Writes the journal back into the file and does without one. `Busy` at once where anyone else has it open.
    pub(super) async fn leave_journal(&self) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await.map_err(meaning)?;
        connection.execute("PRAGMA busy_timeout = 0").await.map_err(meaning)?;
        let mode = sqlx::query("PRAGMA journal_mode = DELETE").fetch_one(&mut *connection).await.map_err(meaning)?;
        let mode: String = mode.try_get(0).map_err(meaning)?;
        if mode == "delete" { Ok(()) } else { Err(StoreError::Busy) }
    }

    /// Waits for running statements, then closes all connections.
    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

/// A transaction that writes.
pub(super) struct Writing {
    transaction: Transaction<'static, Any>,
    dialect: Dialect,
    _turn: OwnedMutexGuard<()>,
}

impl Writing {
    /// Runs a statement; gives how many rows it changed.
    pub(super) async fn run(&mut self, statement: Statement) -> Result<u64, StoreError> {
        let done = statement.query().execute(&mut *self.transaction).await.map_err(meaning)?;
        Ok(done.rows_affected())
    }

    /// The only row of an answer, or none.
    pub(super) async fn optional(&mut self, statement: Statement) -> Result<Option<Row>, StoreError> {
        let found = statement.query().fetch_optional(&mut *self.transaction).await.map_err(meaning)?;
        found.as_ref().map(row).transpose()
    }

    /// Keeps every other writer out of the schema. SQLite's write lock does so already.
    pub(super) async fn alone(&mut self) -> Result<(), StoreError> {
        if self.dialect == Dialect::Postgres {
            let lock = "SELECT 1 FROM (SELECT pg_advisory_xact_lock(7041)) AS taken";
            self.optional(statement(lock)).await?;
        }
        Ok(())
    }

    /// Runs the statements of a migration.
    pub(super) async fn migrate(&mut self, script: &'static str) -> Result<(), StoreError> {
        let bytes = match self.dialect {
            Dialect::Sqlite => "BLOB",
            Dialect::Postgres => "BYTEA",
        };
        let script = sqlx::raw_sql(AssertSqlSafe(script.replace("BYTES", bytes)));
        self.transaction.execute(script).await.map_err(meaning).map(|_| ())
    }

    /// Makes all of it last: when this returns, it is on disk.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        self.transaction.commit().await.map_err(meaning)
    }
}

async fn prepare(connection: &mut AnyConnection, address: &Address) -> Result<(), StoreError> {
    // Looked at before WAL is switched on, which would already change another program's file.
    let tables = tables(connection, address).await?;
    if !tables.is_empty() && !is_desk(&tables) {
        return Err(StoreError::Foreign { path: address.shown.clone() });
    }
    set_up(connection, address.dialect, address.busy_ms).await.map_err(|e| address.error(e))
}

fn is_desk(tables: &[String]) -> bool {
    tables.iter().any(|table| table == "desk_schema")
}

async fn tables(connection: &mut AnyConnection, address: &Address) -> Result<Vec<String>, StoreError> {
    let list = match address.dialect {
        Dialect::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table'",
        Dialect::Postgres => {
            "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = current_schema()"
        }
    };
    let rows = sqlx::query(list).fetch_all(connection).await.map_err(|e| address.error(e))?;
    rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(|e| address.error(e))
}

async fn set_up(connection: &mut AnyConnection, dialect: Dialect, busy_ms: u64) -> Result<(), sqlx::Error> {
    if dialect == Dialect::Sqlite {
        let pragmas = format!(
            "PRAGMA busy_timeout = {busy_ms}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = {JOURNAL_BYTES};"
        );
        connection.execute(sqlx::raw_sql(AssertSqlSafe(pragmas))).await?;
    }
    Ok(())
}

fn rows(answer: Result<Vec<AnyRow>, sqlx::Error>) -> Result<Vec<Row>, StoreError> {
    answer.map_err(meaning)?.iter().map(row).collect()
}

fn row(row: &AnyRow) -> Result<Row, StoreError> {
    let value = |column: usize| {
        let raw = row.try_get_raw(column)?;
        if raw.is_null() || raw.type_info().is_null() {
            return Ok(Value::Integer(None));
        }
        match raw.type_info().kind() {
            AnyTypeInfoKind::Text => row.try_get(column).map(Value::Text),
            AnyTypeInfoKind::Blob => row.try_get(column).map(Value::Bytes),
            _ => row.try_get(column).map(Value::Integer),
        }
    };
    (0..row.len()).map(value).collect::<Result<Vec<_>, _>>().map(Row::new).map_err(meaning)
}

/// What an error of the library means for the desk.
fn meaning(error: sqlx::Error) -> StoreError {
    let detail = error.to_string();
    match error {
        sqlx::Error::Database(database) => match database.code() {
            Some(code) => meaning_of_code(&code, detail),
            None => StoreError::Refused { detail },
        },
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed => StoreError::Disk { detail },
        sqlx::Error::Configuration(_) => StoreError::CannotOpen { path: String::new(), detail },
        sqlx::Error::PoolTimedOut => StoreError::Busy,
        sqlx::Error::PoolClosed => StoreError::Closed,
        _ => StoreError::Refused { detail },
    }
}

/// SQLite's result codes are decimal numbers whose lowest byte is the kind (sqlite.org/rescode.html); PostgreSQL's are
/// five characters (its manual, appendix A).
fn meaning_of_code(code: &str, detail: String) -> StoreError {
    if code.len() == 5 {
        return match code {
            "53100" => StoreError::Full,
            "40001" | "40P01" | "55P03" | "53300" | "57P03" => StoreError::Busy,
            "25006" | "42501" => StoreError::ReadOnly,
            "28000" | "28P01" | "3D000" => StoreError::CannotOpen { path: String::new(), detail },
            _ if code.starts_with("XX") => StoreError::Damaged { detail },
            _ if code.starts_with("08") || code.starts_with("58") => StoreError::Disk { detail },
            _ => StoreError::Refused { detail },
        };
    }
    match code.parse::<u32>().map(|code| code & 0xff) {
        Ok(5 | 6) => StoreError::Busy,
        Ok(8) => StoreError::ReadOnly,
        Ok(10) => StoreError::Disk { detail },
        Ok(11) => StoreError::Damaged { detail },
        Ok(13) => StoreError::Full,
        Ok(14) => StoreError::CannotOpen { path: String::new(), detail },
        Ok(26) => StoreError::NotADatabase { path: String::new() },
        _ => StoreError::Refused { detail },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        let address = Address::parse("postgres://desk:s3cret@db.example/loa").expect("an address");
        assert_eq!(address.shown, "postgres://db.example/loa");
    }

    #[test]
    fn codes_of_both_databases_have_the_same_meanings() {
        for (code, expected) in [("5", "Busy"), ("517", "Busy"), ("40001", "Busy"), ("13", "Full"), ("53100", "Full")] {
            assert_eq!(format!("{:?}", meaning_of_code(code, String::new())), expected, "{code}");
        }
        assert!(matches!(meaning_of_code("267", String::new()), StoreError::Damaged { .. }));
        assert!(matches!(meaning_of_code("XX001", String::new()), StoreError::Damaged { .. }));
        assert!(matches!(meaning_of_code("1032", String::new()), StoreError::ReadOnly));
    }
}
