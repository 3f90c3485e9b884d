//! The edit list of an M4A file: how many samples at its start are the encoder's warm-up, and how long the
//! recording really is.
//!
//! The decoder library skips edit lists, so an M4A would begin 1024 samples (21 ms at 48 kHz) or more late,
//! with rubbish at its end. Boxes as in ISO/IEC 14496-12: §8.6.6 `elst`, §8.4.2 `mdhd`, §8.2.2 `mvhd`.
//! Only the plain case is read, one run of media after optional empty edits; anything else is left alone.
//! What is cut with it is decided in `decode.rs`.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// What to keep of a track, in the track's own samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edit {
    /// Samples to drop from the start.
    pub skip_frames: u64,
    /// Samples to keep after that; only as exact as the film's clock (often whole milliseconds).
    pub keep_frames: u64,
    /// One tick of that clock, in samples: how far `keep_frames` may be off.
    pub tick_frames: u64,
}

/// A movie header bigger than this is no sound clip's.
const MAX_MOOV_BYTES: u64 = 64 << 20;

/// Reads the edit of the first sound track, `None` if there is none or it is not a plain one.
/// Leaves the read position at the start.
pub fn first_sound_edit(file: &mut File) -> io::Result<Option<Edit>> {
    let moov = read_moov(file)?;
    file.rewind()?;
    Ok(moov.as_deref().and_then(edit_in_moov))
}

/// Whether a box at the top level reaches beyond the end of the file: it was cut off.
/// Leaves the read position at the start.
pub fn ends_early(file: &mut File) -> io::Result<bool> {
    let end = file.seek(SeekFrom::End(0))?;
    let mut at = 0;
    while at < end {
        let Some(outer) = outer_box(file, at, end)? else {
            break;
        };
        at = at.saturating_add(outer.size);
    }
    file.rewind()?;
    Ok(at > end)
}

fn read_moov(file: &mut File) -> io::Result<Option<Vec<u8>>> {
    let end = file.seek(SeekFrom::End(0))?;
    let mut at = 0u64;
    while let Some(outer) = outer_box(file, at, end)? {
        let Some(next) = at.checked_add(outer.size).filter(|next| *next <= end) else {
            return Ok(None);
        };
        if &outer.kind == b"moov" {
            if outer.size > MAX_MOOV_BYTES {
                return Ok(None);
            }
            let mut body = vec![0; (outer.size - outer.header) as usize];
            file.read_exact(&mut body)?;
            return Ok(Some(body));
        }
        at = next;
    }
    Ok(None)
}

/// The head of a box at the top level of the file.
struct Outer {
    kind: [u8; 4],
    header: u64,
    size: u64,
}

/// Reads the head of the box at `at`, `None` when there is none, and leaves the read position behind it.
fn outer_box(file: &mut File, at: u64, end: u64) -> io::Result<Option<Outer>> {
    if at.saturating_add(8) > end {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(at))?;
    let mut head = [0; 8];
    file.read_exact(&mut head)?;
    let kind = [head[4], head[5], head[6], head[7]];
    let (header, size) = match number(&head[..4]) {
        0 => (8, end - at),
        1 if at.saturating_add(16) > end => return Ok(None),
        1 => {
            file.read_exact(&mut head)?;
            (16, number(&head))
        }
        size => (8, size),
    };
    Ok((size >= header).then_some(Outer { kind, header, size }))
}

fn edit_in_moov(moov: &[u8]) -> Option<Edit> {
    let movie_clock = clock_of(child(moov, b"mvhd")?)?;
    let track =
        children(moov).filter(|(kind, _)| kind == b"trak").map(|(_, body)| body).find(|track| is_sound(track))?;
    let track_clock = clock_of(child(child(track, b"mdia")?, b"mdhd")?)?;
    let (length, start) = plain_edit(child(child(track, b"edts")?, b"elst")?)?;
    Some(Edit {
        skip_frames: start,
        keep_frames: u64::try_from(u128::from(length) * u128::from(track_clock) / u128::from(movie_clock)).ok()?,
        tick_frames: track_clock.div_ceil(movie_clock),
    })
}

