//! Stage 6 at the desk, audit: what people and players did, in a log that nobody can quietly alter, and what it adds up to.
//!
//! [`log`] writes it and answers for it; [`export`] copies it for others, [`carry`] for backups; [`rebuild`] makes the
//! store again from it; [`receipts`] shows players where their records stand; `mirror` shows it by HTTP; [`witness`] is
//! what signs beside another desk's log, and how this one asks for that. [`account`] holds what was due against what
//! was heard; [`report`] brings an account to paper, workbook and text.
//! Whoever checks the log shares none of this code but the formulas in `loa_domain::audit`.

pub mod account;
pub mod carry;
pub mod export;
pub mod log;
pub(crate) mod mirror;
pub mod rebuild;
pub mod receipts;
pub mod report;
pub mod witness;
#[cfg(test)]
mod world;
