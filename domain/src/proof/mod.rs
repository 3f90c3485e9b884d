//! Stage 5, proof: what a player puts on record, chained and signed, and how it reaches the desk.
//!
//! `record.rs` is a record and the chain it stands in; `outbox.rs` decides which record is sent when, and that only a
//! verified receipt ends its stay.

pub mod outbox;
pub mod record;
