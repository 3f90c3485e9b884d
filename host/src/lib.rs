//! What every Linux program of Loa shares: one file each for the clock, the disk, the network and the words people read.
//!
//! It decides no rule of Loa: those are in `domain`. [`clock`] is the only reader of the time, [`durable`] the only
//! writer of files that must survive a power cut, [`link`] the only road to the broker.

pub mod clock;
pub mod durable;
pub mod keyfile;
pub mod link;
pub mod log;
pub mod text;
