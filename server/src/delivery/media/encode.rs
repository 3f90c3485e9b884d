//! Samples to the bytes that are stored and sent: mono Ogg Vorbis of about 64 kbit/s, or mono 16-bit FLAC.
//!
//! The only file that names the two encoders. Both give the same bytes for the same samples every time (no
//! random stream number, no date), so that the same upload is the same clip on any desk. Where the bytes
//! go is `shelf.rs`; whether they came out well is checked by decoding them, in the front page.

use std::fs::File;
use std::io::{BufWriter, Seek, Write};
use std::num::{NonZeroU8, NonZeroU32};

use flacenc::bitsink::ByteSink;
use flacenc::component::{BitRepr, Stream, StreamInfo};
use flacenc::config;
use flacenc::error::{Verified, Verify};
use flacenc::source::{Context, Fill, FrameBuf};
use serde::{Deserialize, Serialize};
use vorbis_rs::{VorbisBitrateManagementStrategy, VorbisEncoder, VorbisEncoderBuilder};

use super::resample::RATE_HZ;

/// How a rendition is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// Mono Ogg Vorbis, 48 kHz, about 64 kbit/s.
    OggVorbis,
    /// Mono FLAC, 48 kHz, 16 bit.
    Flac,
}

/// Counts up whenever the same samples would give other bytes, so that a shelf does not take an older
/// rendition for a new one.
pub const ENCODER_GENERATION: u32 = 1;

/// Aimed at, bit/s; speech comes out a little below.
const TARGET_BITRATE: NonZeroU32 = NonZeroU32::new(64_000).unwrap();
/// Ogg asks for a number unique within one file (RFC 3533 §4); with one stream any number is.
const STREAM_SERIAL: i32 = 0x4c6f61;
/// Samples in one FLAC block; the common choice at this rate (RFC 9639 §4.1 allows 16 to 65535).
const BLOCK_FRAMES: usize = 4096;

/// An encoder that writes as it goes.
pub struct Encoder(Kind);

enum Kind {
    Vorbis(Box<VorbisEncoder<BufWriter<File>>>),
    Flac(Box<FlacWriter>),
}

impl Encoder {
    /// Begins a rendition in an empty file.
    ///
    /// # Errors
    /// The encoder's or the disk's words.
    pub fn new(format: Format, file: File) -> Result<Self, String> {
        Ok(Self(match format {
            Format::OggVorbis => Kind::Vorbis(Box::new(vorbis(file, RATE_HZ, 1, usual_strategy())?)),
            Format::Flac => Kind::Flac(Box::new(FlacWriter::new(file, RATE_HZ, 1)?)),
        }))
    }

    /// Adds mono samples.
    ///
    /// # Errors
    /// The encoder's or the disk's words.
    pub fn add(&mut self, block: &[f32]) -> Result<(), String> {
        if block.is_empty() {
            // To the Vorbis encoder an empty block is the end of the stream.
            return Ok(());
        }
        match &mut self.0 {
            Kind::Vorbis(encoder) => encoder.encode_audio_block([block]).map_err(|error| error.to_string()),
            Kind::Flac(encoder) => encoder.add(block),
        }
    }

    /// Writes what is left and the headers that were waiting for it.
    ///
    /// # Errors
    /// The encoder's or the disk's words.
    pub fn finish(self) -> Result<(), String> {
        match self.0 {
            Kind::Vorbis(encoder) => {
                let mut file = encoder.finish().map_err(|error| error.to_string())?;
                file.flush().map_err(|error| error.to_string())
            }
            Kind::Flac(encoder) => encoder.finish(),
        }
    }
}

fn vorbis(
    file: File,
    rate_hz: u32,
    channels: u8,
    strategy: VorbisBitrateManagementStrategy,
) -> Result<VorbisEncoder<BufWriter<File>>, String> {
    let rate_hz = NonZeroU32::new(rate_hz).ok_or("no sample rate")?;
    let channels = NonZeroU8::new(channels).ok_or("no channels")?;
    VorbisEncoderBuilder::new_with_serial(rate_hz, channels, BufWriter::new(file), STREAM_SERIAL)
        .bitrate_management_strategy(strategy)
        .build()
        .map_err(|error| error.to_string())
}

/// Plain quality-driven coding: the managed modes pad quiet speech up to the rate, and cost more for it.
fn usual_strategy() -> VorbisBitrateManagementStrategy {
    VorbisBitrateManagementStrategy::Vbr { target_bitrate: TARGET_BITRATE }
}

/// FLAC block by block. The library's own loop keeps the whole coded stream in memory; this keeps one block.
struct FlacWriter {
    file: BufWriter<File>,
    config: Verified<config::Encoder>,
    info: StreamInfo,
    context: Context,
    block: FrameBuf,
    waiting: Vec<i32>,
    channels: usize,
    frame_bytes: (usize, usize),
}

