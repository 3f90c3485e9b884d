//! A file to mono samples at its own rate, with every reason why that may not be trusted.
//!
//! The only file that names the decoding library. It cuts the encoder's warm-up and padding off, keeps the
//! time line where packets are lost. It does not resample, nor judge
//! loudness or length limits: next is the front page, `media.rs`. What kind of file it is was decided in
//! `sniff.rs`; the edit list of an M4A is read in `edits.rs`.

use std::fs::File;

use symphonia::core::audio::{Channels, Position};
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::profiles::{CODEC_PROFILE_AAC_HE, CODEC_PROFILE_AAC_HE_V2};
use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_AAC, CODEC_ID_AC3, CODEC_ID_ALAC, CODEC_ID_EAC3, CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_OPUS,
    CODEC_ID_SPEEX, CODEC_ID_VORBIS,
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
use super::timeline::{Declared, Timeline};
use super::verdict::Reason;

/// Most channels that are mixed: beyond 7.1 there is no common layout.
pub const MAX_CHANNELS: usize = 8;
/// Sample rates taken, in hertz.
const RATES_HZ: std::ops::RangeInclusive<u32> = 4_000..=384_000;
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
    timeline: Timeline,
    mixdown: Mixdown,
    /// Whether packets carry times that show a loss: Ogg and FLAC do, MP3 and AAC streams do not.
    timed: bool,
    /// The container promises more bytes than there are, so that any failure is for want of them.
    ends_early: bool,
    cut_off: bool,
    interleaved: Vec<f32>,
    read_bytes: u64,
}

/// Opens a file that was found to be audio, up to its first packet.
///
/// # Errors
/// Any [`Reason`] that the headers alone give.
pub fn open(mut file: File) -> Result<Recording, Reason> {
    let kind = kind_of(&mut file)?;
    if kind == Some(Container::Wav) {
        refuse_odd_wav(&mut file)?;
    }
    let mp4 = kind == Some(Container::Mp4);
    let edit = if mp4 { edits::first_sound_edit(&mut file).map_err(unreadable)? } else { None };
    let ends_early = mp4 && edits::ends_early(&mut file).map_err(unreadable)?;
    let guessed_length = kind == Some(Container::Adts)
        || kind.is_none_or(|kind| kind == Container::Mp3)
            && !sniff::mp3_declares_length(&mut file).map_err(unreadable)?;
    let reader = probe(file, kind)?;
    let container = kind.map_or_else(|| reader.format_info().short_name.to_owned(), |kind| kind.name().to_owned());
    let Some(track) = reader.default_track(TrackType::Audio).cloned() else {
        return Err(Reason::NoAudioTrack { container });
    };
    let Some(CodecParameters::Audio(params)) = &track.codec_params else {
        return Err(Reason::NoAudioTrack { container });
    };
    let own_cut = matches!(kind, None | Some(Container::Mp3 | Container::Adts | Container::Mp4));
    let options = AudioDecoderOptions::default().gapless(!own_cut).verify(true);
    let decoder = symphonia::default::get_codecs()
        .make_audio_decoder(params, &options)
        .map_err(|error| unsupported(codec_name(params), &error.to_string()))?;
    let facts = facts(container, kind, params, &track, guessed_length)?;
    let declared = Declared {
        rate_hz: facts.rate_hz,
        frames: facts.declared_frames,
        skip_frames: if own_cut { u64::from(track.delay.unwrap_or(0)) } else { 0 },
        padding_frames: u64::from(track.padding.unwrap_or(0)),
        cut_end: own_cut,
        mp3: matches!(kind, None | Some(Container::Mp3)),
    };
    let declared = edit.map_or(declared, |edit| declared.edited(edit));
    Ok(Recording {
        timed: matches!(kind, Some(Container::Ogg | Container::Flac)),
        facts: Facts { declared_frames: declared.frames, ..facts },
        track: track.id,
        reader,
        decoder,
        timeline: Timeline::new(declared),
        mixdown: Mixdown::default(),
        ends_early,
        cut_off: false,
        interleaved: Vec::new(),
        read_bytes: 0,
    })
}

fn kind_of(file: &mut File) -> Result<Option<Container>, Reason> {
    match sniff::sniff(file).map_err(unreadable)? {
        Sniffed::Known(kind) => Ok(Some(kind)),
        Sniffed::NoSound(what) => Err(Reason::NotAudio { looks_like: Some(what) }),
        Sniffed::OtherSound(codec) => Err(unsupported(codec, "the format is not taken")),
        Sniffed::Unknown => Ok(None),
    }
}

fn probe(file: File, kind: Option<Container>) -> Result<Box<dyn FormatReader>, Reason> {
    let stream = MediaSourceStream::new(Box::new(file), Default::default());
    symphonia::default::get_probe()
        .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(|error| refused_at_probe(error, kind))
}

