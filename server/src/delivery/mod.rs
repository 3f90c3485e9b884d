//! Getting releases and their content to the players, and hearing from them.
//!
//! Next: `broker.rs`, the MQTT broker the desk brings along.

pub mod broker;
