//! Turns an audio file into mono frames at 48 kHz, and the only file that names `symphonia`.
//!
//! It decides what is done about damage: a packet that does not decode is skipped, and where the next
//! one's timestamp shows that frames are missing, silence takes their place, so that the rest comes on
//! time. Whether a damaged file should be played at all is decided by whoever asked for it, from
//! [`Damage`]. It runs as fast as it is asked to; the thread that runs it is in [`super::ahead`].

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, SeekMode, SeekTo, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, ReadOnlySource};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::units::{TimeBase, Timestamp};

use super::RATE;
use super::drift::ToRate;

/// Packets in a row that may fail before the rest of the file is given up: over 10 s of FLAC or Vorbis.
const BAD_PACKETS_MAX: u32 = 500;
/// A longer hole than this is a lying timestamp, not damage.
const HOLE_MAX_S: u64 = 30;
/// Silence put into one file, in all: a broken file must not occupy the air for hours.
const SILENCE_MAX_S: u64 = 600;
/// Holes shorter than this (1.3 ms at 48 kHz) are rounding between a container's clock and the rate.
const HOLE_FRAMES_MIN: u64 = 64;
/// Decoded ahead of a seek's target and thrown away, since a lossy packet needs its predecessor.
const PREROLL_MS: u64 = 250;

/// Why a file gives no sound. The player acts differently on each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// There is no such file: fetch it again.
    #[error("the file is not there")]
    Missing,
    /// The storage does not give it up: another try or another copy may.
    #[error("the file cannot be read: {0:?}")]
    Unreadable(ErrorKind),
    /// It is audio, but damaged beyond use: fetch it again.
    #[error("the file is damaged: {0}")]
    Corrupt(&'static str),
    /// It is no audio this player knows: fetching it again will not help.
    #[error("the file is of an unsupported kind: {0}")]
    Unsupported(&'static str),
}

/// What was wrong with a file that was decoded nevertheless.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    /// Packets that would not decode.
    pub bad_packets: u32,
    /// Frames (at the file's rate) replaced by silence.
    pub silent_frames: u64,
    /// The file ends before its end.
    pub truncated: bool,
}

/// An open file, decoded block by block.
pub struct Decoder {
    format: Box<dyn FormatReader>,
    codec: Box<dyn AudioDecoder>,
    track: u32,
    time_base: Option<TimeBase>,
    rate: u32,
    to_rate: Option<ToRate>,
    interleaved: Vec<f32>,
    mono: Vec<f32>,
    /// Frame of the file the next decoded one is expected to be; `None` right after a seek.
    expected: Option<u64>,
    /// Frames before this one are decoded but not given out.
    wanted_from: u64,
    /// How far the file's timestamps lie.
    lie: u64,
    bad_in_a_row: u32,
    gave: bool,
    over: bool,
    damage: Damage,
}

impl Decoder {
    /// Opens a file and stands on the frame at `seek_ms`; beyond its end there is no frame to give.
    pub fn open(path: &Path, seek_ms: u64) -> Result<Decoder, DecodeError> {
        // A tail page of an Ogg file that was damaged makes the probe, which looks for tags there,
        // refuse the whole file; read front to back it plays up to the damage.
        let mut decoder = match Decoder::begin(path, true) {
            Err(DecodeError::Corrupt(_)) => Decoder::begin(path, false)?,
            other => other?,
        };
        if seek_ms > 0 && !decoder.seek(seek_ms) {
            decoder = Decoder::begin(path, false)?;
            decoder.wanted_from = decoder.frame_at(seek_ms);
        }
        Ok(decoder)
    }

