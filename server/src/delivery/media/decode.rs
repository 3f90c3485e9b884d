//! A file to mono samples at its own rate, with every reason why that may not be trusted.
//!
//! The only file that names the decoding library. It cuts the encoder's warm-up and padding off, keeps the
//! time line where packets are lost, and refuses damage beyond [`MAX_LOST_MS`]. It does not resample, judge
//! loudness or length limits: next is the front page, `media.rs`. What kind of file it is was decided in
//! `sniff.rs`; the edit list of an M4A is read in `edits.rs`.

use std::fs::File;

use symphonia::core::audio::{Channels, Position};
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::profiles::{
    CODEC_PROFILE_AAC_HE, CODEC_PROFILE_AAC_HE_V2,
};
use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_AAC, CODEC_ID_AC3, CODEC_ID_ALAC, CODEC_ID_EAC3, CODEC_ID_MP1, CODEC_ID_MP2,
    CODEC_ID_OPUS, CODEC_ID_SPEEX,
};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, Track, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::Packet;

use super::edits;
use super::mixdown::Mixdown;
use super::sniff::{self, Container, Sniffed};
use super::verdict::Reason;

/// Most channels that are mixed: beyond 7.1 there is no common layout.
pub const MAX_CHANNELS: usize = 8;
/// Damage up to this long is filled with silence and reported; more is refused. A tenth of a second is a
/// drop-out one may overhear; more may be a word.
pub const MAX_LOST_MS: u64 = 100;
/// Sample rates taken, in hertz.
const RATES_HZ: std::ops::RangeInclusive<u32> = 4_000..=384_000;
/// A header may be this far off before the length counts as wrong; exporters round.
const TOLERANCE_MS: u64 = 10;
/// MP3 headers count whole frames, and tools differ on whether the header's own frame counts.
const MP3_TOLERANCE_FRAMES: u64 = 2 * 1152;
/// WAV written to a pipe has a length near 2 or 4 GiB in place of the unknown one.
const WAV_UNKNOWN_BYTES: u64 = 0x7fff_f000;

/// What is known before decoding.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The container, as operators name it.
    pub container: String,
    /// The kind of container, when the first bytes told it.
    pub kind: Option<Container>,
    /// The codec, as operators name it.
    pub codec: String,
    /// Frames per second of the source.
    pub rate_hz: u32,
    /// Channels of the source.
    pub channels: usize,
    /// The length that the header declares; `None` where there is none or it is only a guess.
    pub declared_frames: Option<u64>,
    /// Whether the file was written without knowing its length (a WAV from a pipe).
    pub open_ended: bool,
    /// A guess at the length from the bit rate, for a progress bar and nothing else.
    pub guessed_frames: Option<u64>,
}

/// A recording being decoded, block by block.
pub struct Recording {
    /// What its headers say.
    pub facts: Facts,
    reader: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    skip_frames: u64,
    keep_frames: Option<u64>,
    slack_frames: u64,
    /// Whether packets carry times that show a loss: Ogg and FLAC do, MP3 and AAC streams do not.
    timed: bool,
    expected_pts: Option<i64>,
    interleaved: Vec<f32>,
    /// Frames decoded so far, before anything is cut off.
    decoded_frames: u64,
    given_frames: u64,
    read_bytes: u64,
    lost_frames: u64,
    first_loss: Option<(u64, String)>,
    cut_off: bool,
    /// Whether the container promises more bytes than there are, so that any failure is for want of them.
    ends_early: bool,
    mixdown: Mixdown,
}

