//! Checks an exported log of Loa from files and public keys alone. No network, no store, no clock, and no code of the
//! writer's but the rules in `loa_domain`.
//!
//! [`verify`] checks a whole log of ours, [`verify_log`] any tlog-tiles log, [`check_proof`] one leaf. What can be wrong
//! is [`Finding`], each of a [`Class`] with its own exit code; what is missing is a finding and never passed over.
//!
//! Read in this order: `finding` and `report` (what comes out), `files`, `leaf`, `load` (one tile, on any core), `tree`,
//! `views` (what others saw), `desk`, `players`, `chain`, `times`, `clocks`, `held`, `again` (what needs an order),
//! `walk`, `head`, `export` (all of it), then `foreign` and `proof`. The format is described in `docs/log.md`.

mod again;
mod chain;
mod clocks;
mod desk;
mod export;
mod files;
mod finding;
mod foreign;
mod head;
mod held;
mod leaf;
mod load;
mod players;
mod proof;
mod report;
mod times;
mod tree;
mod views;
mod walk;
mod workers;

pub use clocks::ALLOWED_MS;
pub use export::{Export, Given, read_root, verify};
pub use finding::{Added, At, Bound, Class, Finding, Follows, Lack, Place, SealFault, Unfit, View, Witness, Wrong};
pub use foreign::{verify_log, verify_log_under};
pub use proof::{Proven, Unproven, check_proof};
pub use report::{LISTED, Report, Summary, Told};
pub use walk::Progress;
