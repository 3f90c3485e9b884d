//! agent
pub mod store;
