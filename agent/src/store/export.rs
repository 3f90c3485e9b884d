//! The last resort: the records a player needs to go on playing, in a file of its own that shares no
//! code with the engine whose failure it is for.
//!
//! Decides: the text of that file. Hexadecimal, so that someone at a desk can read it with any tool.
//! Does not decide: which records go in (the caller of `Store::export`) or when it is read
//! (`keeper.rs`).
//! Next file: `keeper.rs`.
//!
//! The file: a line that names it, one line `key value` for each record (a lone `-` for an empty value),
//! and `end <records> <CRC-32 of all lines before>`.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use loa_host::durable;

use super::checksum::crc32;
use super::engine::View;

const NAME: &str = "loa last resort 1\n";

/// Where the export of a store in `dir` lies.
pub fn path(dir: &Path) -> PathBuf {
    dir.join("last-resort")
}

/// Writes the records whose keys begin with one of the prefixes.
///
/// # Errors
/// As the disk answers; an earlier export is then untouched.
pub fn write(dir: &Path, view: &View, prefixes: &[Vec<u8>]) -> io::Result<()> {
    let wanted = |key: &[u8]| prefixes.iter().any(|prefix| key.starts_with(prefix));
    let mut text = NAME.to_owned();
    let mut records = 0;
    for (key, value) in view.iter().filter(|(key, _)| wanted(key)) {
        hex(&mut text, key);
        text.push(' ');
        hex(&mut text, value);
        text.push('\n');
        records += 1;
    }
    let crc = crc32(text.as_bytes());
    text.push_str(&format!("end {records} {crc:08x}\n"));
    durable::write(&path(dir), text.as_bytes())
}

/// Reads the export back. No export is an empty one.
///
/// # Errors
/// In one sentence, why it cannot be used.
pub fn read(dir: &Path) -> Result<View, String> {
    let text = match fs::read_to_string(path(dir)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(View::new()),
        read => read.map_err(|error| format!("the export cannot be read: {error}"))?,
    };
    parse(&text).ok_or_else(|| "the export is damaged".to_owned())
}

fn parse(text: &str) -> Option<View> {
    let end_at = text.trim_end_matches('\n').rfind('\n')? + 1;
    let (lines, end) = text.split_at(end_at);
    let mut end = end.trim_end_matches('\n').split(' ');
    if end.next()? != "end" {
        return None;
    }
    let records: usize = end.next()?.parse().ok()?;
    if u32::from_str_radix(end.next()?, 16).ok()? != crc32(lines.as_bytes()) {
        return None;
    }
    let mut view = View::new();
    for line in lines.strip_prefix(NAME)?.lines() {
        let (key, value) = line.split_once(' ')?;
        view.insert(unhex(key)?, unhex(value)?);
    }
    (view.len() == records).then_some(view)
}

fn hex(text: &mut String, bytes: &[u8]) {
    if bytes.is_empty() {
        text.push('-');
    }
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text == "-" {
        return Some(Vec::new());
    }
    if !text.is_ascii() || text.len() % 2 == 1 {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> View {
        let record = |key: &str, value: &[u8]| (key.as_bytes().to_vec(), value.to_vec());
        View::from([
            record("plan/1", &[0, 255, 10]),
            record("plan/2", b""),
            record("release", b"7"),
            record("secret", b"not asked for"),
        ])
    }

    #[test]
    fn an_export_comes_back_with_the_records_asked_for_and_no_others() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &view(), &[b"plan/".to_vec(), b"release".to_vec()]).unwrap();
        let mut expected = view();
        expected.remove(b"secret".as_slice());
        assert_eq!(read(dir.path()).unwrap(), expected);
    }

    #[test]
    fn no_export_is_an_empty_one() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(dir.path()).unwrap(), View::new());
        write(dir.path(), &view(), &[]).unwrap();
        assert_eq!(read(dir.path()).unwrap(), View::new());
    }

    #[test]
    fn an_export_that_lost_or_changed_any_byte_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &view(), &[b"".to_vec()]).unwrap();
        let whole = fs::read(path(dir.path())).unwrap();
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            fs::write(path(dir.path()), &changed).unwrap();
            // The one byte that may differ is the letter case of the checksum's own digits.
            assert!(read(dir.path()).is_err(), "byte {at} changed");
            if at < whole.len() - 1 {
                fs::write(path(dir.path()), &whole[..at]).unwrap();
                assert!(read(dir.path()).is_err(), "cut to {at} bytes");
            }
        }
    }
}
