//! The unattended Linux player: plays its timetable with or without a network, and puts on record what it played.
//!
//! Read in this order: [`trust`] (keys), [`timetable`] (the release in force), [`piece`] (what a stage plays of an order), [`delivery`] (what arrives), [`play`] (sound and light),
//! [`proof`] (the chain of records), [`run`] (the loop that joins them). [`store`] is the only keeper of records on
//! disk. The rules themselves are in `domain`.

pub mod config;
pub mod delivery;
pub mod event;
pub mod piece;
pub mod play;
pub mod proof;
pub mod run;
pub mod store;
pub mod timetable;
pub mod trust;
