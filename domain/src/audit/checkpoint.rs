//! A tree's head as text: C2SP tlog-checkpoint, three lines of a signed note.
//!
//! Whether the note is signed by whom it should be is decided in `note.rs` and `policy.rs`. Next: `tiles.rs`.

use core::fmt;

use crate::audit::merkle::Head;
use crate::audit::note::{self, Base64};
use crate::wire::Writer;

/// What a log says of itself: its name, its size, its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint<'n> {
    /// The log's name.
    pub origin: &'n str,
    /// Its tree.
    pub head: Head,
}

/// A text that is no checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoCheckpoint {
    /// The line at fault, from 1.
    pub line: usize,
    /// What should stand there.
    pub expected: &'static str,
}

impl fmt::Display for NoCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} should be {}", self.line, self.expected)
    }
}

impl core::error::Error for NoCheckpoint {}

impl<'n> Checkpoint<'n> {
    /// Reads the text of a note. Further lines are taken and mean nothing.
    pub fn read(text: &'n str) -> Result<Self, NoCheckpoint> {
        let wrong = |line, expected| NoCheckpoint { line, expected };
        let body = text.strip_suffix('\n').ok_or(wrong(1, "a text that ends with a newline"))?;
        let mut lines = body.split('\n');
        let origin = lines.next().filter(|line| !line.is_empty()).ok_or(wrong(1, "the name of the log"))?;
        let size = lines.next().and_then(number).ok_or(wrong(2, "the size of the tree in decimal"))?;
        let root = lines.next().and_then(note::hash_of_base64).ok_or(wrong(3, "the root hash in base64"))?;
        match lines.position(str::is_empty) {
            Some(at) => Err(wrong(at + 4, "a line that is not empty")),
            None => Ok(Self { origin, head: Head { size, root } }),
        }
    }

    /// Writes the text, as it is displayed.
    pub fn write(&self, to: &mut Writer<'_>) {
        to.put(self.origin.as_bytes());
        to.put(b"\n");
        note::write_decimal(self.head.size, to);
        to.put(b"\n");
        note::write_hash(&self.head.root, to);
        to.put(b"\n");
    }
}

impl fmt::Display for Checkpoint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.head.size, Base64(&self.head.root))
    }
}

/// A decimal number without sign or leading zeros: one number, one text.
#[must_use]
pub fn number(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    text.parse().ok().filter(|_| canonical && text.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    use std::string::ToString;

    use super::*;

    /// The example of C2SP tlog-checkpoint.
    const EXAMPLE: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    #[test]
    fn a_checkpoint_is_read_and_written_alike() {
        let checkpoint = Checkpoint::read(EXAMPLE).expect("the example");
        assert_eq!((checkpoint.origin, checkpoint.head.size), ("example.com/behind-the-sofa", 20_852_163));
        assert_eq!(checkpoint.to_string(), EXAMPLE);
        for size in [0, 9, 10, 100, u64::MAX] {
            let checkpoint = Checkpoint { head: Head { size, ..checkpoint.head }, ..checkpoint };
            let mut room = [0; 128];
            let mut to = Writer::new(&mut room);
            checkpoint.write(&mut to);
            let length = to.end().expect("fits");
            assert_eq!(std::str::from_utf8(&room[..length]), Ok(checkpoint.to_string().as_str()));
        }
    }

    #[test]
    fn what_is_no_checkpoint_is_told_by_its_line() {
        let line = |text: &str| Checkpoint::read(text).map_err(|wrong| wrong.line).err();
        assert_eq!(line(EXAMPLE.trim_end()), Some(1));
        assert_eq!(line(&EXAMPLE.replace("208", "+208")), Some(2));
        assert_eq!(line(&EXAMPLE.replace("208", "0208")), Some(2));
        assert_eq!(line(&EXAMPLE.replace("CsUY", "CsU")), Some(3));
        assert_eq!(line(&std::format!("{EXAMPLE}more\n\n")), Some(5));
        assert_eq!(line(&EXAMPLE[28..]), Some(2));
        assert_eq!(line("\n"), Some(1));
        assert_eq!(line(&std::format!("{EXAMPLE}more\n")), None);
    }
}
