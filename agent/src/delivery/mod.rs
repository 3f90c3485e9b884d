//! Stage 3 on the player: what arrives, whole or not at all.
//!
//! `shelf.rs` keeps content as files; `fetch.rs` brings one blob onto it; `courier.rs` speaks with the desk;
//! `listening.rs` says which shared transfer it hears; `ledger.rs`, which records the desk's log lets go.
//! `pass.rs` is the certificate with which it comes in, `visit.rs` how it comes by one.

pub mod courier;
pub mod fetch;
pub mod ledger;
pub mod listening;
pub mod pass;
pub mod shelf;
pub mod visit;
