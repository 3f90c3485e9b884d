//! Slides at the desk: from what a timetable says to the bytes that boards get, and to the faces that people check.
//!
//! In reading order: [`audience`] (which kinds of boards a slide is shown on), [`picture`] (a file becomes frames; the
//! reasons to refuse one are [`verdict`]), [`video`] (a file that is sent as it is), [`dither`] (frames in few colours), [`made`] (the bytes), [`check`] (what
//! cannot be read or seen on a board), [`face`] (what a board shows, as text and as a picture). Drawing itself is the
//! crate `board`: what the desk shows is what boards show, lamp by lamp.

pub mod audience;
pub mod check;
pub mod dither;
pub mod face;
pub mod made;
pub mod picture;
pub mod verdict;
pub mod video;

#[cfg(test)]
mod tests;
