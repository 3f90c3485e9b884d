//! Accounts of people and programs at the desk: who they are, what they may ask of it, how they come in.
//!
//! An account lets somebody use the desk; it never makes a player speak, for that takes officers' signatures. In reading
//! order: [`role`] (who may do what, where), [`password`], [`work`] (how many are looked at in one moment), [`code`] (a second
//! factor), [`throttle`] (how often somebody may try), [`session`], [`token`], [`people`] (making and changing accounts),
//! [`provider`] (logging in elsewhere), [`login`], [`caller`] (who asks, and whether he may). Rows are `store/accounts.rs` and `store/sessions.rs`; HTTP is
//! `api/`. Every change is an entry of the log, and no entry holds a secret.

pub mod caller;
pub mod code;
pub mod login;
pub mod password;
pub mod people;
pub mod provider;
pub mod role;
pub mod session;
mod state;
#[cfg(test)]
pub(crate) mod tests;
pub mod throttle;
pub mod token;
pub mod work;

pub use caller::{Caller, Denied, Via};
pub use role::{Action, Grant, Places, Role};
pub use state::{AccountError, Accounts};
