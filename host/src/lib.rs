//! host
pub mod link;
