//! The desk: turns timetables into signed orders, brings them to the players, and keeps what they prove.
//!
//! Read in this order, the stages of a broadcast as in `domain`: [`timetable`] → [`plan`] → [`delivery`] → [`proof`] →
//! [`audit`].
//! [`emergency`] is what one officer may sign alone.
//! [`officer`] is the key of a person who approves, on that person's own machine; [`trust`] the root document that says
//! which keys count. [`accounts`] is who may use the desk, [`api`] its routes
//! over HTTP. [`store`] is the SQL behind them, [`serve`] the running desk, [`cli`] what people type.

pub mod accounts;
pub mod api;
pub mod audit;
pub mod authority;
pub mod claims;
pub mod cli;
pub mod config;
pub mod delivery;
pub mod emergency;
pub mod expected;
mod http;
pub mod officer;
pub mod outside;
pub mod plan;
pub mod play;
pub mod proof;
pub mod serve;
pub mod store;
mod stretch;
mod text;
pub mod timetable;
pub mod transport;
pub mod trust;
