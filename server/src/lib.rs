//! server
pub mod delivery;
