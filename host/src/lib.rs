//! host
pub mod durable;
