//! What a file is by its first bytes, whatever its name says: the content decides.
//!
//! It also reads what the decoder library does not pass on or stumbles over: whether an MP3's length is
//! written in the file or merely guessed, how many channels a WAV has, and whether a second one hangs behind it.
//! Decoding itself is `decode.rs`.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// The containers this desk takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// RIFF/WAVE.
    Wav,
    /// Native FLAC.
    Flac,
    /// Ogg with any codec inside.
    Ogg,
    /// ISO base media: M4A, MP4, 3GP.
    Mp4,
    /// A stream of MPEG audio frames.
    Mp3,
    /// A stream of AAC frames.
    Adts,
}

impl Container {
    /// The name operators know.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wav => "WAV",
            Self::Flac => "FLAC",
            Self::Ogg => "Ogg",
            Self::Mp4 => "M4A",
            Self::Mp3 => "MP3",
            Self::Adts => "AAC",
        }
    }

    /// File-name endings that fit the content, in lower case.
    #[must_use]
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Wav => &["wav", "wave"],
            Self::Flac => &["flac"],
            Self::Ogg => &["ogg", "oga", "ogx"],
            Self::Mp4 => &["m4a", "mp4", "m4b", "3gp", "3gpp", "mov", "aac"],
            Self::Mp3 => &["mp3", "mp2", "mpga"],
            Self::Adts => &["aac", "adts"],
        }
    }
}

/// What the first bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sniffed {
    /// A container this desk takes.
    Known(Container),
    /// Sound in a format this desk does not take, by the name operators know.
    OtherSound(&'static str),
    /// Certainly no sound.
    NoSound(&'static str),
    /// Nothing familiar: let the decoder search (an MP3 may begin with rubbish).
    Unknown,
}

/// Heads of files that people pick by mistake, and of sound formats that are not taken.
const HEADS: &[(usize, &[u8], Sniffed)] = &[
    (0, b"fLaC", Sniffed::Known(Container::Flac)),
    (0, b"OggS", Sniffed::Known(Container::Ogg)),
    (4, b"ftyp", Sniffed::Known(Container::Mp4)),
    (0, b"#!AMR", Sniffed::OtherSound("AMR")),
    (0, b"MThd", Sniffed::OtherSound("MIDI")),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Sniffed::OtherSound("WMA")),
    (0, b"FORM", Sniffed::OtherSound("AIFF")),
    (0, b"caff", Sniffed::OtherSound("CAF")),
    (0, b"wvpk", Sniffed::OtherSound("WavPack")),
    (0, b"MAC ", Sniffed::OtherSound("Monkey's Audio")),
    (0, b"RF64", Sniffed::OtherSound("RF64")),
    (0, b"\x1a\x45\xdf\xa3", Sniffed::OtherSound("WebM/Matroska")),
    (0, b"%PDF", Sniffed::NoSound("a PDF document")),
    (0, b"PK\x03\x04", Sniffed::NoSound("a ZIP archive or an Office document")),
    (0, b"\x89PNG", Sniffed::NoSound("a PNG picture")),
    (0, b"\xff\xd8\xff", Sniffed::NoSound("a JPEG picture")),
    (0, b"GIF8", Sniffed::NoSound("a GIF picture")),
    (0, b"\xd0\xcf\x11\xe0", Sniffed::NoSound("an Office document")),
    (0, b"\x7fELF", Sniffed::NoSound("a program")),
    (0, b"MZ", Sniffed::NoSound("a program")),
    (0, b"<", Sniffed::NoSound("a web page")),
];

/// As much of a frame as holds its Xing or VBRI header: 4 + 32 side information + 4, with room to spare.
const HEAD_BYTES: usize = 256;

/// Reads the head of `file`, behind any ID3 tag, and leaves the read position at the start.
pub fn sniff(file: &mut File) -> io::Result<Sniffed> {
    let head = head_behind_id3(file)?;
    if head.get(..4) == Some(b"RIFF") {
        return Ok(match head.get(8..12) {
            Some(b"WAVE") => Sniffed::Known(Container::Wav),
            Some(b"AVI ") => Sniffed::OtherSound("AVI"),
            _ => Sniffed::Unknown,
        });
    }
    for (at, magic, what) in HEADS {
        if head.get(*at..at + magic.len()) == Some(magic) {
            return Ok(*what);
        }
    }
    // Both begin with a run of ones; in ADTS the two layer bits are zero, in MPEG audio they never are.
    Ok(match head.get(..2) {
        Some([0xff, second]) if second & 0xf6 == 0xf0 => Sniffed::Known(Container::Adts),
        Some([0xff, second]) if second & 0xe0 == 0xe0 && second & 0x06 != 0 => Sniffed::Known(Container::Mp3),
        _ => Sniffed::Unknown,
    })
}

