//! The desk: turns timetables into signed orders, brings them to the players, and keeps what they prove.
//!
//! Read in this order, the stages of a broadcast as in `domain`: [`timetable`] → [`plan`] → [`delivery`] → [`proof`] →
//! [`audit`].
//! [`officer`] is the key of a person who approves, on that person's own machine; [`trust`] the root document that says
//! which keys count. [`store`] is the SQL behind them, [`serve`] the running desk, [`cli`] what people type.

pub mod audit;
pub mod authority;
pub mod claims;
pub mod cli;
pub mod config;
pub mod delivery;
pub mod expected;
mod http;
pub mod officer;
pub mod outside;
pub mod plan;
pub mod play;
pub mod proof;
pub mod serve;
pub mod store;
mod text;
pub mod timetable;
pub mod transport;
pub mod trust;
