//! What every Linux program of Loa shares.

pub mod clock;