/// Opens a file that was found to be audio, up to its first packet.
///
/// # Errors
/// Any [`Reason`] that the headers alone give.
pub fn open(mut file: File) -> Result<Recording, Reason> {
    let unreadable = |error: std::io::Error| Reason::NotReadable {
        cause: error.to_string(),
    };
    let kind = match sniff::sniff(&mut file).map_err(unreadable)? {
        Sniffed::Known(kind) => Some(kind),
        Sniffed::NoSound(what) => {
            return Err(Reason::NotAudio {
                looks_like: Some(what),
            });
        }
        Sniffed::OtherSound(codec) => return Err(unsupported(codec, "the format is not taken")),
        Sniffed::Unknown => None,
    };
    if kind == Some(Container::Wav) {
        if sniff::wav_has_a_second(&mut file).map_err(unreadable)? {
            return Err(Reason::Joined { at_ms: 0 });
        }
        // Asked before the decoder is: with 32 or more, its arithmetic overflows (0.6.1).
        let channels = sniff::wav_channels(&mut file).map_err(unreadable)?;
        if channels > MAX_CHANNELS {
            return Err(Reason::TooManyChannels {
                channels,
                most: MAX_CHANNELS,
            });
        }
    }
    let edit = match kind {
        Some(Container::Mp4) => edits::first_sound_edit(&mut file).map_err(unreadable)?,
        _ => None,
    };
    let ends_early =
        kind == Some(Container::Mp4) && edits::ends_early(&mut file).map_err(unreadable)?;
    let guessed_length = kind == Some(Container::Adts)
        || kind.is_none_or(|kind| kind == Container::Mp3)
            && !sniff::mp3_declares_length(&mut file).map_err(unreadable)?;
    let stream = MediaSourceStream::new(Box::new(file), Default::default());
    let reader = symphonia::default::get_probe()
        .probe(
            &Hint::new(),
            stream,
            FormatOptions::default(),
            MetadataOptions::default(),
        )
        .map_err(|error| refused_at_probe(error, kind))?;
    let container = kind.map_or_else(
        || reader.format_info().short_name.to_owned(),
        |kind| kind.name().to_owned(),
    );
    let Some(track) = reader.default_track(TrackType::Audio).cloned() else {
        return Err(Reason::NoAudioTrack { container });
    };
    let Some(CodecParameters::Audio(params)) = &track.codec_params else {
        return Err(Reason::NoAudioTrack { container });
    };
    let own_cut = matches!(
        kind,
        None | Some(Container::Mp3 | Container::Adts | Container::Mp4)
    );
    let options = AudioDecoderOptions::default()
        .gapless(!own_cut)
        .verify(true);
    let decoder = symphonia::default::get_codecs()
        .make_audio_decoder(params, &options)
        .map_err(|error| unsupported(codec_name(params), &error.to_string()))?;
    let facts = facts(container, kind, params, &track, guessed_length)?;
    Ok(Recording::new(
        reader, decoder, &track, facts, edit, own_cut,
    ))
}

fn facts(
    container: String,
    kind: Option<Container>,
    params: &AudioCodecParameters,
    track: &Track,
    guessed_length: bool,
) -> Result<Facts, Reason> {
    let rate_hz = params.sample_rate.unwrap_or(0);
    if !RATES_HZ.contains(&rate_hz) {
        return Err(unsupported(
            "sound",
            &format!("at {rate_hz} samples per second"),
        ));
    }
    let channels = params.channels.as_ref().map_or(1, Channels::count);
    if channels > MAX_CHANNELS {
        return Err(Reason::TooManyChannels {
            channels,
            most: MAX_CHANNELS,
        });
    }
    let frame_bytes =
        u64::from(params.bits_per_coded_sample.unwrap_or(8).div_ceil(8)) * channels as u64;
    let placeholder = kind == Some(Container::Wav)
        && track
            .num_frames
            .is_some_and(|frames| frames.saturating_mul(frame_bytes) >= WAV_UNKNOWN_BYTES - 8);
    Ok(Facts {
        container,
        kind,
        codec: codec_name(params).to_owned(),
        rate_hz,
        channels,
        declared_frames: track.num_frames.filter(|_| !guessed_length && !placeholder),
        open_ended: placeholder || kind == Some(Container::Wav) && track.num_frames.is_none(),
        guessed_frames: track.num_frames.filter(|_| guessed_length),
    })
}