fn is_sound(track: &[u8]) -> bool {
    let handler = child(track, b"mdia").and_then(|media| child(media, b"hdlr"));
    handler.and_then(|body| body.get(8..12)) == Some(b"soun")
}

/// The ticks per second of an `mvhd` or `mdhd`; both have it at the same place.
fn clock_of(body: &[u8]) -> Option<u64> {
    let at = if *body.first()? == 1 { 20 } else { 12 };
    Some(number(body.get(at..at + 4)?)).filter(|clock| *clock > 0)
}

/// (length in the film's clock, start in the track's clock) of the only edit with media in it.
fn plain_edit(elst: &[u8]) -> Option<(u64, u64)> {
    let wide = *elst.first()? == 1;
    let count = number(elst.get(4..8)?) as usize;
    let (row_bytes, half) = if wide { (20, 8) } else { (12, 4) };
    let mut found = None;
    for row in elst.get(8..)?.chunks_exact(row_bytes).take(count) {
        let (length, start) = (number(&row[..half]), number(&row[half..2 * half]));
        let empty = if wide { u64::MAX } else { u64::from(u32::MAX) };
        if start == empty {
            continue;
        }
        if found.replace((length, start)).is_some() {
            return None;
        }
    }
    found.filter(|(length, _)| *length > 0)
}

fn child<'a>(body: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    children(body).find(|(found, _)| found == kind).map(|(_, body)| body)
}

fn children(mut body: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let size = number(body.get(..4)?) as usize;
        let kind = body.get(4..8)?.try_into().ok()?;
        let inner = body.get(8..size)?;
        body = &body[size..];
        Some((kind, inner))
    })
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let mut bytes = (body.len() as u32 + 8).to_be_bytes().to_vec();
        bytes.extend(kind);
        bytes.extend(body);
        bytes
    }

    fn header(clock: u32) -> Vec<u8> {
        let mut body = vec![0; 12];
        body.extend(clock.to_be_bytes());
        body.extend([0; 4]);
        body
    }

    fn film(rows: &[(u32, i32)]) -> Vec<u8> {
        let mut elst = vec![0, 0, 0, 0];
        elst.extend((rows.len() as u32).to_be_bytes());
        for (length, start) in rows {
            elst.extend(length.to_be_bytes());
            elst.extend(start.to_be_bytes());
            elst.extend([0, 1, 0, 0]);
        }
        let handler = boxed(b"hdlr", b"\0\0\0\0\0\0\0\0soun");
        let media = boxed(b"mdia", &[boxed(b"mdhd", &header(44_100)), handler].concat());
        let track = boxed(b"trak", &[boxed(b"edts", &boxed(b"elst", &elst)), media].concat());
        [boxed(b"mvhd", &header(1000)), track].concat()
    }

    #[test]
    fn the_warm_up_and_the_true_length_are_read_from_a_plain_edit() {
        let edit = edit_in_moov(&film(&[(600, 1024)])).unwrap();
        assert_eq!(edit, Edit { skip_frames: 1024, keep_frames: 26_460, tick_frames: 45 });
    }

    #[test]
    fn an_empty_edit_before_the_media_is_passed_over() {
        assert_eq!(edit_in_moov(&film(&[(40, -1), (600, 2112)])).unwrap().skip_frames, 2112);
    }

    #[test]
    fn a_track_cut_into_pieces_is_left_alone() {
        assert_eq!(edit_in_moov(&film(&[(600, 1024), (600, 90_000)])), None);
    }

    proptest! {
        #[test]
        fn no_bytes_can_upset_the_reader(cut in 0usize..200, noise in proptest::collection::vec((0usize..200, any::<u8>()), 0..8)) {
            let mut bytes = film(&[(600, 1024)]);
            for (at, value) in noise {
                let length = bytes.len();
                bytes[at % length] = value;
            }
            bytes.truncate(cut);
            let _ = edit_in_moov(&bytes);
        }
    }
}
