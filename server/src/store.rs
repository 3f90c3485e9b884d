//! The desk's store: what is planned, what was signed, what players said, what people did.
//!
//! It keeps and finds; it decides no rule. Content itself lies in files, and the audit log is the truth about proofs:
//! what is here can be rebuilt from it. Times are handed in. In reading order: `open` (the whole), `definitions` (what
//! people wrote), `clips`, `orders`, `players`, `releases`, `records` and `search` (proofs), `past` (what an account
//! reads), `accounts` and `sessions` (who may come in), `acts`, `backup`, `outbox` (entries for the log) and `replay` (the store made again from them), `compare`;
//! below them `schema`, `value`, `sql` (the only file that knows the database library) and `error`.

mod accounts;
mod acts;
mod backup;
mod clips;
mod compare;
mod definitions;
mod error;
mod open;
mod orders;
mod outbox;
mod past;
mod placings;
mod players;
mod records;
mod releases;
mod replay;
mod schema;
mod search;
mod sessions;
mod sql;
mod stops;
#[cfg(test)]
mod tests;
mod value;
mod waiting;

pub use accounts::{Account, AccountChange, AccountState, Keeping, KeptRole, SecondFactor, Stretched};
pub use acts::Act;
pub use backup::Backup;
pub use clips::{Blob, Clip};
pub use compare::{Difference, DifferenceKind};
pub use definitions::{Change, Definition, DefinitionKind, Replaced};
pub use error::StoreError;
pub use open::Store;
pub use orders::{NewOrder, SignedOrder};
pub use past::{CueLine, Newest};
pub use placings::SealedPlacing;
pub use players::{Pinned, PlayerState};
pub use records::{Added, CueProof, NewRecord, RecordEntry, RecordKind};
pub use releases::{Issued, StoredRelease};
pub use search::{FoundRecord, Gap, OrderNames, RecordFilter, RecordSum};
pub use sessions::{Login, Session, Token};
pub use stops::SealedStop;
pub use waiting::WaitingKey;