impl Recording {
    fn new(
        reader: Box<dyn FormatReader>,
        decoder: Box<dyn AudioDecoder>,
        track: &Track,
        mut facts: Facts,
        edit: Option<edits::Edit>,
        own_cut: bool,
    ) -> Self {
        let mut skip_frames = if own_cut {
            u64::from(track.delay.unwrap_or(0))
        } else {
            0
        };
        let mut keep_frames = facts.declared_frames.filter(|_| own_cut);
        if let (Some(edit), Some(total)) = (edit, facts.declared_frames) {
            skip_frames = edit.skip_frames.min(total);
            // The table of packets counts single samples and the edit whole ticks: where they agree within
            // a tick, the packets are exact; otherwise the edit cuts padding that they do not know of.
            let after = total - skip_frames;
            let keep = if after.abs_diff(edit.keep_frames) <= edit.tick_frames {
                after
            } else {
                edit.keep_frames
            };
            keep_frames = Some(keep.min(after));
            facts.declared_frames = keep_frames;
        }
        let mp3 = facts.kind.is_none_or(|kind| kind == Container::Mp3);
        let slack = u64::from(facts.rate_hz) * TOLERANCE_MS / 1000;
        Self {
            slack_frames: if mp3 {
                MP3_TOLERANCE_FRAMES + u64::from(track.padding.unwrap_or(0))
            } else {
                slack
            },
            timed: matches!(facts.kind, Some(Container::Ogg | Container::Flac)),
            facts,
            reader,
            decoder,
            track: track.id,
            skip_frames,
            keep_frames,
            expected_pts: None,
            interleaved: Vec::new(),
            decoded_frames: 0,
            given_frames: 0,
            read_bytes: 0,
            lost_frames: 0,
            first_loss: None,
            cut_off: false,
            ends_early: false,
            mixdown: Mixdown::default(),
        }
    }

    /// Decodes on: replaces `mono` by the next samples (perhaps none), `false` at the end.
    ///
    /// # Errors
    /// Damage beyond the limit, a second recording, values that are no sound, an unreadable disk.
    pub fn next(&mut self, mono: &mut Vec<f32>) -> Result<bool, Reason> {
        mono.clear();
        let packet = match self.reader.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => return Ok(false),
            Err(Error::IoError(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                // Where the length was unknown from the start, the end of the file is the end of the sound.
                self.cut_off = !self.facts.open_ended;
                return Ok(false);
            }
            Err(_) if self.ends_early => {
                self.cut_off = true;
                return Ok(false);
            }
            Err(Error::IoError(error)) => {
                return Err(Reason::NotReadable {
                    cause: error.to_string(),
                });
            }
            Err(Error::ResetRequired) => {
                return Err(Reason::Joined {
                    at_ms: self.milliseconds(self.decoded_frames),
                });
            }
            Err(error) => {
                // AAC streams resume at the next frame; in other containers the same error returns at once
                // and the limit ends it.
                self.lose(1024, &error.to_string(), mono)?;
                self.cut(mono);
                return Ok(true);
            }
        };
        self.read_bytes += packet.data.len() as u64;
        if packet.track_id != self.track {
            return Ok(true);
        }
        self.keep_time(&packet, mono)?;
        self.decode(&packet, mono)?;
        self.cut(mono);
        Ok(true)
    }