/// Two WAV files copied together, and more channels than the decoder can count: with 32 or more its
/// arithmetic overflows (0.6.1).
fn refuse_odd_wav(file: &mut File) -> Result<(), Reason> {
    if sniff::wav_has_a_second(file).map_err(unreadable)? {
        return Err(Reason::Joined { at_ms: 0 });
    }
    refuse_many(sniff::wav_channels(file).map_err(unreadable)?)
}

fn refuse_many(channels: usize) -> Result<(), Reason> {
    if channels > MAX_CHANNELS {
        return Err(Reason::TooManyChannels { channels, most: MAX_CHANNELS });
    }
    Ok(())
}

fn unreadable(error: std::io::Error) -> Reason {
    Reason::NotReadable { cause: error.to_string() }
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
        return Err(unsupported("sound", &format!("at {rate_hz} samples per second")));
    }
    let channels = params.channels.as_ref().map_or(1, Channels::count);
    refuse_many(channels)?;
    // Measured over 504 streams of libvorbis: with three to eight channels the decoder garbles a third of
    // them (0.6.1), with one or two none.
    if params.codec == CODEC_ID_VORBIS && channels > 2 {
        return Err(unsupported("Ogg Vorbis", "with more than two channels"));
    }
    let frame_bytes = u64::from(params.bits_per_coded_sample.unwrap_or(8).div_ceil(8)) * channels as u64;
    let placeholder = kind == Some(Container::Wav)
        && track.num_frames.is_some_and(|frames| frames.saturating_mul(frame_bytes) >= WAV_UNKNOWN_BYTES - 8);
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
            Err(Error::IoError(error)) => return Err(unreadable(error)),
            Err(Error::ResetRequired) => {
                return Err(Reason::Joined { at_ms: self.timeline.now_ms(0) });
            }
            Err(error) => {
                // AAC streams resume at the next packet; in other containers the same error returns at
                // once, and the limit on losses ends it.
                self.timeline.lose(1024, &error.to_string(), mono)?;
                self.timeline.cut(mono);
                return Ok(true);
            }
        };
        self.read_bytes += packet.data.len() as u64;
        if packet.track_id != self.track {
            return Ok(true);
        }
        if self.timed {
            self.timeline.packet_at(packet.pts.get(), packet.block_dur().get(), mono)?;
        }
        self.decode(&packet, mono)?;
        self.timeline.cut(mono);
        Ok(true)
    }

    /// Judges the whole after the last block.
    ///
    /// # Errors
    /// Cut off, longer than declared, checksum wrong, or channels that cancel each other.
    pub fn finish(&mut self) -> Result<(), Reason> {
        self.timeline.judge(self.cut_off)?;
        if self.timeline.mended().is_none() && self.decoder.finalize().verify_ok == Some(false) {
            let detail = "the checksum of the whole recording is wrong".to_owned();
            return Err(Reason::Corrupt { at_ms: 0, lost_ms: 0, detail });
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

    /// Where it is, how long frames are, what was mended.
    #[must_use]
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    fn decode(&mut self, packet: &Packet, mono: &mut Vec<f32>) -> Result<(), Reason> {
        let (rate_hz, channels) = match self.decoder.decode(packet) {
            Ok(decoded) => {
                decoded.copy_to_vec_interleaved::<f32>(&mut self.interleaved);
                (decoded.spec().rate(), decoded.spec().channels().clone())
            }
            Err(error) => {
                let frames = packet.block_dur().get().clamp(1, 1 << 16);
                return self.timeline.lose(frames, &error.to_string(), mono);
            }
        };
        if rate_hz != self.facts.rate_hz && !self.interleaved.is_empty() {
            return Err(Reason::Joined { at_ms: self.timeline.now_ms(0) });
        }
        let count = channels.count();
        refuse_many(count)?;
        self.facts.channels = self.facts.channels.max(count);
        let before = mono.len();
        self.mixdown
            .add(&self.interleaved, count, &low_channels(&channels), mono)
            .map_err(|frame| Reason::NotNumbers { at_ms: self.timeline.now_ms(frame) })?;
        self.timeline.decoded(mono.len() - before);
        Ok(())
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
            Reason::NotReadable { cause: error.to_string() }
        }
        Error::IoError(_) => Reason::Truncated { declared_ms: None, found_ms: 0 },
        // The table of contents of an M4A is often written last, the sound of a WAV always.
        Error::Unsupported(what) if what.contains("missing moov") || what.contains("missing data chunk") => {
            Reason::Truncated { declared_ms: None, found_ms: 0 }
        }
        Error::Unsupported(what) if !what.contains("probe") => unsupported(kind.name(), what),
        error => Reason::Corrupt { at_ms: 0, lost_ms: 0, detail: error.to_string() },
    }
}

fn unsupported(codec: &str, detail: &str) -> Reason {
    Reason::Unsupported { codec: codec.to_owned(), detail: detail.to_owned() }
}

fn codec_name(params: &AudioCodecParameters) -> &'static str {
    let high_efficiency = [Some(CODEC_PROFILE_AAC_HE), Some(CODEC_PROFILE_AAC_HE_V2)].contains(&params.profile);
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
            .map_or("a codec this desk does not know", |registered| registered.codec.info.long_name),
    }
}