impl FlacWriter {
    fn new(file: File, rate_hz: u32, channels: usize) -> Result<Self, String> {
        let mut config = config::Encoder::default();
        config.multithread = false;
        let config = config.into_verified().map_err(|(_, error)| error.to_string())?;
        let mut info = StreamInfo::new(rate_hz as usize, channels, 16).map_err(|error| error.to_string())?;
        info.set_block_sizes(BLOCK_FRAMES, BLOCK_FRAMES).map_err(|error| error.to_string())?;
        let block = FrameBuf::with_size(channels, BLOCK_FRAMES).map_err(|error| error.to_string())?;
        let mut writer = Self {
            file: BufWriter::new(file),
            config,
            info,
            context: Context::new(16, channels),
            block,
            waiting: Vec::new(),
            channels,
            frame_bytes: (usize::MAX, 0),
        };
        writer.header((0, 0))?;
        Ok(writer)
    }

    fn add(&mut self, interleaved: &[f32]) -> Result<(), String> {
        // Rounded without dither: at −16 LUFS the error is 80 dB below the speech, and noise costs bits.
        self.waiting
            .extend(interleaved.iter().map(|sample| (sample * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i32));
        let whole = BLOCK_FRAMES * self.channels;
        while self.waiting.len() >= whole {
            self.write_block(whole)?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), String> {
        if !self.waiting.is_empty() {
            self.write_block(self.waiting.len())?;
        }
        self.info.set_total_samples(self.context.total_samples());
        self.info.set_md5_digest(&self.context.md5_digest());
        self.file.rewind().map_err(|error| error.to_string())?;
        let sizes = if self.frame_bytes.1 == 0 { (0, 0) } else { self.frame_bytes };
        self.header(sizes)?;
        self.file.flush().map_err(|error| error.to_string())
    }

    fn write_block(&mut self, samples: usize) -> Result<(), String> {
        let block = self.waiting.drain(..samples).collect::<Vec<_>>();
        self.block.fill_interleaved(&block).map_err(|error| error.to_string())?;
        self.context.fill_interleaved(&block).map_err(|error| error.to_string())?;
        let number = self.context.current_frame_number().unwrap_or(0);
        let frame = flacenc::encode_fixed_size_frame(&self.config, &self.block, number, &self.info)
            .map_err(|error| error.to_string())?;
        let mut bytes = ByteSink::new();
        frame.write(&mut bytes).map_err(|error| error.to_string())?;
        let size = bytes.as_slice().len();
        self.frame_bytes = (self.frame_bytes.0.min(size), self.frame_bytes.1.max(size));
        self.file.write_all(bytes.as_slice()).map_err(|error| error.to_string())
    }

    /// `fLaC` and STREAMINFO: always 42 bytes, so that it can be written again at the end.
    fn header(&mut self, frame_bytes: (usize, usize)) -> Result<(), String> {
        self.info.set_frame_sizes(frame_bytes.0, frame_bytes.1).map_err(|error| error.to_string())?;
        let mut bytes = ByteSink::new();
        Stream::with_stream_info(self.info.clone()).write(&mut bytes).map_err(|error| error.to_string())?;
        self.file.write_all(bytes.as_slice()).map_err(|error| error.to_string())
    }
}

/// Sources for the tests of the whole ingest, at any rate and with any number of channels.
#[cfg(test)]
pub mod sources {
    use super::*;

    /// Ogg Vorbis of planar channels.
    pub fn ogg(file: File, rate_hz: u32, channels: &[Vec<f32>]) {
        // By quality: at unusual rates the encoder has no mode for a given bit rate.
        let strategy = VorbisBitrateManagementStrategy::QualityVbr { target_quality: 0.9 };
        let mut encoder = vorbis(file, rate_hz, channels.len() as u8, strategy).unwrap();
        let frames = channels[0].len();
        for start in (0..frames).step_by(1024) {
            let end = frames.min(start + 1024);
            let block = channels.iter().map(|channel| &channel[start..end]);
            encoder.encode_audio_block(block.collect::<Vec<_>>()).unwrap();
        }
        encoder.finish().unwrap().flush().unwrap();
    }

    /// 16-bit FLAC of planar channels.
    pub fn flac(file: File, rate_hz: u32, channels: &[Vec<f32>]) {
        let mut writer = FlacWriter::new(file, rate_hz, channels.len()).unwrap();
        for frame in 0..channels[0].len() {
            writer.add(&channels.iter().map(|channel| channel[frame]).collect::<Vec<_>>()).unwrap();
        }
        writer.finish().unwrap();
    }
}