/// Whether the first MPEG frame carries a Xing, Info or VBRI header. Without one the decoder library
/// guesses the length from the bit rate of a few frames, and would cut a file short at its guess.
pub fn mp3_declares_length(file: &mut File) -> io::Result<bool> {
    let head = head_behind_id3(file)?;
    Ok([&b"Xing"[..], b"Info", b"VBRI"].iter().any(|tag| head.windows(4).any(|bytes| bytes == *tag)))
}

/// Whether a second RIFF begins exactly where the first one ends: two WAV files copied together.
pub fn wav_has_a_second(file: &mut File) -> io::Result<bool> {
    let mut head = [0; 8];
    file.rewind()?;
    let read = read_some(file, &mut head)?;
    if read < head.len() {
        return Ok(false);
    }
    let length = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
    file.seek(SeekFrom::Start(8 + length + length % 2))?;
    let mut next = [0; 4];
    let read = read_some(file, &mut next)?;
    file.rewind()?;
    Ok(read == 4 && &next == b"RIFF")
}

/// How many channels a WAV declares, 0 when that cannot be found.
pub fn wav_channels(file: &mut File) -> io::Result<usize> {
    let mut at = 12;
    let mut found = 0;
    // `fmt ` is the first chunk or follows a few others; the sound itself never comes before it.
    for _ in 0..32 {
        let mut head = [0; 12];
        file.seek(SeekFrom::Start(at))?;
        if read_some(file, &mut head)? < head.len() {
            break;
        }
        if &head[..4] == b"fmt " {
            found = usize::from(u16::from_le_bytes([head[10], head[11]]));
            break;
        }
        let length = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
        at += 8 + length + length % 2;
    }
    file.rewind()?;
    Ok(found)
}

fn head_behind_id3(file: &mut File) -> io::Result<Vec<u8>> {
    let mut at = 0;
    // Some tools put a second tag in front of the first; more than four is no sound file.
    for _ in 0..4 {
        let mut head = vec![0; HEAD_BYTES];
        file.seek(SeekFrom::Start(at))?;
        let read = read_some(file, &mut head)?;
        head.truncate(read);
        match id3_length(&head) {
            Some(length) => at += length,
            None => {
                file.rewind()?;
                return Ok(head);
            }
        }
    }
    file.rewind()?;
    Ok(Vec::new())
}

/// ID3v2 §3.1: ten bytes of header, the length in four bytes of seven bits, ten more if a footer follows.
fn id3_length(head: &[u8]) -> Option<u64> {
    let [b'I', b'D', b'3', _, _, flags, a, b, c, d, ..] = head else {
        return None;
    };
    let body = [a, b, c, d].iter().fold(0u64, |sum, byte| sum << 7 | u64::from(**byte & 0x7f));
    Some(10 + body + if flags & 0x10 != 0 { 10 } else { 0 })
}

fn read_some(file: &mut File, into: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < into.len() {
        match file.read(&mut into[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn sniff_bytes(bytes: &[u8]) -> Sniffed {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        sniff(&mut file).unwrap()
    }

    #[test]
    fn the_content_decides_what_a_file_is() {
        assert_eq!(sniff_bytes(b"RIFF\x24\0\0\0WAVEfmt "), Sniffed::Known(Container::Wav));
        assert_eq!(sniff_bytes(b"\0\0\0\x20ftypM4A "), Sniffed::Known(Container::Mp4));
        assert_eq!(sniff_bytes(b"\xff\xf1\x50\x80"), Sniffed::Known(Container::Adts));
        assert_eq!(sniff_bytes(b"\xff\xfb\x90\x64"), Sniffed::Known(Container::Mp3));
        assert_eq!(sniff_bytes(b"\xff\xe3\x18\xc4"), Sniffed::Known(Container::Mp3));
        assert_eq!(sniff_bytes(b"%PDF-1.7"), Sniffed::NoSound("a PDF document"));
        assert_eq!(sniff_bytes(b"\xff"), Sniffed::Unknown);
        assert_eq!(sniff_bytes(b""), Sniffed::Unknown);
    }

    #[test]
    fn a_tag_in_front_does_not_hide_the_sound_behind_it() {
        let mut bytes = b"ID3\x04\0\0\0\0\x02\x00".to_vec();
        bytes.extend([0; 256]);
        bytes.extend(b"fLaC");
        assert_eq!(sniff_bytes(&bytes), Sniffed::Known(Container::Flac));
    }

    #[test]
    fn a_tag_that_points_beyond_the_end_is_no_sound() {
        assert_eq!(sniff_bytes(b"ID3\x04\0\0\x7f\x7f\x7f\x7f"), Sniffed::Unknown);
    }
}
