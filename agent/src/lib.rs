//! The unattended Linux player.

pub mod play;