    /// Judges the whole after the last block.
    ///
    /// # Errors
    /// Cut off, longer than declared, checksum wrong, or channels that cancel each other.
    pub fn finish(&mut self) -> Result<(), Reason> {
        let found = self.decoded_frames.saturating_sub(self.skip_frames);
        let found_ms = self.milliseconds(found.min(self.keep_frames.unwrap_or(u64::MAX)));
        let declared = self.facts.declared_frames;
        let declared_ms = declared.map(|frames| self.milliseconds(frames));
        if self.cut_off || declared.is_some_and(|frames| found + self.slack_frames < frames) {
            return Err(Reason::Truncated {
                declared_ms,
                found_ms,
            });
        }
        let mp3 = self.facts.kind == Some(Container::Mp3);
        if let (true, Some(frames), Some(declared_ms)) = (mp3, declared, declared_ms)
            && found > frames + self.slack_frames
        {
            return Err(Reason::LengthMismatch {
                declared_ms,
                found_ms: self.milliseconds(found),
            });
        }
        if self.lost_frames == 0 && self.decoder.finalize().verify_ok == Some(false) {
            let detail = "the checksum of the whole recording is wrong".to_owned();
            return Err(Reason::Corrupt {
                at_ms: 0,
                lost_ms: 0,
                detail,
            });
        }
        if let Some(loss_db) = self.mixdown.cancelled_db() {
            return Err(Reason::ChannelsCancel { loss_db });
        }
        Ok(())
    }

    /// Bytes of sound taken from the file so far; headers and tags are not counted.
    #[must_use]
    pub fn read_bytes(&self) -> u64 {
        self.read_bytes
    }

    /// Frames handed out so far.
    #[must_use]
    pub fn given_frames(&self) -> u64 {
        self.given_frames
    }

    /// Where damage was mended and how much, in milliseconds.
    #[must_use]
    pub fn mended(&self) -> Option<(u64, u64)> {
        self.first_loss
            .as_ref()
            .map(|(at, _)| (self.milliseconds(*at), self.milliseconds(self.lost_frames)))
    }

    /// `frames` of this recording as milliseconds.
    #[must_use]
    pub fn milliseconds(&self, frames: u64) -> u64 {
        frames.saturating_mul(1000) / u64::from(self.facts.rate_hz)
    }

    fn keep_time(&mut self, packet: &Packet, mono: &mut Vec<f32>) -> Result<(), Reason> {
        if !self.timed {
            return Ok(());
        }
        let pts = packet.pts.get();
        let rate = i64::from(self.facts.rate_hz);
        match self.expected_pts {
            Some(expected) if pts > expected => {
                self.lose(pts.abs_diff(expected), "a part is missing", mono)?;
            }
            // Times that begin again are a second file behind the first.
            Some(expected) if pts + rate / 10 < expected => {
                return Err(Reason::Joined {
                    at_ms: self.milliseconds(self.decoded_frames),
                });
            }
            _ => {}
        }
        self.expected_pts =
            pts.checked_add(i64::try_from(packet.block_dur().get()).unwrap_or(i64::MAX));
        Ok(())
    }

    fn decode(&mut self, packet: &Packet, mono: &mut Vec<f32>) -> Result<(), Reason> {
        let (rate_hz, channels) = match self.decoder.decode(packet) {
            Ok(decoded) => {
                decoded.copy_to_vec_interleaved::<f32>(&mut self.interleaved);
                (decoded.spec().rate(), decoded.spec().channels().clone())
            }
            Err(error) => {
                let frames = packet.block_dur().get().clamp(1, 1 << 16);
                return self.lose(frames, &error.to_string(), mono);
            }
        };
        if rate_hz != self.facts.rate_hz && !self.interleaved.is_empty() {
            return Err(Reason::Joined {
                at_ms: self.milliseconds(self.decoded_frames),
            });
        }
        let count = channels.count();
        if count > MAX_CHANNELS {
            return Err(Reason::TooManyChannels {
                channels: count,
                most: MAX_CHANNELS,
            });
        }
        self.facts.channels = self.facts.channels.max(count);
        let before = mono.len();
        self.mixdown
            .add(&self.interleaved, count, &low_channels(&channels), mono)
            .map_err(|frame| Reason::NotNumbers {
                at_ms: self.milliseconds(self.decoded_frames + frame),
            })?;
        self.decoded_frames += (mono.len() - before) as u64;
        Ok(())
    }

