//! Stage 3, delivery: how content and releases reach a player whole, or not at all.
//!
//! `blob.rs` says how content is cut into chunks and how each chunk proves itself; `receiver.rs` fetches one blob
//! across any number of cuts; `intake.rs` takes in a release and says when it is complete, by what `signed.rs` says
//! of each order in it; `placing.rs` is the officers' word for where a player stands; `rest.rs` says how long one
//! that was refused rests; `greeting.rs` says when a player says hello; `sender.rs` is the desk's side. None of them
//! opens a socket or a file.

pub mod blob;
pub mod certificate;
mod fault;
pub mod greeting;
pub mod intake;
pub mod office;
pub mod placing;
pub mod receiver;
pub mod release;
pub mod rest;
#[cfg(feature = "alloc")]
pub mod sender;
pub mod signed;
