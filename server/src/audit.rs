//! Stage 6 at the desk: what the proofs add up to, and what officials are given of it.
//!
//! [`account`] holds what was due against what was heard; [`report`] brings an account to paper, workbook and text.

pub mod account;
pub mod report;
#[cfg(test)]
mod world;