    fn begin(path: &Path, seekable: bool) -> Result<Decoder, DecodeError> {
        let file = File::open(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => DecodeError::Missing,
            kind => DecodeError::Unreadable(kind),
        })?;
        if !file.metadata().is_ok_and(|meta| meta.is_file()) {
            return Err(DecodeError::Missing);
        }
        Decoder::read(if seekable { Box::new(file) } else { Box::new(ReadOnlySource::new(file)) })
    }

    /// Reads from wherever the bytes are.
    pub(super) fn read(source: Box<dyn MediaSource>) -> Result<Decoder, DecodeError> {
        let stream = MediaSourceStream::new(source, Default::default());
        let format = symphonia::default::get_probe()
            .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
            .map_err(refusal)?;
        let track = format
            .first_track_known_codec(TrackType::Audio)
            .ok_or(DecodeError::Unsupported("no audio track of a known codec"))?;
        let params = track
            .codec_params
            .as_ref()
            .and_then(|params| params.audio())
            .ok_or(DecodeError::Unsupported("no audio parameters"))?;
        let rate = params.sample_rate.ok_or(DecodeError::Unsupported("no sample rate"))?;
        let to_rate = match rate {
            RATE => None,
            rate => Some(ToRate::new(rate).map_err(|_| DecodeError::Unsupported("an odd sample rate"))?),
        };
        let codec = symphonia::default::get_codecs()
            .make_audio_decoder(params, &AudioDecoderOptions::default())
            .map_err(refusal)?;
        Ok(Decoder {
            track: track.id,
            time_base: track.time_base,
            format,
            codec,
            rate,
            to_rate,
            interleaved: Vec::new(),
            mono: Vec::new(),
            expected: Some(0),
            wanted_from: 0,
            lie: 0,
            bad_in_a_row: 0,
            gave: false,
            over: false,
            damage: Damage::default(),
        })
    }

    /// Length by the container's own account, in milliseconds, where it gives one.
    pub fn length_ms(&self) -> Option<u64> {
        let track = self.format.tracks().iter().find(|track| track.id == self.track)?;
        Some(track.num_frames?.saturating_mul(1_000) / u64::from(self.rate))
    }

    /// What was found wrong so far.
    pub fn damage(&self) -> Damage {
        self.damage
    }

    /// Appends the next block (mono, 48 kHz, usually under 100 ms) to `out`; `false` when there is none.
    pub fn next(&mut self, out: &mut Vec<f32>) -> Result<bool, DecodeError> {
        let before = out.len();
        while !self.over {
            self.mono.clear();
            let more = self.next_packet()?;
            self.give(out);
            if !more {
                self.over = true;
                if let Some(to_rate) = &mut self.to_rate {
                    to_rate.finish(out);
                }
                if !self.gave && self.expected.is_none_or(|at| at == 0) {
                    return Err(DecodeError::Corrupt("not one frame could be decoded"));
                }
            }
            if out.len() > before {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Decodes one packet into `self.mono`, silence for missing frames first; `false` at the end.
    fn next_packet(&mut self) -> Result<bool, DecodeError> {
        let packet = match self.format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => return Ok(false),
            Err(Error::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => {
                self.damage.truncated = true;
                return Ok(false);
            }
            Err(Error::IoError(error)) => return Err(DecodeError::Unreadable(error.kind())),
            // Another stream chained on: what was named is over.
            Err(Error::ResetRequired) => return Ok(false),
            Err(_) => return self.bad_packet(),
        };
        if packet.track_id != self.track {
            return Ok(true);
        }
        let at = self.frame_of(packet.pts);
        // Any error skips the packet: a damaged AAC frame, say, calls itself "unsupported".
        let Ok(decoded) = self.codec.decode(&packet) else {
            return self.bad_packet();
        };
        let channels = decoded.spec().channels().count();
        if decoded.spec().rate() != self.rate || channels == 0 {
            return self.bad_packet();
        }
        self.bad_in_a_row = 0;
        decoded.copy_to_vec_interleaved::<f32>(&mut self.interleaved);
        if !self.interleaved.is_empty() {
            self.fill_hole(at);
            mix_down(&self.interleaved, channels, &mut self.mono);
        }
        Ok(true)
    }

    fn bad_packet(&mut self) -> Result<bool, DecodeError> {
        self.damage.bad_packets += 1;
        self.bad_in_a_row += 1;
        if self.bad_in_a_row > BAD_PACKETS_MAX {
            return Err(DecodeError::Corrupt("too many packets in a row do not decode"));
        }
        Ok(true)
    }

    /// A packet of frames from `at` on has been decoded: puts silence where frames are missing.
    fn fill_hole(&mut self, at: u64) {
        let at = at.saturating_sub(self.lie);
        let expected = *self.expected.get_or_insert(at);
        let hole = at.saturating_sub(expected);
        if hole < HOLE_FRAMES_MIN {
            return;
        }
        let rate = u64::from(self.rate);
        if hole > HOLE_MAX_S * rate || self.damage.silent_frames + hole > SILENCE_MAX_S * rate {
            self.lie += hole;
            return;
        }
        self.damage.silent_frames += hole;
        self.mono.resize(self.mono.len() + hole as usize, 0.0);
    }

    /// Hands `self.mono` on, less what lies before the frame that was sought.
    fn give(&mut self, out: &mut Vec<f32>) {
        if self.mono.is_empty() {
            return;
        }
        let from = self.expected.unwrap_or(0);
        self.expected = Some(from + self.mono.len() as u64);
        let skip = self.wanted_from.saturating_sub(from).min(self.mono.len() as u64) as usize;
        let frames = &self.mono[skip..];
        self.gave |= !frames.is_empty();
        match &mut self.to_rate {
            Some(to_rate) => to_rate.push(frames, out),
            None => out.extend_from_slice(frames),
        }
    }

    fn seek(&mut self, seek_ms: u64) -> bool {
        let target = self.frame_at(seek_ms);
        let Some(ticks) = self.ticks_at(seek_ms.saturating_sub(PREROLL_MS)) else {
            return false;
        };
        let to = SeekTo::Timestamp { ts: Timestamp::new(ticks), track_id: self.track };
        let Ok(there) = self.format.seek(SeekMode::Accurate, to) else {
            return false;
        };
        if self.frame_of(there.actual_ts) > target {
            return false;
        }
        self.codec.reset();
        self.expected = None;
        self.wanted_from = target;
        true
    }

    fn frame_at(&self, ms: u64) -> u64 {
        ms.saturating_mul(u64::from(self.rate)) / 1_000
    }

    fn ticks_at(&self, ms: u64) -> Option<i64> {
        let base = self.time_base?;
        let ticks = u128::from(ms) * u128::from(base.denom.get()) / u128::from(base.numer.get()) / 1_000;
        i64::try_from(ticks).ok()
    }

    fn frame_of(&self, time: Timestamp) -> u64 {
        let Some(base) = self.time_base else {
            return 0;
        };
        // Negative timestamps are an encoder's run-in, which the decoder cuts off.
        let ticks = time.get().max(0) as u128;
        let frames = ticks * u128::from(base.numer.get()) * u128::from(self.rate) / u128::from(base.denom.get());
        frames.min(u128::from(u64::MAX / 2)) as u64
    }
}

fn mix_down(interleaved: &[f32], channels: usize, mono: &mut Vec<f32>) {
    let share = 1.0 / channels as f32;
    mono.extend(interleaved.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() * share));
}

/// Why the library would not open it.
fn refusal(error: Error) -> DecodeError {
    match error {
        Error::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => {
            DecodeError::Corrupt("it ends within its headers")
        }
        Error::IoError(error) => DecodeError::Unreadable(error.kind()),
        Error::Unsupported(what) => DecodeError::Unsupported(what),
        Error::DecodeError(what) | Error::LimitError(what) => DecodeError::Corrupt(what),
        Error::SeekError(_) => DecodeError::Corrupt("its index points outside"),
        _ => DecodeError::Corrupt("its headers make no sense"),
    }
}

#[cfg(test)]
mod tests;
