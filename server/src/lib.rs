//! server

pub mod delivery;
