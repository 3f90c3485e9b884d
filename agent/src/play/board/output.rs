//! What takes the faces of a board: lamps, a picture file, a terminal.
//!
//! It decides nothing. The outputs are `picture.rs` and `terminal.rs`; a driver of real lamps is one more of them.

use std::io;

use loa_host::clock::Reading;

use super::face::Face;
use crate::play::sequence::Voice;

/// A face that is due now.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The lamps.
    pub face: &'a Face,
    /// The slide it is of; none for the quiet face.
    pub voice: Option<Voice>,
    /// When.
    pub now: Reading,
    /// One of the many faces of a ticker on its way: an output that is slow may leave some out.
    pub is_running: bool,
}

/// Takes faces.
pub trait Output: Send {
    /// Shows the face until the next one.
    ///
    /// # Errors
    /// When it cannot be seen. The board asks again at least once a second, and does not count the time as shown.
    fn put(&mut self, frame: &Frame<'_>) -> io::Result<()>;
}
