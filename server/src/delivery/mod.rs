//! Stage 3 at the desk: what goes out to the players, and how it gets there.
//!
//! In reading order: [`media`] makes clips of uploads; [`blobs`] serves content part by part; [`roster`] says which
//! release a player should have, `known` what follows from what it has, [`register`] what the desk knows of all;
//! [`stops`] what officers stopped;
//! [`dispatch`] speaks with the players, [`greet`] asks them who they are; [`broker`] is the MQTT broker that the desk brings along;
//! [`certify`] says who gets a certificate for it, [`visitors`] who waits to be enrolled.

#[cfg(test)]
pub(crate) mod bench;
pub mod blobs;
pub mod broker;
pub mod certify;
pub mod dispatch;
pub mod greet;
mod known;
pub mod media;
pub mod register;
pub mod roster;
pub mod stops;
pub mod visitors;
mod waits;