    /// Takes note of a loss and puts as much silence in its place.
    fn lose(&mut self, frames: u64, detail: &str, mono: &mut Vec<f32>) -> Result<(), Reason> {
        let (at, detail) = self
            .first_loss
            .get_or_insert_with(|| (self.decoded_frames, detail.to_owned()));
        let (at, detail) = (*at, detail.clone());
        self.lost_frames = self.lost_frames.saturating_add(frames);
        let lost_ms = self.milliseconds(self.lost_frames);
        if lost_ms > MAX_LOST_MS {
            return Err(Reason::Corrupt {
                at_ms: self.milliseconds(at),
                lost_ms,
                detail,
            });
        }
        mono.resize(mono.len() + frames as usize, 0.0);
        self.decoded_frames += frames;
        Ok(())
    }

    /// Drops what belongs to the encoder: the warm-up at the start, the padding at the end.
    fn cut(&mut self, mono: &mut Vec<f32>) {
        let start = self.decoded_frames - mono.len() as u64;
        let end = self
            .keep_frames
            .map_or(u64::MAX, |keep| self.skip_frames.saturating_add(keep));
        let keep_to = end.saturating_sub(start).min(mono.len() as u64) as usize;
        mono.truncate(keep_to);
        let drop = self
            .skip_frames
            .saturating_sub(start)
            .min(mono.len() as u64) as usize;
        mono.drain(..drop);
        self.given_frames += mono.len() as u64;
    }
}

/// Which channels carry low-frequency effects, by their places in a frame.
fn low_channels(channels: &Channels) -> Vec<usize> {
    let Channels::Positioned(positions) = channels else {
        return Vec::new();
    };
    [Position::LFE1, Position::LFE2]
        .into_iter()
        .filter(|low| positions.contains(*low))
        .filter_map(|low| channels.get_canonical_index_for_positioned_channel(low))
        .collect()
}

/// What a failure to open means depends on how sure the first bytes were.
fn refused_at_probe(error: Error, kind: Option<Container>) -> Reason {
    let Some(kind) = kind else {
        return Reason::NotAudio { looks_like: None };
    };
    match error {
        Error::IoError(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
            Reason::NotReadable {
                cause: error.to_string(),
            }
        }
        Error::IoError(_) => Reason::Truncated {
            declared_ms: None,
            found_ms: 0,
        },
        // The table of contents of an M4A is often written last, the sound of a WAV always.
        Error::Unsupported(what)
            if what.contains("missing moov") || what.contains("missing data chunk") =>
        {
            Reason::Truncated {
                declared_ms: None,
                found_ms: 0,
            }
        }
        Error::Unsupported(what) if !what.contains("probe") => unsupported(kind.name(), what),
        error => Reason::Corrupt {
            at_ms: 0,
            lost_ms: 0,
            detail: error.to_string(),
        },
    }
}

fn unsupported(codec: &str, detail: &str) -> Reason {
    Reason::Unsupported {
        codec: codec.to_owned(),
        detail: detail.to_owned(),
    }
}

fn codec_name(params: &AudioCodecParameters) -> &'static str {
    let high_efficiency =
        [Some(CODEC_PROFILE_AAC_HE), Some(CODEC_PROFILE_AAC_HE_V2)].contains(&params.profile);
    match params.codec {
        CODEC_ID_AAC if high_efficiency => "HE-AAC",
        CODEC_ID_AAC => "AAC",
        CODEC_ID_OPUS => "Opus",
        CODEC_ID_ALAC => "Apple Lossless",
        CODEC_ID_SPEEX => "Speex",
        CODEC_ID_AC3 | CODEC_ID_EAC3 => "Dolby Digital",
        CODEC_ID_MP1 | CODEC_ID_MP2 => "MPEG layer 1 or 2",
        codec => symphonia::default::get_codecs()
            .get_audio_decoder(codec)
            .map_or("a codec this desk does not know", |registered| {
                registered.codec.info.long_name
            }),
    }
}
