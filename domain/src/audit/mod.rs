//! Stage 6, audit: a log that nobody can quietly alter, and what it takes to check it.
//!
//! Bytes and formulas only, no files and no network: [`merkle`] is the tree (RFC 6962), [`note`] signed text (C2SP
//! signed-note, tlog-cosignature), [`checkpoint`] a tree's head (C2SP tlog-checkpoint), [`tiles`] where the tree lies in
//! files (C2SP tlog-tiles), [`entry`] what one leaf says, [`policy`] whose word counts (C2SP tlog-policy), [`evidence`] one
//! leaf's proof as a file (C2SP tlog-proof), [`receipt`] what lets a record go from its player. Players read no texts:
//! [`quorum`] is a policy and [`carry`] a checkpoint as they get them. What becomes of records is decided a stage earlier,
//! in `proof`.

#[cfg(feature = "alloc")]
pub mod carry;
pub mod checkpoint;
pub mod entry;

#[cfg(feature = "alloc")]
pub mod evidence;
pub mod merkle;
pub mod note;
#[cfg(feature = "alloc")]
pub mod policy;
pub mod quorum;
pub mod receipt;
pub mod tiles;
